package inspect

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

// keyBytes is how much the key is made of, at each of its places.
const keyBytes = 64 << 10

// fileKey is a key that whoever has the file can make, and nobody else: it is the hash of
// its beginning, its middle and its end. So a kept state says nothing to anybody who could
// not read the file itself.
func fileKey(src Source) ([]byte, error) {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64([]byte("airlock inspect state 1"), uint64(src.Size()))) //nolint:gosec // not negative
	b := make([]byte, min(keyBytes, src.Size()))
	last := src.Size() - int64(len(b))
	for _, at := range []int64{0, last / 2, last} {
		if err := readAt(src, b, at); err != nil {
			return nil, err
		}
		h.Write(b)
	}
	return h.Sum(nil), nil
}

// sealing is AES-256-GCM. The nonce comes of the text, so that it is never used for two.
func sealing(key []byte) (cipher.AEAD, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("inspect: seal: %w", err)
	}
	aead, err := cipher.NewGCM(c)
	if err != nil {
		return nil, fmt.Errorf("inspect: seal: %w", err)
	}
	return aead, nil
}

// seal compresses a text and makes it unreadable without the key.
func seal(key, text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("inspect: seal: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("inspect: seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("inspect: seal: %w", err)
	}
	aead, err := sealing(key)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	nonce := mac.Sum(nil)[:aead.NonceSize()]
	return aead.Seal(nonce, nonce, b.Bytes(), nil), nil
}

// maxUnsealed bounds a state that is not compressed.
const maxUnsealed = 16 << 20

// unseal is the text that was sealed, or ErrState.
func unseal(key, sealed []byte) ([]byte, error) {
	aead, err := sealing(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrState
	}
	b, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		return nil, ErrState
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), maxUnsealed))
	if err != nil {
		return nil, ErrState
	}
	return text, nil
}
