package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// gates looks after a request whose files are copied and wait at the gate: it lets
// the request on as soon as the gate does, and makes fresh copies of files that are
// to be scanned again. The scanner's tags come first: they make up for lost events.
func (s *Service) gates(ctx context.Context, ws airlock.Workspace, r airlock.Request) (bool, error) {
	c := &change{Request: r, ws: ws, at: s.config.Now().UTC()}
	if g := c.gate(); g.Step != airlock.GateWaits || g.Tags || g.Moves() {
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
	if c.gate().Inspect {
		return s.inspectNext(ctx, ws, c.Request)
	}
	return s.timeouts(ctx, ws, c.Request)
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
		if c.Status == airlock.Submitted && c.StatusMessage == message && len(c.records) == 0 && len(c.events) == 0 {
			return errUnchanged
		}
		return nil
	})
}

// rescan makes a file's blob anew of its own blocks: its BlobCreated makes the
// scanner look again. The new ETag takes the old one's place in the chain.
func (s *Service) rescan(ctx context.Context, ws airlock.Workspace, r airlock.Request, f airlock.File) error {
	stage, _ := airlock.StageOf(r.Type, r.Status)
	con, err := r.Container(stage)
	if err != nil {
		return err
	}
	why := r.ScanOf(f, ws.Policy, s.config.Now().UTC()).Why
	if f.Verdict == nil {
		s.scannerSilent(ctx, con.Account, r.ID)
	}
	fresh, err := s.config.Blobs.Refresh(ctx, con, f.Name, f.InProgressETag, f.Size)
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
	if s.silent.note(account, s.config.Now()) {
		s.config.Log.ErrorContext(ctx, "scanning is on by policy but no verdict arrived in time", "alert", logging.ScanSilent, "account", account, "request", id)
	}
}
