package workflow

import (
	"context"
	"fmt"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// Messages of the gate; the outcomes are kept apart.
const (
	messageWaitingScan       = "Waiting for the malware scan."
	messageLeavingQuarantine = "The files come back from quarantine and are scanned anew."
	messageWaitingTag        = "The malware scan found nothing. Waiting for the scanner's tag on the files, which has to say the same."
	messageInconclusive      = "The files could not be scanned (%s). This does not mean that malware was found. They are blocked because the workspace's policy does not let unscanned files through. A workspace owner or an airlock manager can have them scanned anew (retry)."
	messageUnscanned         = "The files could not be scanned (%s). The workspace's policy leaves the decision to the reviewer."
)

func (c *change) gate() airlock.Gate { return c.Gate(c.ws.Policy, c.at) }

// passGates does what the gate says now, and says what it waits for.
func (c *change) passGates() error {
	switch g := c.gate(); g.Step {
	case airlock.GateBlocks:
		return c.block(g.Malware)
	case airlock.GateInconclusive:
		return c.passUnscanned(g.Why)
	case airlock.GateOpens:
		rec, err := c.openReview("")
		if err != nil {
			return err
		}
		rec.Detail["scan"] = c.scanSummary()
	default:
		c.StatusMessage = c.waitingFor(g)
	}
	return nil
}

func (c *change) waitingFor(g airlock.Gate) string {
	if len(c.Holds) > 0 {
		return messageHeld
	}
	unconfirmed := g.Tags
	for _, f := range c.Files {
		switch c.ScanOf(f, c.ws.Policy, c.at).State {
		case airlock.ScanWaiting, airlock.ScanAgain, airlock.ScanGivenUp:
			if f.Verdict != nil && !f.Verdict.Outcome.Conclusive() {
				return messageWaitingScan + " So far: " + f.Verdict.Why() + "."
			}
			unconfirmed = false
		}
	}
	if unconfirmed {
		return messageWaitingTag
	}
	return messageWaitingScan
}

// passUnscanned applies the policy's choice for files that nobody could scan.
func (c *change) passUnscanned(why string) error {
	switch c.ws.Policy.MalwareScanning.Inconclusive {
	case airlock.InconclusiveReview:
		_, err := c.openReview(fmt.Sprintf(messageUnscanned, why))
		return err
	case airlock.InconclusiveFail:
		return c.fail(failure{code: "scan_inconclusive", operation: "malware scan", cause: "the files could not be scanned (" + why + ")"})
	}
	c.BlockReason = fmt.Sprintf(messageInconclusive, why)
	_, err := c.move(airlock.TriggerInconclusive, c.BlockReason)
	return err
}

// stopsForMalware reports whether malware in the sealed bytes ends what the request is
// at, after its gates were passed.
func (c *change) stopsForMalware() bool {
	switch c.Status {
	case airlock.InReview, airlock.ApprovalInProgress, airlock.ReturnInProgress:
		return true
	}
	return false
}

// blockMalware quarantines the request if malware was found in its sealed bytes
// and scanning was on at submit, and reports whether that was so.
func (c *change) blockMalware() (blocked bool, err error) {
	if g := c.gate(); g.Step == airlock.GateBlocks {
		return true, c.block(g.Malware)
	}
	return false, nil
}

// block quarantines the request because of malware.
func (c *change) block(v *airlock.Verdict) error {
	if c.Status == airlock.ApprovalInProgress || c.Status == airlock.ReturnInProgress {
		c.undoMove()
	}
	c.BlockReason = malwareFound(*v) + "."
	rec, err := c.move(airlock.TriggerMalicious, c.BlockReason)
	if err != nil {
		return err
	}
	rec.Detail = map[string]string{"verdict": v.ID, "etag": v.ETag}
	return nil
}

func malwareFound(v airlock.Verdict) string {
	if len(v.Malware) == 0 {
		return "Malware was found"
	}
	return "Malware was found: " + strings.Join(v.Malware, ", ")
}

// undoMove forgets a move that is not done and gives up its destination.
func (c *change) undoMove() {
	if destination, ok := airlock.DestinationOf(c.Type, c.Status); ok {
		c.giveUpStage(destination)
	}
	for i := range c.Files {
		f := &c.Files[i]
		f.FinalETag, f.FinalChecked, f.Copy, f.Hash = "", false, nil, nil
	}
}

func (c *change) scanSummary() string {
	if !c.ScanRequired {
		return "not required by policy"
	}
	ids := make([]string, len(c.Files))
	for i, f := range c.Files {
		if f.Verdict != nil {
			ids[i] = f.Verdict.ID
		}
	}
	confirmed := "confirmed by tag"
	if c.ScanUnconfirmed {
		confirmed = "unconfirmed by policy"
	}
	return "clean, " + confirmed + ": " + strings.Join(ids[:min(len(ids), 20)], " ")
}

// gates looks after a request whose files are copied and wait at the gate: it lets
// the request on as soon as the gate does, and makes fresh copies of files that are
// to be scanned again. What the scanner's tags say comes first: they make up for
// lost events.
func (s *Service) gates(ctx context.Context, ws airlock.Workspace, r airlock.Request) (bool, error) {
	c := &change{Request: r, ws: ws, at: s.Now().UTC()}
	if g := c.gate(); g.Step != airlock.GateWaits || g.Tags {
		now, err := s.tryGates(ctx, ws, r.ID)
		if err != nil || now.Status != airlock.Submitted {
			return err == nil, err
		}
		c.Request = now
	}
	for _, i := range c.gate().Again {
		if err := s.rescan(ctx, ws, c.Request, c.Files[i]); err != nil {
			return false, err
		}
	}
	return s.clock(ctx, ws, c.Request)
}

// tryGates lets the request on if the gate does, after a look at the tags.
func (s *Service) tryGates(ctx context.Context, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	return s.decide(ctx, ws, id, airlock.SystemPrincipal("scan gate"), func(c *change) error {
		if c.Status != airlock.Submitted || !c.Copied() {
			return errUnchanged
		}
		message := c.StatusMessage
		if err := s.pass(ctx, c); err != nil {
			return err
		}
		if c.Status == airlock.Submitted && c.StatusMessage == message && len(c.records) == 0 {
			return errUnchanged
		}
		return nil
	})
}

// pass is passGates after a look at the scanner's tags, where these can matter.
func (s *Service) pass(ctx context.Context, c *change) error {
	if c.gate().Tags {
		if err := s.noteTags(ctx, c); err != nil {
			return err
		}
	}
	return c.passGates()
}

// passWithTags is pass for a decision that must not be lost when the tags cannot be
// read: they are looked at again soon.
func (s *Service) passWithTags(ctx context.Context, c *change) error {
	err := s.pass(ctx, c)
	if err == nil {
		return nil
	}
	if err = c.passGates(); c.Status == airlock.Submitted {
		c.retryAt = c.at.Add(s.Grace)
	}
	return err
}

// noteTags takes the scanner's tags on the blobs in progress into the record. One
// call reads all of them, with the ETags of the blobs that have them.
func (s *Service) noteTags(ctx context.Context, c *change) error {
	con, err := c.Container(c.stage())
	if err != nil {
		return err
	}
	tags, err := s.Blobs.ScanTags(ctx, con)
	if err != nil {
		return err
	}
	for i := range c.Files {
		f := &c.Files[i]
		confirms := f.Verdict != nil && f.Verdict.Outcome == airlock.Clean
		v, noted := c.NoteTag(f, tags[f.Name], c.ws.Policy, c.at)
		if noted && (!confirms || v.Outcome != airlock.Clean) {
			rec := c.recordVerdict(v, f.Name, "sealed")
			rec.Detail["source"] = "tag"
		}
	}
	return nil
}

// rescan makes a file's blob anew of its own blocks: its BlobCreated makes the
// scanner look again. The new ETag takes the old one's place in the chain.
func (s *Service) rescan(ctx context.Context, ws airlock.Workspace, r airlock.Request, f airlock.File) error {
	stage, _ := airlock.StageOf(r.Type, r.Status)
	con, err := r.Container(stage)
	if err != nil {
		return err
	}
	why := r.ScanOf(f, ws.Policy, s.Now().UTC()).Why
	if f.Verdict == nil {
		s.scannerSilent(ctx, con.Account, r.ID)
	}
	fresh, err := s.Blobs.Refresh(ctx, con, f.Name, f.InProgressETag, f.Size)
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("scan gate"), func(c *change) error {
		now := c.File(f.Name)
		if c.Status != airlock.Submitted || now == nil || now.InProgressETag != f.InProgressETag {
			return errUnchanged
		}
		rec := c.record(audit.Rescan)
		rec.From, rec.To, rec.Reason = c.Status, c.Status, why
		rec.Detail = map[string]string{"file": f.Name, "oldEtag": f.InProgressETag, "newEtag": fresh.ETag}
		now.Rescanned(fresh, c.at)
		if err := s.adopt(ctx, c); err != nil { // the verdict may have been quicker than this record
			return err
		}
		if !c.Copied() { // found, and to be read again
			return nil
		}
		return s.passWithTags(ctx, c)
	})
	return err
}

// decided turns a decision's result into a step's: look again.
func (s *Service) decided(_ airlock.Request, err error) (bool, error) { return err == nil, err }

// scannerSilent makes a scanner that owes verdicts visible to operators.
func (s *Service) scannerSilent(ctx context.Context, account string, id airlock.RequestID) {
	if s.silent.since(account, s.Now()) {
		s.Log.ErrorContext(ctx, "scanning is on by policy but no verdict arrived in time", "alert", logging.ScanSilent, "account", account, "request", id)
	}
}
