package keys

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"

	"example.org/airlock/handler/airlock"
)

// fileKey is a signing key that was read from a file, with the public halves of
// those that signed before it.
type fileKey struct {
	private *ecdsa.PrivateKey
	id      string
	all     []airlock.PublicKey // the oldest first, the one that signs last
}

// openFileKey reads a PEM file. Its errors tell the path and nothing of the content.
func openFileKey(path string) (*fileKey, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator's own setting names the file
	if err != nil {
		return nil, err
	}
	private, others, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	k := &fileKey{private: private}
	for _, public := range append([]*ecdsa.PublicKey{&private.PublicKey}, others...) {
		if err := checkCurve(public); err != nil {
			return nil, fmt.Errorf("%s %w", path, err)
		}
		id, err := publicKeyID(public)
		if err != nil {
			return nil, fmt.Errorf("%s has no usable public key", path)
		}
		k.all = append(k.all, airlock.PublicKey{ID: id, Key: public})
	}
	k.id = k.all[0].ID
	slices.Reverse(k.all)
	return k, nil
}

// parseKeys returns the first key of a file and the public halves of the others.
// `openssl ecparam -genkey` writes the curve into a block of its own before a key.
func parseKeys(text []byte) (private *ecdsa.PrivateKey, others []*ecdsa.PublicKey, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		key, public := parseKey(block)
		switch {
		case public == nil: // not a key, or none of ours
		case private != nil:
			others = append(others, public)
		case key == nil:
			return nil, nil, errors.New("begins with a public key: the key that signs comes first")
		default:
			private = key
		}
	}
	if private == nil {
		return nil, nil, errors.New("holds no EC private key in PEM form")
	}
	return private, others, nil
}

// parseKey returns the EC key of a block, nil where there is none.
func parseKey(block *pem.Block) (private *ecdsa.PrivateKey, public *ecdsa.PublicKey) {
	var parsed any
	switch block.Type {
	case "EC PRIVATE KEY":
		if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			parsed = key
		}
	case "PRIVATE KEY":
		parsed, _ = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "PUBLIC KEY":
		parsed, _ = x509.ParsePKIXPublicKey(block.Bytes)
	}
	switch key := parsed.(type) {
	case *ecdsa.PrivateKey:
		return key, &key.PublicKey
	case *ecdsa.PublicKey:
		return nil, key
	}
	return nil, nil
}

func (k *fileKey) sign(_ context.Context, digest []byte) ([]byte, string, error) {
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest)
	if err != nil {
		return nil, "", unusable("sign", "file", "the key cannot sign")
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return raw, k.id, nil
}

func (k *fileKey) publicKeys(context.Context) ([]airlock.PublicKey, error) { return k.all, nil }

func (k *fileKey) publicKey(_ context.Context, id string) (*ecdsa.PublicKey, error) {
	return find(k.all, id)
}
