package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// deliver carries out a decision: it moves the files from the in-progress
// account to the approved, rejected or blocked one, from exactly the bytes that
// were scanned and reviewed, and reads them again at the end. The in-progress
// container is given up by the commit that records the result.
func (s *Service) deliver(ctx context.Context, ws airlock.Workspace, r airlock.Request) (bool, error) {
	fl, err := s.flightOf(ws, r)
	if err != nil {
		return false, err
	}
	landings, fault := s.fly(ctx, fl, r.Files)
	again := false
	now, err := s.decide(context.WithoutCancel(ctx), ws, r.ID, airlock.SystemPrincipal("copy"), func(c *change) error {
		again = false
		if !c.since(r) {
			return errUnchanged
		}
		news, err := c.noteDelivered(landings, fl.to.Account)
		if err != nil {
			return err
		}
		// As in gather: what was not looked at as a whole is not done.
		done := fault == nil && c.delivered()
		if !news && !done {
			return errUnchanged
		}
		if !done {
			c.continueIfUnhashed(landings)
			return nil
		}
		again = true
		if c.Status == airlock.ApprovalInProgress {
			if blocked, err := c.blockMalware(); blocked {
				return err
			}
		}
		source, _ := airlock.SourceOf(c.Type, c.Status)
		c.giveUp(source)
		rec, err := c.move(airlock.TriggerCopyVerified, c.BlockReason)
		if err != nil {
			return err
		}
		rec.Files = c.evidence(c.stage(), s.accounts(ws), func(f airlock.File) string { return f.FinalETag })
		return nil
	})
	if err == nil {
		err = s.removeStray(ctx, fl.to, now)
	}
	if fault != nil {
		return false, fault
	}
	return again, err
}

// noteDelivered takes the landings into the record. Bytes at the destination
// whose hash differs from the one taken before the review are an
// *airlock.IntegrityError.
func (c *change) noteDelivered(landings map[string]landing, account string) (news bool, err error) {
	for i := range c.Files {
		f := &c.Files[i]
		l, ok := landings[f.Name]
		if !ok {
			continue
		}
		if l.note(f, &f.FinalETag) {
			news = true
		}
		if l.etag != f.FinalETag || f.FinalChecked || f.FinalETag == "" {
			continue
		}
		switch {
		case f.SHA256 == "": // above the hash limit: the ETag chain is the proof
			f.FinalChecked, news = true, true
		case l.sum == f.SHA256:
			f.FinalChecked, f.Hash, news = true, nil, true
		case l.sum != "":
			return false, &airlock.IntegrityError{Where: account, What: "the bytes at the destination are not the reviewed ones"}
		}
	}
	return news, nil
}

func (c *change) delivered() bool {
	for _, f := range c.Files {
		if f.FinalETag == "" || !f.FinalChecked {
			return false
		}
	}
	return len(c.Files) > 0
}
