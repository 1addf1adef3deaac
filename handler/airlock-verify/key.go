package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// macKey is a key of the anchors.
type macKey []byte

// keyLength is the least length of a key of the anchors.
const keyLength = 32

// readKeys reads key files: raw bytes, or text in hexadecimal or base64.
func readKeys(files []string) ([]macKey, error) {
	var keys []macKey
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		key := content
		if printable(content) {
			key = decodeKey(strings.TrimSpace(string(content)))
		}
		if len(key) < keyLength {
			return nil, fmt.Errorf("%s holds no key: at least %d bytes, raw or as hexadecimal or base64 text", file, keyLength)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func printable(b []byte) bool {
	return utf8.Valid(b) && strings.IndexFunc(string(b), func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }) < 0
}

// decodeKey returns nil for a text that is no key. What could be either is
// hexadecimal.
func decodeKey(text string) []byte {
	if key, err := hex.DecodeString(text); err == nil && len(key) >= keyLength {
		return key
	}
	// Both alphabets of base64, with and without padding.
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	key, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return key
}

// sealedBy reports whether one of the keys made one of the digests.
func sealedBy(keys []macKey, o opened) bool {
	for _, key := range keys {
		h := hmac.New(sha256.New, key)
		h.Write(o.signed)
		want := h.Sum(nil)
		for _, s := range o.sigs {
			if s.alg == "HS256" && hmac.Equal(s.sig, want) {
				return true
			}
		}
	}
	return false
}

// readPublicKey reads an ECDSA P-256 public key, or a certificate of one.
func readPublicKey(file string) (*ecdsa.PublicKey, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file", file)
	}
	var key any
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "CERTIFICATE":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = c.PublicKey
		}
	default:
		return nil, fmt.Errorf("%s holds a %s; a PUBLIC KEY or CERTIFICATE is needed", file, block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	public, ok := key.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%s is no ECDSA P-256 key", file)
	}
	return public, nil
}

// signedBy returns the id under which public made one of the signatures.
func signedBy(public *ecdsa.PublicKey, o opened) (keyID string, ok bool) {
	digest := sha256.Sum256(o.signed)
	for _, s := range o.sigs {
		if s.alg == "ES256" && ecdsa.VerifyASN1(public, digest[:], s.sig) {
			return s.keyID, true
		}
	}
	return "", false
}
