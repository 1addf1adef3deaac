package workflow

import (
	"context"
	"errors"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// SealReport says what SealRows did.
type SealReport struct {
	Requests int `json:"requests"` // that were sealed
	Rows     int `json:"rows"`     // other rows that were sealed
	// Left names what was left without a seal, and why; the first thousand.
	Left []string `json:"left"`
	// Done is false when time ran out or a call failed: call again.
	Done bool `json:"done"`
}

const maxLeft = 1000

// SealRows seals the rows that were written before rows were sealed. Anybody who writes
// the table could have written such a row, so a request is sealed only if its trail is
// whole, leads to its status, and ends in a head that the log of anchors has. With
// unanchored it is also sealed if no anchor contradicts it: the administrator vouches
// for it, and the record says so. Each request gets a record, and the accounts that its
// workspace has now.
//
// TRE administrators only. Safe to repeat, and to interrupt. Errors:
// *airlock.RefusedError, *airlock.Fault.
func (s *Service) SealRows(ctx context.Context, p airlock.Principal, unanchored bool) (SealReport, error) {
	report := SealReport{Left: []string{}}
	if err := operator(p); err != nil {
		return report, err
	}
	workspaces, err := s.Workspaces(ctx)
	if err != nil {
		return report, err
	}
	for _, ws := range workspaces {
		if err := s.sealWorkspace(ctx, p, ws, unanchored, &report); err != nil {
			return report, err
		}
	}
	rows, left, err := s.config.Requests.SealOthers(ctx)
	report.Rows += rows
	report.leave("", left, "its request is not sealed")
	report.Done = err == nil
	s.config.Log.WarnContext(ctx, "rows were sealed at an administrator's word", "by", p.ID, "requests", report.Requests, "rows", report.Rows,
		"left", len(report.Left), "unanchored", unanchored)
	return report, err
}

func (r *SealReport) leave(ws airlock.WorkspaceID, keys []string, why string) {
	for _, key := range keys {
		if len(r.Left) < maxLeft {
			r.Left = append(r.Left, fmt.Sprintf("%s %s: %s", ws, key, why))
		}
	}
}

func (s *Service) sealWorkspace(ctx context.Context, p airlock.Principal, ws airlock.Workspace, unanchored bool, report *SealReport) error {
	ctx = logging.With(ctx, logging.Workspace, string(ws.ID))
	for old, err := range s.config.Requests.Unsealed(ctx, ws.ID) {
		if unreadable(err) {
			report.leave(ws.ID, []string{"request"}, err.Error())
			continue
		}
		if err != nil {
			return err
		}
		why, err := s.sealRequest(ctx, p, ws, old, unanchored)
		if err != nil {
			return err
		}
		if why != "" {
			report.leave(ws.ID, []string{string(old.ID)}, why)
			continue
		}
		report.Requests++
	}
	rows, left, err := s.config.Requests.SealRest(ctx, ws.ID)
	report.Rows += rows
	report.leave(ws.ID, left, "its request is not sealed")
	return err
}

// sealRequest seals one request, or says why not.
func (s *Service) sealRequest(ctx context.Context, p airlock.Principal, ws airlock.Workspace, old airlock.UnsealedRequest, unanchored bool) (why string, err error) {
	was := old.Request
	rows, err := s.config.Requests.Trail(ctx, ws.ID, was.ID)
	if err != nil {
		return "", err
	}
	t := Trail{Request: was, Rows: rows, Verification: audit.VerifyTrail(audit.TrailOf(was), was.Chain, rows)}
	if err := s.holdAgainstAnchors(ctx, &t); err != nil {
		return "", err
	}
	if !t.Verification.OK {
		return "its trail does not verify: " + t.Verification.Problems[0].What, nil
	}
	if err := audit.ReplayStatus(rows, was); err != nil {
		return "its trail does not bear out its status: " + err.Error(), nil
	}
	anchored, err := s.headIsAnchored(ctx, was)
	if err != nil {
		return "", err
	}
	if !anchored && !unanchored {
		return "the end of its trail is not anchored", nil
	}
	c := &change{Request: was.Clone(), ws: ws, by: p, at: s.config.Now().UTC(), unsealed: true}
	if len(c.Accounts) == 0 {
		c.Accounts = s.accounts(ws).For(c.Type)
	}
	c.Work.Due = s.due(c)
	rec := c.record(audit.RowSealed)
	rec.From, rec.To, rec.Security = c.Status, c.Status, true
	rec.Detail = map[string]string{"head": "anchored"}
	if !anchored {
		rec.Detail["head"] = "not anchored"
	}
	_, err = s.commit(ctx, c, &was, old.Version)
	if errors.Is(err, airlock.ErrStale) { // another call has sealed it
		return "", nil
	}
	return "", err
}

// headIsAnchored reports whether the log of anchors has the end of a request's trail.
func (s *Service) headIsAnchored(ctx context.Context, r airlock.Request) (bool, error) {
	claims, err := s.claims(ctx, audit.TrailOf(r))
	if err != nil {
		return false, err
	}
	log := entries{s: s, read: map[int]storedEntry{}}
	for _, c := range claims {
		if c.Length != r.Chain.Length || c.Hash != r.Chain.Hash {
			continue
		}
		if _, borneOut, err := log.holding(ctx, c); err != nil || borneOut {
			return borneOut, err
		}
	}
	return false, nil
}
