package proof

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
)

// Keys are the public keys that are believed.
type Keys []*ecdsa.PublicKey

// ParseKeys reads a key set as the API answers it (RFC 7517), or PEM.
func ParseKeys(content []byte) (Keys, error) {
	if block, _ := pem.Decode(content); block != nil {
		return parsePEM(content)
	}
	var set struct {
		Keys []struct{ Kty, Crv, X, Y string } `json:"keys"`
	}
	if err := json.Unmarshal(content, &set); err != nil || len(set.Keys) == 0 {
		return nil, errors.New("there are no keys in it: a key set as /receipt-keys answers it is needed, or PEM")
	}
	var keys Keys
	for _, k := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		if k.Kty != "EC" || k.Crv != "P-256" || errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
			return nil, errors.New("a key is of another kind than EC P-256")
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return nil, errors.New("a key is no point of its curve")
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parsePEM(content []byte) (Keys, error) {
	var keys Keys
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		key, ok := parsed.(*ecdsa.PublicKey)
		if err != nil || !ok || key.Curve != elliptic.P256() {
			return nil, errors.New("a PEM block is no EC P-256 public key")
		}
		keys = append(keys, key)
	}
	return keys, nil
}
