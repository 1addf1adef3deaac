package keys

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"example.org/airlock/handler/azure"
)

// shortest is the least length of a sealing key: that of the digest (RFC 2104).
const shortest = sha256.Size

// Sealer computes HMAC-SHA-256 with a secret key. It is safe for concurrent use.
type Sealer struct {
	file   *sealKey // nil: the key is in a vault
	vault  location
	client *azsecrets.Client
	key    *azure.Memo[struct{}, sealKey]
}

// sealKey is one version of the key.
type sealKey struct {
	secret secret
	id     string
}

// OpenSealer opens the key at file:///abs/path (at least 32 bytes: raw, or as
// base64 or hexadecimal text) or at https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
// (base64 or hexadecimal text). A file is read now; a vault is asked at the first
// use and, without a version, again every hour.
func OpenSealer(location string, credential azcore.TokenCredential, options azcore.ClientOptions) (*Sealer, error) {
	l, err := parse(location, "secrets")
	if err != nil {
		return nil, fmt.Errorf("keys: the anchor key's location %w", err)
	}
	s := &Sealer{vault: l, key: newMemo[sealKey]()}
	if l.file != "" {
		k, err := openSealFile(l.file)
		if err != nil {
			return nil, fmt.Errorf("keys: anchor key: %w", err)
		}
		s.file = &k
		return s, nil
	}
	if s.client, err = azsecrets.NewClient(l.vault, credential, &azsecrets.ClientOptions{ClientOptions: withRetry(options)}); err != nil {
		return nil, fmt.Errorf("keys: anchor key: vault %s: %w", l.account, err)
	}
	return s, nil
}

// MAC returns HMAC-SHA-256 over b and the id of the key. The id does not reveal
// the key. Errors are *airlock.Fault.
func (s *Sealer) MAC(ctx context.Context, b []byte) (mac []byte, keyID string, err error) {
	if s.file != nil {
		return s.file.mac(b), s.file.id, nil
	}
	k, err := s.fetch(ctx)
	if err != nil {
		return nil, "", err
	}
	return k.mac(b), k.id, nil
}

func (k sealKey) mac(b []byte) []byte {
	h := hmac.New(sha256.New, k.secret.reveal())
	h.Write(b)
	return h.Sum(nil)
}

func (s *Sealer) fetch(ctx context.Context) (sealKey, error) {
	const operation = "read anchor key"
	key, err := s.key.Get(ctx, struct{}{}, func(ctx context.Context) (sealKey, error) {
		answer, err := s.client.GetSecret(ctx, s.vault.name, s.vault.version, nil)
		if err != nil {
			return sealKey{}, faultOf(operation, s.vault.account, err)
		}
		if answer.Value == nil || answer.ID == nil {
			return sealKey{}, unusable(operation, s.vault.account, "the secret has no value")
		}
		key, err := decodeText(*answer.Value)
		if err != nil {
			return sealKey{}, unusable(operation, s.vault.account, "the secret "+err.Error())
		}
		return sealKey{secret: newSecret(key), id: string(*answer.ID)}, nil
	})
	return key, faultOf(operation, s.vault.account, err)
}

// openSealFile reads a key. Its errors tell the path and nothing of the content.
func openSealFile(path string) (sealKey, error) {
	content, err := os.ReadFile(path) //nolint:gosec // the operator's own setting names the file
	if err != nil {
		return sealKey{}, err
	}
	key := content
	if isText(content) {
		if key, err = decodeText(string(content)); err != nil {
			return sealKey{}, fmt.Errorf("%s %w", path, err)
		}
	}
	if len(key) < shortest {
		return sealKey{}, fmt.Errorf("%s holds fewer than %d bytes", path, shortest)
	}
	k := sealKey{secret: newSecret(key)}
	sum := sha256.Sum256(k.mac([]byte("id")))
	k.id = "file:" + hex.EncodeToString(sum[:8])
	return k, nil
}

// isText reports whether a file was written to be read: a passphrase in it would
// be no key, so text must be an encoding of one.
func isText(b []byte) bool {
	return utf8.Valid(b) && strings.IndexFunc(string(b), func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }) < 0
}

// decodeText reads a key written as hexadecimal or base64; what could be either
// is hexadecimal.
func decodeText(text string) ([]byte, error) {
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

// Try seals nothing. Errors are those of MAC.
func (s *Sealer) Try(ctx context.Context) error {
	_, _, err := s.MAC(ctx, nil)
	return err
}
