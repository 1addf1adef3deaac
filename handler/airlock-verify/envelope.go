package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// envelope is a DSSE envelope (github.com/secure-systems-lab/dsse).
type envelope struct {
	Payload     string `json:"payload"`
	PayloadType string `json:"payloadType"`
	Signatures  []struct {
		KeyID string `json:"keyid"`
		Alg   string `json:"alg"`
		Sig   string `json:"sig"`
	} `json:"signatures"`
}

// opened is an envelope taken apart.
type opened struct {
	payload []byte
	signed  []byte // the bytes under the signatures
	sigs    []signature
}

type signature struct {
	keyID, alg string
	sig        []byte
}

// openEnvelope takes apart an envelope of one payload type.
func openEnvelope(body []byte, payloadType string) (opened, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return opened{}, errors.New("it is no JSON envelope")
	}
	if e.PayloadType != payloadType {
		return opened{}, fmt.Errorf("its payload type is %q, not %q", e.PayloadType, payloadType)
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		return opened{}, errors.New("its payload is no base64")
	}
	o := opened{payload: payload}
	o.signed = append(fmt.Appendf(nil, "DSSEv1 %d %s %d ", len(payloadType), payloadType, len(payload)), payload...)
	for _, s := range e.Signatures {
		sig, err := base64.StdEncoding.DecodeString(s.Sig)
		if err != nil {
			return opened{}, errors.New("a signature is no base64")
		}
		o.sigs = append(o.sigs, signature{s.KeyID, s.Alg, sig})
	}
	return o, nil
}
