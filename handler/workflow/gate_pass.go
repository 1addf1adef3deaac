package workflow

import (
	"context"
	"fmt"
	"strings"

	"example.org/airlock/handler/airlock"
)

// Messages of the gate; the outcomes are kept apart.
const (
	messageWaitingScan       = "Waiting for the malware scan."
	messageLeavingQuarantine = "The files come back from quarantine and are scanned anew."
	messageWaitingTag        = "The malware scan found nothing. Waiting for the scanner's tag on the files, which has to say the same."
	messageInconclusive      = "The files could not be scanned (%s). This does not mean that malware was found. They are blocked because the workspace's policy does not let unscanned files through. A workspace owner or an airlock manager can have them scanned anew (retry)."
	messageUnscanned         = "The files could not be scanned (%s). The workspace's policy leaves the decision to the reviewer."
)

// passGates takes the gate's next step, and says what it waits for.
func (c *change) passGates() error {
	c.moveGates()
	switch g := c.gate(); g.Step {
	case airlock.GateStops:
		return c.stopAtGate(g.Stop)
	case airlock.GateBlocks:
		return c.block(g.Malware)
	case airlock.GateInconclusive:
		return c.passUnscanned(g.Why)
	case airlock.GateOpens:
		rec, err := c.openReview(c.leftForReview())
		if err != nil {
			return err
		}
		rec.Detail["scan"] = c.scanSummary()
		if len(c.Gates) > 0 {
			rec.Detail["gates"] = c.gateSummary()
		}
	default:
		c.StatusMessage = c.waitingFor(g)
		if c.continued {
			c.emitContinue()
		}
	}
	return nil
}

// stopAtGate applies the policy's consequence of a gate's word, or of its silence.
func (c *change) stopAtGate(g *airlock.GateRun) error {
	if g.Status != airlock.RunInconclusive {
		if g.Status == airlock.RunBlocked {
			return c.blockAtGate(g)
		}
		return c.returnAtGate(fmt.Sprintf(messageGateReturns, g.Policy.ID, foundBy(g)))
	}
	why := fmt.Sprintf(messageGateSaysNot, g.Policy.ID, g.Why)
	switch g.Policy.Inconclusive {
	case airlock.InconclusiveReturn:
		return c.returnAtGate(why)
	case airlock.InconclusiveFail:
		return c.fail(unrecoverable{code: "gate_inconclusive", operation: "gate " + g.Policy.ID, cause: "the gate could not come to a word about the files (" + g.Why + ")"})
	}
	c.BlockReason = why + messageGateUnjudged
	_, err := c.move(airlock.TriggerInconclusive, c.BlockReason)
	return err
}

func (c *change) waitingFor(g airlock.Gate) string {
	if len(c.Holds) > 0 {
		return messageHeld
	}
	if !c.ScanRequired || c.scanned() {
		return c.atGates()
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

// scanned reports whether the malware gate waits for nothing.
func (c *change) scanned() bool {
	for _, f := range c.Files {
		if state := c.ScanOf(f, c.ws.Policy, c.at).State; state != airlock.ScanClean && state != airlock.ScanGivenUp {
			return false
		}
	}
	return true
}

// passUnscanned applies the policy's choice for files that nobody could scan.
func (c *change) passUnscanned(why string) error {
	switch c.ws.Policy.MalwareScanning.Inconclusive {
	case airlock.InconclusiveReview:
		_, err := c.openReview(joined(fmt.Sprintf(messageUnscanned, why), c.leftForReview()))
		return err
	case airlock.InconclusiveFail:
		return c.fail(unrecoverable{code: "scan_inconclusive", operation: "malware scan", cause: "the files could not be scanned (" + why + ")"})
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
		c.retryAt = c.at.Add(s.config.Grace)
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
	tags, err := s.config.Blobs.ScanTags(ctx, con)
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
