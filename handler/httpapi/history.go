package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow"
)

// HistoryInput is the input of GetHistory.
type HistoryInput struct {
	RequestPath
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"Records per page, the oldest first."`
	Page  string `query:"page" maxLength:"100" pattern:"^[!-~]*$" doc:"nextPage of the page before."`
}

// HistoryAnswer is the answer of GetHistory.
type HistoryAnswer struct {
	Link string `header:"Link" doc:"The next page, rel=next."`
	Body AuditTrailPage
}

// AuditTrailPage is a page of an audit trail. Head and verification are about the
// whole trail, on every page.
type AuditTrailPage struct {
	AuditTrail
	Hidden   bool    `json:"hidden,omitempty" doc:"Independent reviewers decide: records from the first decision on that the caller may not see are left out until the review has ended. Head and verification are of what is shown."`
	NextPage *string `json:"nextPage" doc:"page of the next page; null at the end."`
}

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
	// Record is the same for reading, as far as it can be read.
	Record json.RawMessage `json:"record" doc:"body as an object; null if it cannot be read."`
}

func (a *API) history(ctx context.Context, c *call, in *HistoryInput) (*HistoryAnswer, error) {
	from, err := recordsBefore(in.Page)
	if err != nil {
		return nil, err
	}
	trail, err := a.config.Service.History(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	hidden := cutHidden(c, &trail)
	from = min(from, len(trail.Rows))
	end := min(from+in.Limit, len(trail.Rows))
	next := ""
	if end < len(trail.Rows) {
		next = trailPage + strconv.Itoa(end)
	}
	trail.Rows = trail.Rows[from:end]
	out := &HistoryAnswer{Body: AuditTrailPage{AuditTrail: trailView(trail)}}
	if trail.Request.Rule.Anonymous && !airlock.ReviewersShown(c.principal, trail.Request) {
		for i := range out.Body.Records {
			out.Body.Records[i].hideReviewers(c.principal.ID)
		}
	}
	for i := range out.Body.Records {
		out.Body.Records[i].hideReviewersComment(c.principal, trail.Request, c.workspace.Policy)
	}
	out.Body.Hidden = hidden
	if !airlock.NamesShown(c.principal, trail.Request, c.workspace.Policy) {
		for i := range out.Body.Records {
			out.Body.Records[i].hideNames(trail.Request)
		}
	}
	if next != "" {
		out.Body.NextPage = &next
		query := url.Values{"page": {next}, "limit": {strconv.Itoa(in.Limit)}}
		out.Link = "<" + prefix + "/workspaces/" + in.WorkspaceID + "/requests/" + in.RequestID + "/history?" + query.Encode() + `>; rel="next"`
	}
	return out, nil
}

// cutHidden ends the trail before the first decision of another reviewer that must not be
// seen yet, and reports whether it did.
func cutHidden(c *call, trail *workflow.Trail) bool {
	if !trail.Request.Blind(c.workspace.Policy) {
		return false
	}
	review := reviewBegins(trail.Rows)
	for i, row := range trail.Rows {
		var rec audit.Record
		if i < review || json.Unmarshal(row.Body, &rec) != nil || !rec.HiddenFrom(c.principal.ID) {
			continue
		}
		trail.Rows = trail.Rows[:i]
		trail.Request.Chain = airlock.ChainHead{Hash: trail.Rows[i-1].Hash, Length: trail.Rows[i-1].Seq}
		trail.Verification.Records = i
		return true
	}
	return false
}

// reviewBegins is the place of the record with which the last review began.
func reviewBegins(rows []audit.Row) (at int) {
	for i, row := range rows {
		var rec audit.Record
		if json.Unmarshal(row.Body, &rec) == nil && rec.Action == audit.Of(airlock.TriggerGatesPassed) {
			at = i
		}
	}
	return at
}

// trailPage begins the tokens of pages of a trail: the number of records before
// follows. A trail only grows at its end, so that a page stays the same.
const trailPage = "after."

func recordsBefore(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	digits, ok := strings.CutPrefix(token, trailPage)
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || digits != strconv.FormatUint(n, 10) {
		return 0, airlock.ErrBadToken
	}
	return int(n), nil
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
	stored, err := a.config.Service.Receipt(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if errors.Is(err, airlock.ErrGone) {
		return nil, &edgeError{code: codeNoReceipt}
	}
	if err != nil {
		return nil, err
	}
	return &RawAnswer{ContentType: "application/json", Body: stored}, nil
}
