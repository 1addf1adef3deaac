package workflow

import (
	"context"
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/transfer"
)

// copyIn brings a submitted request's files into the in-progress account: create
// the container, copy from the ETags frozen at submit, and read the arrived bytes for
// its hash. The draft container is given up by the commit that records it. Files that
// come back from quarantine take the same way from there.
func (s *Service) copyIn(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	return s.carry(ctx, ws, at, s.recordIn)
}

// recordIn records what arrived in the in-progress account, and lets the request to the
// gate once all has.
func (s *Service) recordIn(ctx context.Context, c *change, l *load) error {
	news, err := c.noteCopiedIn(l.moved, l.to.Account)
	if err != nil {
		return err
	}
	if !news {
		return errUnchanged
	}
	if !c.Arrived() {
		short := c.continueIfShort(l.moved)
		l.again = l.fault == nil && !short // to read the files that were found
		return nil
	}
	if l.fault != nil {
		return errUnchanged
	}
	l.again, c.Work.Attempts = true, 0
	if c.LeavingQuarantine() || !c.rescanned() { // else it went long ago
		source, _ := c.Source()
		c.giveUpStage(source)
	}
	stage, _ := airlock.StageOf(c.Type, airlock.Submitted)
	rec := c.record(audit.Copied)
	rec.From, rec.To = c.Status, c.Status
	rec.Files = evidenceOf(c.Files, c.Accounts[stage], func(f airlock.File) string { return f.InProgressETag })
	if c.LeavingQuarantine() {
		return nil
	}
	if err := s.noteChanges(ctx, c); err != nil {
		return err
	}
	if err := s.adopt(ctx, c); err != nil {
		return err
	}
	return s.passWithTags(ctx, c)
}

// arrived takes a copy into the record that is news. The hash and the checksum of a file
// that was in progress before stay, and the copy is compared with them.
func (c *change) arrived(f *airlock.File, p transfer.Progress, account string) error {
	f.CopiedWhen = c.at
	if f.QuarantineETag == "" {
		f.CRC64, f.Reread = p.CRC64, !p.Made && p.CRC64 != nil
		return nil
	}
	same, known := f.Same(p.Copied, nil, "")
	if known && !same {
		return changedOnTheWay(account)
	}
	f.Reread = !known
	return nil
}

func changedOnTheWay(account string) error {
	return &airlock.IntegrityError{Where: account, What: "the bytes in the in-progress account are not those that were copied"}
}

// rescanned reports whether a file was made anew for another scan.
func (c *change) rescanned() bool {
	return slices.ContainsFunc(c.Files, func(f airlock.File) bool { return len(f.EarlierETags) > 0 })
}

// noteCopiedIn takes the arrived files into the record. Bytes that are read as others
// than storage copied, or than were hashed before, are an *airlock.IntegrityError.
func (c *change) noteCopiedIn(moved map[string]transfer.Progress, account string) (news bool, err error) {
	for i := range c.Files {
		f := &c.Files[i]
		p, ok := moved[f.Name]
		if !ok {
			continue
		}
		fresh := f.InProgressETag == ""
		if noteMove(f, &f.InProgressETag, p) {
			news = true
		}
		if fresh && p.ETag != "" {
			if err := c.arrived(f, p, account); err != nil {
				return false, err
			}
		}
		if p.Sum == "" || p.ETag != f.InProgressETag || !c.Unread(*f) {
			continue
		}
		if f.CRC64 != nil && *f.CRC64 != p.Hash.CRC64 || f.SHA256 != "" && f.SHA256 != p.Sum {
			return false, changedOnTheWay(account)
		}
		f.SHA256, f.CRC64, f.Hash, f.Reread, news = p.Sum, &p.Hash.CRC64, nil, false, true
	}
	return news, nil
}
