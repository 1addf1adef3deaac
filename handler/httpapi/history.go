package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow"
)

// HistoryAnswer is the answer of GetHistory.
type HistoryAnswer struct{ Body AuditTrail }

// AuditTrail is a request's audit trail as it is stored, with the result of
// verifying it.
type AuditTrail struct {
	RequestID    string            `json:"requestId" format:"uuid"`
	WorkspaceID  string            `json:"workspaceId" format:"uuid"`
	ExportedAt   time.Time         `json:"exportedAt" doc:"When this was answered."`
	Head         AuditHead         `json:"head"`
	Verification AuditVerification `json:"verification"`
	Records      []AuditRecord     `json:"records" nullable:"false"`
}

// AuditHead is the end of the chain as the request itself holds it.
type AuditHead struct {
	Hash   string `json:"hash" doc:"Lower-case hex SHA-256 of the last record."`
	Length int    `json:"length" doc:"Number of records."`
}

// AuditVerification says whether the trail is whole.
type AuditVerification struct {
	OK       bool           `json:"ok"`
	Records  int            `json:"records" doc:"Records found."`
	Problems []AuditProblem `json:"problems" nullable:"false"`
}

// AuditProblem is one thing that is wrong with the trail.
type AuditProblem struct {
	Seq  int    `json:"seq" doc:"The record; 0 for the trail as a whole."`
	What string `json:"what"`
}

// AuditRecord is one record.
type AuditRecord struct {
	Seq  int    `json:"seq"`
	Hash string `json:"hash" doc:"Lower-case hex SHA-256 of body, as stored."`
	Body string `json:"body" doc:"The stored bytes that the hash is of; JSON. Empty where they hold names of an export that the caller may not see before its approval."`
	// Record is the same for reading: what can be read of it.
	Record json.RawMessage `json:"record" doc:"body as an object; null if it cannot be read."`
}

func (a *API) history(ctx context.Context, c *call, in *RequestPath) (*HistoryAnswer, error) {
	trail, err := a.Service.History(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	body := trailView(trail)
	if !airlock.NamesShown(c.principal, trail.Request, c.workspace.Policy) {
		for i := range body.Records {
			body.Records[i].hideNames(trail.Request)
		}
	}
	return &HistoryAnswer{Body: body}, nil
}

func trailView(trail workflow.Trail) AuditTrail {
	r, v := trail.Request, trail.Verification
	body := AuditTrail{RequestID: string(r.ID), WorkspaceID: string(r.Workspace), ExportedAt: trail.At.UTC(), Head: AuditHead{r.Chain.Hash, r.Chain.Length},
		Verification: AuditVerification{OK: v.OK, Records: v.Records, Problems: []AuditProblem{}}, Records: []AuditRecord{}}
	for _, p := range v.Problems {
		body.Verification.Problems = append(body.Verification.Problems, AuditProblem{p.Seq, p.What})
	}
	for _, row := range trail.Rows {
		body.Records = append(body.Records, recordView(row))
	}
	return body
}

func recordView(row audit.Row) AuditRecord {
	return AuditRecord{Seq: row.Seq, Hash: row.Hash, Body: string(row.Body), Record: asJSON(row.Body)}
}

// asJSON passes stored JSON on, and null where it is none (any more).
func asJSON(stored []byte) json.RawMessage {
	if !json.Valid(stored) {
		return json.RawMessage("null")
	}
	return stored
}

// RawAnswer is an answer that is stored as JSON and passed on byte by byte.
type RawAnswer struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

func (a *API) receipt(ctx context.Context, c *call, in *RequestPath) (*RawAnswer, error) {
	stored, err := a.Service.Receipt(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if errors.Is(err, airlock.ErrGone) {
		return nil, &edgeError{code: codeNoReceipt}
	}
	if err != nil {
		return nil, err
	}
	return &RawAnswer{ContentType: "application/json", Body: stored}, nil
}
