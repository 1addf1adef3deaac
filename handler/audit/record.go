// Package audit holds the evidence: what each step leaves behind, and how the
// records of one request are chained so that edits, gaps, reordering and cut
// tails show. It does no I/O of its own. The published format is docs/audit-format.md.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// Format is the version of the record format; every record names it.
const Format = "airlock-audit/1"

// Actor kinds.
const (
	Person      = "person"
	Application = "application" // an app-only token
	System      = "system"
)

// Actor is who did it: a person, an application, or a component of the system.
type Actor struct {
	Kind      string         `json:"kind"`
	ID        airlock.UserID `json:"id,omitempty"`
	Name      string         `json:"name,omitempty"`
	Roles     []airlock.Role `json:"roles,omitempty"`
	Component string         `json:"component,omitempty"` // of the system: "copy", "scan gate", …
}

// FileEvidence holds the facts known about one file at the time of the record.
type FileEvidence struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	Account string `json:"account,omitempty"`
	ETag    string `json:"etag,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	// Supporting is true for a file that is never released.
	Supporting bool `json:"supporting,omitempty"`
}

// FileDecision is a reviewer's decision on one file.
type FileDecision struct {
	Name     string             `json:"name"`
	Decision airlock.FileChoice `json:"decision,omitempty"`
	Comment  string             `json:"comment,omitempty"`
}

// Record is one entry of a request's audit trail. The order of the members is
// the order in the stored JSON.
type Record struct {
	Format    string              `json:"format"`
	Workspace airlock.WorkspaceID `json:"workspace,omitempty"`
	Request   airlock.RequestID   `json:"request,omitempty"` // "" in a workspace's own trail
	Seq       int                 `json:"seq"`               // from 1, without gaps
	At        time.Time           `json:"at"`                // UTC
	Actor     Actor               `json:"actor"`
	// OnBehalfOf is the person whose decision a system step carries out.
	OnBehalfOf    airlock.UserID `json:"onBehalfOf,omitempty"`
	Action        Action         `json:"action"`
	From          airlock.Status `json:"from,omitempty"`
	To            airlock.Status `json:"to,omitempty"`
	Reason        string         `json:"reason,omitempty"`
	PolicyVersion int            `json:"policyVersion,omitempty"`
	PolicyHash    string         `json:"policyHash,omitempty"` // lower-case hex SHA-256 of the policy's JSON
	Files         []FileEvidence `json:"files,omitempty"`
	// FileDecisions are a reviewer's decisions on single files.
	FileDecisions []FileDecision `json:"fileDecisions,omitempty"`
	EventID       string         `json:"eventId,omitempty"`
	// Document is the document of a workspace that was put in force.
	Document json.RawMessage   `json:"document,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"`
	// Security is true for records that an auditor should look at first: refused
	// attempts, tampering, forged or stale verdicts.
	Security bool `json:"security,omitempty"`
	// Prev is the hash of the record before, "" in the first.
	Prev string `json:"prev"`
}

// Sealed is a record in its final form: the exact bytes that are stored and
// hashed, so that verifying never depends on how JSON is printed.
type Sealed struct {
	Record Record
	Body   []byte
	Hash   string // lower-case hex SHA-256 of Body
}

// Seal appends r to the chain that ends in head: it sets Format, Seq and Prev,
// and returns the sealed record with the new head.
func Seal(head airlock.ChainHead, r Record) (Sealed, airlock.ChainHead, error) {
	r.Format, r.Seq, r.Prev = Format, head.Length+1, head.Hash
	r.At = r.At.UTC()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return Sealed{}, head, fmt.Errorf("audit: seal: %w", err)
	}
	body := bytes.TrimRight(b.Bytes(), "\n")
	sum := sha256.Sum256(body)
	s := Sealed{Record: r, Body: body, Hash: hex.EncodeToString(sum[:])}
	return s, airlock.ChainHead{Hash: s.Hash, Length: r.Seq}, nil
}
