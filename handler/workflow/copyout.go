package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/transfer"
)

// copyOut carries out a decision: it moves the files from the in-progress account
// to the approved, rejected or blocked one, from exactly the bytes that were
// scanned and reviewed, and compares what arrived with them. Nothing is released
// whose trail does not bear it out. The in-progress container is given up by the
// commit that records the result.
func (s *Service) copyOut(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	if at.Status == airlock.ApprovalInProgress {
		if _, err := s.prove(ctx, at.Request, audit.Replay); err != nil {
			return false, err
		}
	}
	return s.carry(ctx, ws, at, s.recordOut)
}

// recordOut records what arrived at the destination, and the result once all has.
func (s *Service) recordOut(ctx context.Context, c *change, l *load) error {
	news, err := c.noteCopiedOut(l.moved, l.to.Account)
	if err != nil {
		return err
	}
	done := l.fault == nil && c.Delivered()
	if done && c.stopsForMalware() {
		l.fault = s.lastTags(ctx, c)
		done = l.fault == nil
	}
	if !news && !done {
		return errUnchanged
	}
	if !done {
		c.continueIfShort(l.moved)
		return nil
	}
	l.again = true
	if onHold(c.Request) {
		return nil // the arrived files are on record
	}
	if c.stopsForMalware() {
		if blocked, err := c.blockMalware(); blocked {
			return err
		}
	}
	source, _ := airlock.SourceOf(c.Type, c.Status)
	c.giveUpStage(source)
	rec, err := c.move(airlock.TriggerCopyVerified, c.BlockReason)
	if err != nil {
		return err
	}
	rec.Files = evidenceOf(c.Leaving(), c.Accounts[c.stage()], func(f airlock.File) string { return f.FinalETag })
	return nil
}

// lastTags reads the scanner's tags once more before the bytes leave: the event that told
// of malware since the gate was passed may have been lost. Blobs that are gone by now tell
// nothing, and the copies of them are verified.
func (s *Service) lastTags(ctx context.Context, c *change) error {
	if !c.ScanRequired || c.ScanUnconfirmed {
		return nil
	}
	err := s.noteTags(ctx, c)
	if errors.Is(err, airlock.ErrGone) {
		return nil
	}
	return err
}

// noteCopiedOut takes the arrived files into the record. Bytes at the destination that
// are not the reviewed ones are an *airlock.IntegrityError: by the checksum that
// storage computed of them if this call made the copy, else by reading them.
func (c *change) noteCopiedOut(moved map[string]transfer.Progress, account string) (news bool, err error) {
	for i := range c.Files {
		f := &c.Files[i]
		p, ok := moved[f.Name]
		if !ok {
			continue
		}
		if noteMove(f, &f.FinalETag, p) {
			news = true
		}
		if f.FinalETag == "" || p.ETag != f.FinalETag || f.FinalChecked {
			continue
		}
		same, known := f.Same(p.Copied, p.Hash, p.Sum)
		if !known {
			continue
		}
		if !same {
			return false, &airlock.IntegrityError{Where: account, What: "the bytes at the destination are not the reviewed ones"}
		}
		f.FinalChecked, f.Hash, news = true, nil, true
	}
	return news, nil
}
