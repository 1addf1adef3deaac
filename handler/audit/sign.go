package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"example.org/airlock/handler/airlock"
)

// Sign returns an ECDSA P-256 signature as raw r||s over a SHA-256 digest, and
// the id of its key.
type Sign func(ctx context.Context, digest []byte) (signature []byte, keyID string, err error)

// PublicKey returns the public half of one of the service's signing keys, also of
// one that signs no more. Errors: airlock.ErrUnknownKey for an id that is none of
// them; others mean that the keys cannot be read now.
type PublicKey func(ctx context.Context, keyID string) (*ecdsa.PublicKey, error)

// signed returns the envelope around payload, signed with ES256.
func signed(ctx context.Context, payloadType string, payload []byte, sign Sign) ([]byte, error) {
	digest := sha256.Sum256(preAuth(payloadType, payload))
	raw, keyID, err := sign(ctx, digest[:])
	if err != nil {
		return nil, err
	}
	der, err := derSignature(raw)
	if err != nil {
		return nil, err
	}
	return seal(payloadType, payload, Signature{KeyID: keyID, Alg: "ES256", Sig: base64.StdEncoding.EncodeToString(der)})
}

// maxSignatures bounds the keys that a planted envelope can make this service look up. Its
// own envelopes have one signature.
const maxSignatures = 4

// genuine returns the payload of an envelope that one of the service's keys
// signed. Errors: ErrBadEnvelope for any other bytes; those of key.
func genuine(ctx context.Context, payloadType string, body []byte, key PublicKey) ([]byte, error) {
	var e Envelope
	if err := json.Unmarshal(body, &e); err != nil || e.PayloadType != payloadType || len(e.Signatures) > maxSignatures {
		return nil, ErrBadEnvelope
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		return nil, ErrBadEnvelope
	}
	digest := sha256.Sum256(preAuth(payloadType, payload))
	for _, s := range e.Signatures {
		sig, err := base64.StdEncoding.DecodeString(s.Sig)
		if err != nil || s.Alg != "ES256" {
			continue
		}
		public, err := key(ctx, s.KeyID)
		if errors.Is(err, airlock.ErrUnknownKey) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("audit: verify: %w", err)
		}
		if ecdsa.VerifyASN1(public, digest[:], sig) {
			return payload, nil
		}
	}
	return nil, ErrBadEnvelope
}

// derSignature writes a raw P-256 signature as ASN.1 DER, the form openssl and
// the DSSE tools read.
func derSignature(raw []byte) ([]byte, error) {
	const half = 32
	if len(raw) != 2*half {
		return nil, errors.New("audit: not an ES256 signature")
	}
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
