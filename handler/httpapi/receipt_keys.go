package httpapi

import (
	"context"
	"encoding/base64"

	"example.org/airlock/handler/airlock"
)

// ReceiptKeysAnswer is the answer of GetReceiptKeys.
type ReceiptKeysAnswer struct{ Body KeySet }

// KeySet is a JSON Web Key Set (RFC 7517). It is for everybody: who checks a
// receipt outside needs nothing else from here, and a public key is no secret.
type KeySet struct {
	Keys []PublicKey `json:"keys" nullable:"false" doc:"The oldest first; the last one signs now. A version that was disabled in the vault is left out: its signatures count no more."`
}

// PublicKey is a public key of RFC 7518, section 6.2.
type PublicKey struct {
	KeyType   string `json:"kty" enum:"EC"`
	Curve     string `json:"crv" enum:"P-256"`
	Use       string `json:"use" enum:"sig"`
	Algorithm string `json:"alg" enum:"ES256"`
	KeyID     string `json:"kid" doc:"The keyid of the signatures made with it."`
	X         string `json:"x" doc:"base64url, 32 bytes."`
	Y         string `json:"y" doc:"base64url, 32 bytes."`
}

func (a *API) receiptKeys(ctx context.Context, _ *call, _ *struct{}) (*ReceiptKeysAnswer, error) {
	keys, err := a.config.Operations.ReceiptKeys(ctx)
	if err != nil {
		return nil, err
	}
	set, err := keySetView(keys)
	return &ReceiptKeysAnswer{Body: set}, err
}

func keySetView(keys []airlock.PublicKey) (KeySet, error) {
	set := KeySet{Keys: []PublicKey{}}
	for _, k := range keys {
		view, err := publicKeyView(k)
		if err != nil {
			return KeySet{}, err
		}
		set.Keys = append(set.Keys, view)
	}
	return set, nil
}

func publicKeyView(k airlock.PublicKey) (PublicKey, error) {
	point, err := k.Key.Bytes() // 4, x, y: the uncompressed point
	if err != nil {
		return PublicKey{}, err
	}
	x, y := point[1:33], point[33:]
	return PublicKey{KeyType: "EC", Curve: "P-256", Use: "sig", Algorithm: "ES256", KeyID: k.ID,
		X: base64.RawURLEncoding.EncodeToString(x), Y: base64.RawURLEncoding.EncodeToString(y)}, nil
}
