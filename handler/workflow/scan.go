package workflow

import (
	"context"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// ScanResult takes a scanner's verdict to the record of the request it names. The
// bytes it is about are found by account, container and ETag; the name only breaks
// ties. A verdict about the sealed bytes, in any copy, is put in force if it says more
// than the one in force. One that comes before the copy is recorded, or is about other
// bytes, is kept in a row of its own. A repeated one changes nothing. Of contradictory
// ones malicious wins. Where scanning is off by policy a verdict is a
// record and an alert, and decides nothing.
//
// Errors: airlock.ErrNotFound when it names no container of a request,
// *airlock.UnclearVerdictError when malware cannot be told to be in any known bytes;
// others mean "deliver again".
func (s *Service) ScanResult(ctx context.Context, h airlock.ScanHint) error {
	ws, err := s.locate(ctx, s.recent.workspaceOf(h.Container.Request()), h.Container.Request())
	if err != nil {
		return err
	}
	t := taking{ScanHint: h}
	r, err := s.decide(ctx, ws, h.Container.Request(), airlock.SystemPrincipal("scan gate"), func(c *change) error {
		t.late, t.news = false, false
		if t.place, t.known = c.PlaceOf(airlock.Container{Account: h.Account, Name: h.Container}); !t.known {
			return airlock.ErrNotFound
		}
		return s.take(ctx, c, &t)
	})
	if t.known {
		s.silent.heard(h.Account)
	}
	if err != nil {
		return err
	}
	if t.late {
		s.config.Log.ErrorContext(ctx, "malware reported where it stops nothing: the request has ended or is being rejected, or scanning is off by policy",
			"alert", logging.IntegrityViolation, "request", r.ID, "status", r.Status)
	}
	if t.news && r.Status == airlock.Submitted {
		return s.lookForTag(ctx, ws, r)
	}
	return nil
}

// taking is one verdict on its way into a request's record.
type taking struct {
	airlock.ScanHint
	place airlock.Place
	known bool // it is one of the request's
	late  bool // malware was reported where it stops nothing any more
	news  bool // the verdict is in force now
}

func (t *taking) verdict(at time.Time) airlock.Verdict {
	return airlock.Verdict{Outcome: t.Outcome, ETag: t.ETag, ID: t.ID, Malware: t.Malware, Reason: t.Reason, At: t.At.UTC(), Noted: at}
}

// take decides what a verdict means for the request. In other accounts than the one
// where the bytes wait at the gate only malware is news: scanners that watch a whole
// subscription look there too.
func (s *Service) take(ctx context.Context, c *change, t *taking) error {
	inProgress, _ := airlock.StageOf(c.Type, airlock.Submitted)
	if t.place.Stage != inProgress && t.Outcome != airlock.Malicious {
		return errUnchanged
	}
	if t.place != c.Place(t.place.Stage) {
		return s.takeEarlier(ctx, c, t)
	}
	f := c.FileOf(t.Outcome, t.ETag, t.Names)
	if f == nil && t.ETag == "" { // these accounts hold nothing but copies of the request's files
		f = c.named(t.Names)
		switch {
		case f == nil:
			return &airlock.UnclearVerdictError{Where: airlock.Container{Account: t.Account, Name: t.Container}, What: "malware in bytes that the scan result does not name"}
		case f.InProgressETag == "":
			return tooEarly(t.Account)
		}
		t.ETag = f.InProgressETag
	}
	if f == nil {
		return s.takeUnknown(ctx, c, t, inProgress)
	}
	v := t.verdict(c.at)
	replaced, noted := f.Note(v)
	switch {
	case !noted && f.Verdict != nil && f.Verdict.Outcome == v.Outcome:
		return errUnchanged // said before
	case !noted:
		return s.keep(ctx, c, t, "sealed")
	}
	t.news = true
	if replaced != nil {
		c.keepVerdict(airlock.KeptVerdict{File: f.Name, Verdict: *replaced})
	}
	rec := c.recordVerdict(v, f.Name, "sealed")
	t.describe(rec)
	if c.malwareIsLate(v.Outcome) {
		t.late, rec.Security = true, true
		return s.lateMalware(c, v)
	}
	return s.takeInForce(ctx, c)
}

// takeUnknown takes a verdict for bytes that are on no record.
func (s *Service) takeUnknown(ctx context.Context, c *change, t *taking, inProgress airlock.Stage) error {
	if t.place.Stage == inProgress {
		return s.keep(ctx, c, t, "other")
	}
	if err := s.keep(ctx, c, t, "in "+string(t.place.Stage)); err != nil {
		return err
	}
	t.late = true
	if c.stage() != t.place.Stage { // the bytes there are gone
		return nil
	}
	return s.lateMalware(c, t.verdict(c.at))
}

// takeEarlier takes a verdict about the bytes of an earlier turn. They are superseded, so
// only malware is news: people and operators are told.
func (s *Service) takeEarlier(ctx context.Context, c *change, t *taking) error {
	if t.Outcome != airlock.Malicious {
		return errUnchanged
	}
	if err := s.keep(ctx, c, t, "of an earlier turn"); err != nil {
		return err
	}
	t.late = true
	c.emitNotice(airlock.NoticeMalwareFound)
	return nil
}

// takeInForce draws the consequence of a verdict that was put in force.
func (s *Service) takeInForce(ctx context.Context, c *change) error {
	switch c.Status {
	case airlock.Submitted:
		if c.Copied() {
			return s.passWithTags(ctx, c)
		}
	case airlock.InReview, airlock.ApprovalInProgress, airlock.ReturnInProgress:
		_, err := c.blockMalware()
		return err
	case airlock.BlockingInProgress:
		if g := c.gate(); g.Step == airlock.GateBlocks {
			c.BlockReason = malwareFound(*g.Malware) + "."
		}
	}
	return nil
}

// named returns the file with the first of the names that is a file's, or nil.
func (c *change) named(names []string) *airlock.File {
	for _, name := range names {
		if f := c.File(name); f != nil {
			return f
		}
	}
	return nil
}

// describe adds the facts that only the event has.
func (t *taking) describe(rec *audit.Record) {
	rec.EventID = t.EventID
	if t.SHA256 != "" { // the scanner's own word on which bytes it saw
		rec.Detail["sha256"] = t.SHA256
	}
}

// tagLooks are the pauses before looking for a tag that comes shortly after its
// event. The reconciler looks later.
var tagLooks = []time.Duration{time.Second, 3 * time.Second}

// lookForTag looks at the gate again when nothing but the scanner's tag is owed.
func (s *Service) lookForTag(ctx context.Context, ws airlock.Workspace, r airlock.Request) error {
	for _, pause := range tagLooks {
		if r.Status != airlock.Submitted || r.StatusMessage != messageWaitingTag {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // the reconciler looks
		case <-time.After(pause):
		}
		if err := s.Advance(ctx, ws.ID, r.ID, "scan result"); err != nil {
			return err
		}
		var err error
		if r, _, err = s.config.Requests.Load(ctx, ws.ID, r.ID); err != nil {
			return err
		}
	}
	return nil
}
