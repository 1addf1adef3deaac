package keys

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// shortest is the least length of a sealing key: that of the digest (RFC 2104).
const shortest = sha256.Size

const readStateKey = "read state key"

// openRing reads the keys in a file. Its errors tell the path and nothing of the content.
func openRing(path string) (ring, error) {
	content, err := os.ReadFile(path) //nolint:gosec // the operator's own setting names the file
	if err != nil {
		return nil, err
	}
	var keys ring
	for line := range strings.Lines(strings.TrimSpace(string(content))) {
		key, err := decodeKey(line)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d %w", path, len(keys)+1, err)
		}
		keys = append(keys, newSealKey(key))
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s holds no key", path)
	}
	return keys, nil
}

// fetch reads the secret's version that seals, and all other enabled versions.
// To disable a version is to say that its seals count no more.
func (s *Sealer) fetch(ctx context.Context) (ring, error) {
	first, version, err := s.version(ctx, s.vault.version)
	if err != nil {
		return nil, err
	}
	keys := ring{first}
	for pager := s.client.NewListSecretPropertiesVersionsPager(s.vault.name, nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, faultOf(readStateKey, s.vault.account, err)
		}
		for _, item := range page.Value {
			if item.ID == nil || item.ID.Version() == version || item.Attributes == nil || item.Attributes.Enabled == nil || !*item.Attributes.Enabled {
				continue
			}
			older, _, err := s.version(ctx, item.ID.Version())
			if err != nil {
				return nil, err
			}
			keys = append(keys, older)
		}
	}
	return keys, nil
}

// version reads one version of the secret, the newest for "".
func (s *Sealer) version(ctx context.Context, version string) (sealKey, string, error) {
	answer, err := s.client.GetSecret(ctx, s.vault.name, version, nil)
	if err != nil {
		return sealKey{}, "", faultOf(readStateKey, s.vault.account, err)
	}
	if answer.Value == nil || answer.ID == nil {
		return sealKey{}, "", unusable(readStateKey, s.vault.account, "the secret has no value")
	}
	key, err := decodeKey(*answer.Value)
	if err != nil {
		return sealKey{}, "", unusable(readStateKey, s.vault.account, "the secret "+err.Error())
	}
	return newSealKey(key), answer.ID.Version(), nil
}

// decodeKey reads a key written as hexadecimal or base64; a text that could be either
// is hexadecimal. A passphrase is no key.
func decodeKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		key, err := decode(text)
		if err != nil {
			continue
		}
		if len(key) < shortest {
			break
		}
		return key, nil
	}
	return nil, errors.New("is not base64 or hexadecimal text of at least 32 bytes")
}
