package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Anchors and receipts lie in a DSSE envelope
// (github.com/secure-systems-lab/dsse, v1.0.0): the payload's exact bytes as
// base64, and signatures over the payload together with its type. A reader
// never has to print JSON the way the writer did.

// ErrBadEnvelope means that bytes are no envelope of the wanted payload type.
var ErrBadEnvelope = errors.New("audit: not an envelope of this type")

// Envelope is a stored anchor or receipt.
type Envelope struct {
	Payload     string      `json:"payload"` // base64
	PayloadType string      `json:"payloadType"`
	Signatures  []Signature `json:"signatures"`
}

// Signature is one signature, or keyed digest, of an envelope.
type Signature struct {
	KeyID string `json:"keyid"`
	Alg   string `json:"alg"` // an addition to DSSE: "ES256" or "HS256"
	Sig   string `json:"sig"` // base64; ES256 as ASN.1 DER, as openssl reads it
}

// preAuth returns the bytes to sign: DSSE's pre-authentication encoding, which keeps a
// receipt from ever being taken for something of another type.
func preAuth(payloadType string, payload []byte) []byte {
	var b bytes.Buffer
	for _, part := range []string{"DSSEv1", strconv.Itoa(len(payloadType)), payloadType, strconv.Itoa(len(payload))} {
		b.WriteString(part + " ")
	}
	b.Write(payload)
	return b.Bytes()
}

// seal returns the envelope around payload with one signature.
func seal(payloadType string, payload []byte, s Signature) ([]byte, error) {
	body, err := json.Marshal(Envelope{
		Payload: base64.StdEncoding.EncodeToString(payload), PayloadType: payloadType, Signatures: []Signature{s},
	})
	if err != nil {
		return nil, fmt.Errorf("audit: seal: %w", err)
	}
	return append(body, '\n'), nil
}

// printed returns v as JSON on one line, with characters as they are.
func printed(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("audit: print: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
