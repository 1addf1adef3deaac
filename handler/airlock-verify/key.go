package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
)

// trusted are the public keys that the person who checks has given. A signature by
// any other key counts for nothing.
type trusted []*ecdsa.PublicKey

// readKeys reads key sets as GET /api/receipt-keys answers them, and PEM files of
// public keys or certificates.
func readKeys(files []string) (trusted, error) {
	var all trusted
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		keys, err := parseKeys(content)
		if err != nil {
			return nil, fmt.Errorf("%s %w", file, err)
		}
		all = append(all, keys...)
	}
	return all, nil
}

func parseKeys(content []byte) (trusted, error) {
	if block, _ := pem.Decode(content); block != nil {
		return parsePEM(content)
	}
	return parseKeySet(content)
}

// parseKeySet reads the EC P-256 keys of a JSON Web Key Set (RFC 7517, RFC 7518
// section 6.2).
func parseKeySet(content []byte) (trusted, error) {
	var set struct {
		Keys []struct{ Kty, Crv, X, Y string } `json:"keys"`
	}
	if err := json.Unmarshal(content, &set); err != nil || len(set.Keys) == 0 {
		return nil, fmt.Errorf("is neither a key set as /api/receipt-keys answers it nor a PEM file")
	}
	var keys trusted
	for i, k := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		if k.Kty != "EC" || k.Crv != "P-256" || errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
			return nil, fmt.Errorf("has another kind of key than EC P-256 at place %d", i+1)
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return nil, fmt.Errorf("has a key at place %d that is no point of the curve", i+1)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parsePEM(content []byte) (trusted, error) {
	var keys trusted
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		var parsed any
		var err error
		switch block.Type {
		case "PUBLIC KEY":
			parsed, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "CERTIFICATE":
			var c *x509.Certificate
			if c, err = x509.ParseCertificate(block.Bytes); err == nil {
				parsed = c.PublicKey
			}
		default:
			return nil, fmt.Errorf("holds a %s; a PUBLIC KEY or CERTIFICATE is needed", block.Type)
		}
		if err != nil {
			return nil, err
		}
		key, ok := parsed.(*ecdsa.PublicKey)
		if !ok || key.Curve != elliptic.P256() {
			return nil, fmt.Errorf("holds a key that is no ECDSA P-256 key")
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// signed returns the id under which one of the keys made one of the signatures.
func (t trusted) signed(o opened) (keyID string, ok bool) {
	digest := sha256.Sum256(o.signed)
	for _, s := range o.sigs {
		for _, key := range t {
			if s.alg == "ES256" && ecdsa.VerifyASN1(key, digest[:], s.sig) {
				return s.keyID, true
			}
		}
	}
	return "", false
}

// has reports whether every key of others is among the trusted ones.
func (t trusted) has(others trusted) bool {
	return !slices.ContainsFunc(others, func(k *ecdsa.PublicKey) bool {
		return !slices.ContainsFunc(t, func(known *ecdsa.PublicKey) bool { return known.Equal(k) })
	})
}
