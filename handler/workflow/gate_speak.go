package workflow

import (
	"context"
	"errors"
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// GateWord is an external gate's verdict on a request.
type GateWord struct {
	Digest  string
	Outcome airlock.GateStatus
	Engine  string // its name, version and rules
	Files   []GateFile
	Found   []airlock.FileFindings
	// Messages are the engine's texts about each finding, in the order of Found.
	Messages []string
}

// GateFile is a file that the gate says it looked at.
type GateFile struct{ Name, ETag, SHA256 string }

// errSaidBefore is the end of a repeated word.
var errSaidBefore = errors.New("workflow: the gate said so before")

// GateSpeaks puts the word of an external gate on record; say is told the request that it
// is about. It counts for the bytes that the
// request has now and no others, and while the request is not released: then only that the
// files must not go on. Of contradictory words the graver holds; a repeated one changes
// nothing. A list of files that is not complete is no word on the request: inconclusive.
//
// Errors: airlock.ErrNotFound, *airlock.RefusedError, *airlock.OtherBytesError,
// airlock.ErrGateDecided, *airlock.Fault.
func (s *Service) GateSpeaks(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string, say func(airlock.Request) (GateWord, error)) (airlock.Request, error) {
	var same airlock.Request
	r, err := s.decide(ctx, ws, id, p, func(c *change) error {
		g, err := c.gateOf(gate)
		if err != nil {
			return err
		}
		w, err := say(c.Request)
		if err != nil {
			return err
		}
		if err := c.aboutTheseBytes(g, w); err != nil {
			return err
		}
		found := airlock.Findings{Format: airlock.FindingsFormat, Request: c.ID, Turn: c.Turn(), Gate: gate, Digest: w.Digest, RuleSet: w.Engine,
			Engine: w.Engine, Outcome: c.wordOf(w), Files: w.Found}
		_, report, err := reportOf(found)
		switch {
		case err != nil:
			return err
		case g.Report != nil && g.Report.SHA256 == report.SHA256:
			same = c.Request
			return errSaidBefore
		case g.Status.Ended() && !found.Outcome.Graver(g.Status) || !c.listens(g, found.Outcome):
			return airlock.ErrGateDecided
		}
		if report, err = s.keepFindings(ctx, found); err != nil {
			return err
		}
		if err := s.keepMessages(ctx, found, report, w.Messages); err != nil {
			return err
		}
		return s.takeWord(ctx, c, g, found, report)
	})
	if errors.Is(err, errSaidBefore) {
		return same, nil
	}
	return r, err
}

// listens reports whether a gate's word still has an effect in the present status.
func (c *change) listens(g *airlock.GateRun, to airlock.GateStatus) bool {
	switch c.Status {
	case airlock.Submitted:
		return true
	case airlock.InReview:
		return !g.Required() || to == airlock.RunBlocked
	case airlock.ApprovalInProgress:
		return g.Required() && to == airlock.RunBlocked
	}
	return false
}

// takeWord draws the consequence of an external gate's word.
func (s *Service) takeWord(ctx context.Context, c *change, g *airlock.GateRun, found airlock.Findings, report airlock.GateReport) error {
	g.By = c.by.ID
	if found.Outcome == airlock.RunInconclusive {
		g.RuleSet, g.Report = found.RuleSet, &report
		c.unjudged(g, "it says so itself")
	} else {
		c.spoken(g, found, report)
	}
	c.by = airlock.SystemPrincipal("gate " + g.Policy.ID) // the rest is the policy's
	switch {
	case c.Status == airlock.Submitted:
		return s.passWithTags(ctx, c)
	case g.Status == airlock.RunBlocked:
		return c.blockAtGate(g)
	}
	return nil
}

// aboutTheseBytes refuses a word about other bytes, and leaves a security record of it.
func (c *change) aboutTheseBytes(g *airlock.GateRun, w GateWord) error {
	other := w.Digest != c.ContentDigest() || w.Digest != g.Digest
	for _, f := range w.Files {
		known := c.File(f.Name)
		other = other || known == nil || f.ETag != known.InProgressETag && f.ETag != "" || f.SHA256 != known.SHA256
	}
	if !other {
		return nil
	}
	if c.Work.NoteRefusal(c.by.ID, airlock.ActionGate, c.at) {
		c.refused = true
		rec := c.gateRecord(audit.GateVerdict, g)
		rec.Security, rec.Detail["outcome"], rec.Detail["bytes"] = true, string(w.Outcome), "other"
	}
	return &airlock.OtherBytesError{Digest: g.Digest}
}

// wordOf is what the gate's word comes to: without every file once it is none.
func (c *change) wordOf(w GateWord) airlock.GateStatus {
	var names []string
	for _, f := range w.Files {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	if w.Outcome != airlock.RunBlocked && (len(names) != len(c.Files) || len(w.Files) != len(c.Files)) {
		return airlock.RunInconclusive
	}
	return w.Outcome
}
