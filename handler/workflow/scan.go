package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// ScanResult takes a scanner's verdict to the record of the request it names.
// It counts only for the bytes with its ETag in the in-progress account: a
// verdict that comes before the copy is recorded is kept, one for other bytes is
// recorded and has no effect, a repeated one changes nothing, and of
// contradictory ones malicious wins. Where scanning is off by policy a verdict is a
// record and an alert, and decides nothing. Blob tags and metadata are never asked.
//
// Errors: airlock.ErrNotFound when it names no request's in-progress container
// or no file of it; others mean "deliver again".
func (s *Service) ScanResult(ctx context.Context, h airlock.ScanHint) error {
	ws, err := s.locate(ctx, "", h.Container)
	if err != nil {
		return err
	}
	stage, _ := s.accounts(ws).Stage(h.Account)
	if stage != airlock.ImportInProgress && stage != airlock.ExportInProgress {
		return airlock.ErrNotFound
	}
	s.silent.broken(h.Account)
	verdict := airlock.Verdict{Outcome: h.Outcome, ETag: h.ETag, ID: h.ID, EventID: h.EventID, Malware: h.Malware, At: h.At.UTC()}
	late := false
	r, err := s.decide(ctx, ws, h.Container, airlock.SystemPrincipal("scan gate"), func(c *change) error {
		if at, _ := airlock.StageOf(c.Type, airlock.Submitted); at != stage {
			return airlock.ErrNotFound
		}
		f := c.File(h.Blob)
		if f == nil {
			return airlock.ErrNotFound
		}
		if !f.AddVerdict(verdict) {
			return errUnchanged
		}
		current := f.Concerns(verdict)
		rec := c.record(audit.ScanVerdict)
		rec.From, rec.To, rec.EventID = c.Status, c.Status, h.EventID
		rec.Detail = map[string]string{"file": h.Blob, "outcome": string(h.Outcome), "etag": h.ETag, "verdict": h.ID, "bytes": bytesOf(current, f.InProgressETag)}
		if h.SHA256 != "" { // the scanner's own word on which bytes it saw
			rec.Detail["sha256"] = h.SHA256
		}
		late = current && h.Outcome == airlock.Malicious && (c.Status.Final() || c.Status == airlock.RejectionInProgress || !c.ScanRequired)
		rec.Security = late || f.InProgressETag != "" && !current
		return c.takeVerdict(current, verdict)
	})
	if err != nil {
		return err
	}
	if late {
		s.Log.ErrorContext(ctx, "malware reported where it stops nothing: the request has ended or is being rejected, or scanning is off by policy", "alert", logging.IntegrityViolation, "request", r.ID, "status", r.Status)
	}
	if r.Status == airlock.Submitted && !h.Outcome.Conclusive() {
		return s.Advance(ctx, ws.ID, r.ID, "inconclusive verdict")
	}
	return nil
}

// takeVerdict draws the consequence of a verdict that has been noted.
func (c *change) takeVerdict(current bool, v airlock.Verdict) error {
	switch {
	case c.Status == airlock.Submitted && c.Copied():
		return c.passGates()
	case c.ScanRequired && current && v.Outcome == airlock.Malicious && (c.Status == airlock.InReview || c.Status == airlock.ApprovalInProgress):
		return c.block(&v)
	}
	return nil
}

// bytesOf says which bytes a verdict is about.
func bytesOf(current bool, recorded string) string {
	switch {
	case current:
		return "current"
	case recorded == "":
		return "not recorded yet"
	}
	return "other"
}
