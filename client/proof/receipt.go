package proof

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	receiptType   = "application/vnd.airlock.receipt+json"
	receiptFormat = "airlock-receipt/1"
)

// Receipt is the part of a release receipt that a download needs.
type Receipt struct {
	Format    string    `json:"format"`
	Request   string    `json:"request"`
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Files     []File    `json:"files"`
	Released  time.Time `json:"releasedAt"`
	Workspace struct {
		ID          string `json:"id"`
		DisplayName string `json:"displayName"`
	} `json:"workspace"`
}

// File is a released file. Without SHA256 it was above the policy's limit for hashing.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// OpenReceipt returns a receipt's content if one of the keys signed it (DSSE envelope;
// docs/audit-format.md).
func OpenReceipt(stored []byte, keys Keys) (Receipt, error) {
	var r Receipt
	payload, err := open(stored, receiptType, keys)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(payload, &r); err != nil || r.Format != receiptFormat {
		return Receipt{}, fmt.Errorf("the receipt has the format %q; this program knows %q: get a newer one", r.Format, receiptFormat)
	}
	return r, nil
}

// open returns the payload of an envelope that one of the keys signed.
func open(stored []byte, payloadType string, keys Keys) ([]byte, error) {
	var e struct {
		Payload     string `json:"payload"`
		PayloadType string `json:"payloadType"`
		Signatures  []struct {
			Sig string `json:"sig"`
		} `json:"signatures"`
	}
	if err := json.Unmarshal(stored, &e); err != nil || e.PayloadType != payloadType {
		return nil, errors.New("this is no signed receipt")
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		return nil, errors.New("this is no signed receipt: its payload is no base64")
	}
	signed := append(fmt.Appendf(nil, "DSSEv1 %d %s %d ", len(payloadType), payloadType, len(payload)), payload...)
	digest := sha256.Sum256(signed)
	for _, s := range e.Signatures {
		sig, err := base64.StdEncoding.DecodeString(s.Sig)
		if err != nil {
			continue
		}
		for _, key := range keys {
			if ecdsa.VerifyASN1(key, digest[:], sig) {
				return payload, nil
			}
		}
	}
	return nil, errors.New("the receipt is not signed by this airlock, or was changed")
}
