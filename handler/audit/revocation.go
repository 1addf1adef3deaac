package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// RevocationFormat is the version of the revocations' format.
const RevocationFormat = "airlock-revocation/1"

const revocationType = "application/vnd.airlock.revocation+json"

// Revocation says that a release was withdrawn. It lies beside the receipt, and is
// signed, so that somebody outside who has the receipt can be shown it.
type Revocation struct {
	Format    string            `json:"format"`
	Request   airlock.RequestID `json:"request"`
	Workspace ReceiptWorkspace  `json:"workspace"`
	// Receipt is the stored receipt that counts no more; without a name none was stored.
	Receipt   RevokedReceipt `json:"receipt"`
	RevokedAt time.Time      `json:"revokedAt"`
	RevokedBy ReceiptPerson  `json:"revokedBy"`
	Reason    string         `json:"reason"`
	// Chain is the head of the audit chain when the revocation was signed.
	Chain airlock.ChainHead `json:"chain"`
}

// RevokedReceipt names a stored receipt.
type RevokedReceipt struct {
	Name   string `json:"name,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // of its stored bytes
}

// RevocationName is the name of a request's revocation in the container of receipts.
func RevocationName(id airlock.RequestID) string { return string(id) + "/revoked.json" }

// NewRevocation makes the revocation of a revoked request. receipt is the stored
// receipt, nil if there is none.
func NewRevocation(r airlock.Request, ws airlock.Workspace, receipt []byte) Revocation {
	out := Revocation{Format: RevocationFormat, Request: r.ID, Workspace: ReceiptWorkspace{ID: ws.ID, DisplayName: ws.DisplayName},
		RevokedAt: r.StatusSince.UTC(), RevokedBy: personOf(r.UpdatedBy), Chain: r.Chain}
	if receipt != nil {
		out.Receipt = RevokedReceipt{Name: r.Receipt, SHA256: hashOf(receipt)}
	}
	if r.UpdatedBy.ID == airlock.SystemID { // malware that was reported late
		out.Reason = r.StatusMessage
		return out
	}
	for _, v := range r.Reviews {
		if v.Decision == airlock.DecisionRevoked {
			out.RevokedBy, out.Reason = personOf(v.Reviewer), v.Explanation
		}
	}
	return out
}

// Seal returns the signed bytes to store.
func (r Revocation) Seal(ctx context.Context, sign Sign) ([]byte, error) {
	payload, err := printed(r)
	if err != nil {
		return nil, err
	}
	body, err := signed(ctx, revocationType, payload, sign)
	if err != nil {
		return nil, fmt.Errorf("audit: revocation of %s: %w", r.Request, err)
	}
	return body, nil
}

// OpenRevocation reads a stored revocation that the service signed. Errors:
// ErrBadEnvelope for anything else; those of key.
func OpenRevocation(ctx context.Context, body []byte, key PublicKey) (Revocation, error) {
	payload, err := genuine(ctx, revocationType, body, key)
	if err != nil {
		return Revocation{}, err
	}
	var r Revocation
	if err := json.Unmarshal(payload, &r); err != nil || r.Format != RevocationFormat {
		return Revocation{}, ErrBadEnvelope
	}
	return r, nil
}

// Same reports whether two revocations say the same: whether they are of one
// release, by one person, at one time, for one reason.
func (r Revocation) Same(other Revocation) bool {
	r.Chain, r.Workspace.DisplayName, r.Receipt = other.Chain, other.Workspace.DisplayName, other.Receipt
	return same(r, other)
}
