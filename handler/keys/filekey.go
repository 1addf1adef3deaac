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
)

// fileKey is a signing key from a file.
type fileKey struct {
	private *ecdsa.PrivateKey
	id      string
}

// openFileKey reads a PEM file. Its errors tell the path and nothing of the content.
func openFileKey(path string) (*fileKey, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator's own setting names the file
	if err != nil {
		return nil, err
	}
	private, err := parsePrivate(text)
	if err == nil {
		err = checkCurve(&private.PublicKey)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	id, err := publicKeyID(&private.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("%s has no usable public key", path)
	}
	return &fileKey{private: private, id: id}, nil
}

// parsePrivate finds the key; `openssl ecparam -genkey` writes the curve into a
// block of its own before it.
func parsePrivate(text []byte) (*ecdsa.PrivateKey, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "EC PRIVATE KEY":
			if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
				return key, nil
			}
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if key, ok := parsed.(*ecdsa.PrivateKey); ok && err == nil {
				return key, nil
			}
		}
	}
	return nil, errors.New("holds no EC private key in PEM form")
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

func (k *fileKey) public(context.Context) (*ecdsa.PublicKey, string, error) {
	return &k.private.PublicKey, k.id, nil
}
