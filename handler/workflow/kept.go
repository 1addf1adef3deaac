package workflow

import (
	"context"
	"errors"
	"slices"

	"example.org/airlock/handler/airlock"
)

// keptVerdicts bounds the rows of verdicts that are not in force: two for each file,
// which may come before the copies are recorded, and some for all others.
func keptVerdicts(r airlock.Request) int { return 100 + 2*len(r.Files) }

// keep keeps a verdict that is not in force. A verdict that was kept before changes
// nothing. A request that has as many as it may takes no more: the verdict is forgotten,
// or, while copies are not recorded yet, delivered again when they may be.
func (s *Service) keep(ctx context.Context, c *change, t *taking, bytes string) error {
	k := airlock.KeptVerdict{File: t.Name(), Verdict: t.verdict(c.at)}
	if c.Work.Verdicts >= keptVerdicts(c.Request) {
		if c.Status == airlock.Submitted && !c.Copied() {
			return tooEarly(t.Account)
		}
		return errUnchanged
	}
	known, err := s.config.Requests.Verdicts(ctx, c.Workspace, c.ID, t.ETag)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, k.Same) {
		return errUnchanged
	}
	c.keepVerdict(k)
	rec := c.recordVerdict(k.Verdict, k.File, bytes)
	t.describe(rec)
	if rec.Security = bytes != "sealed"; bytes == "other" && c.Status == airlock.Submitted && !c.Copied() {
		rec.Security, rec.Detail["bytes"] = false, "not recorded yet"
	}
	if c.Work.Verdicts == keptVerdicts(c.Request) {
		rec.Detail["further"] = "not recorded"
	}
	return nil
}

// tooEarly has a verdict delivered again when the copies are recorded.
func tooEarly(account string) error {
	return &airlock.Fault{Kind: airlock.Transient, Code: "CopyNotRecorded", Operation: "take a verdict", Account: account,
		Err: errors.New("the copies that it may be about are not recorded yet")}
}

// keepVerdict has a verdict written to a row of its own with the present decision.
func (c *change) keepVerdict(k airlock.KeptVerdict) {
	c.kept = append(c.kept, k)
	c.Work.Verdicts++
}

// adopt puts kept verdicts in force that are about bytes recorded only now.
func (s *Service) adopt(ctx context.Context, c *change) error {
	if c.Work.Verdicts == 0 {
		return nil
	}
	known, err := s.config.Requests.Verdicts(ctx, c.Workspace, c.ID, "")
	if err != nil {
		return err
	}
	for _, k := range known {
		if f := c.FileOf(k.Outcome, k.ETag, []string{k.File}); f != nil {
			k.Noted = c.at // the wait for the next step begins now
			f.Note(k.Verdict)
		}
	}
	return nil
}
