package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/transfer"
)

// load is the share of a request's files that a call carried.
type load struct {
	moved map[string]transfer.Progress
	to    airlock.Container
	// fault is why the call could not go on. Without one the destination was looked at
	// as a whole: nothing is done before.
	fault error
	// again asks to look at the state once more.
	again bool
}

// carry moves a request's files the way that its status calls for, and has record take
// the files that arrived into the request. record decides like every decision: it may be
// called again after a lost race, and begins anew then.
func (s *Service) carry(ctx context.Context, ws airlock.Workspace, at *held, record func(context.Context, *change, *load) error) (bool, error) {
	r := at.Request
	leg, err := s.legOf(r)
	if err != nil {
		return false, err
	}
	moved, fault := transfer.Move(ctx, s.config.Blobs, leg, r.Files)
	l := load{fault: fault}
	now, err := s.decideHeld(context.WithoutCancel(ctx), ws, at, airlock.SystemPrincipal("copy"), func(c *change) error {
		l = load{moved: moved, to: leg.To, fault: fault}
		if !c.sameStay(r) {
			return errUnchanged
		}
		return record(ctx, c, &l)
	})
	if err == nil {
		err = s.removeStray(ctx, leg.To, now)
	}
	if l.fault != nil {
		return false, l.fault
	}
	return l.again, err
}

// legOf is the way of a request's files that a moving status calls for.
func (s *Service) legOf(r airlock.Request) (transfer.Leg, error) {
	source, _ := r.Source()
	destination, _ := airlock.DestinationOf(r.Type, r.Status)
	from, err := r.Container(source)
	if err != nil {
		return transfer.Leg{}, err
	}
	to, err := r.Container(destination)
	if err != nil {
		return transfer.Leg{}, err
	}
	if r.Status == airlock.Submitted {
		return transfer.Leg{From: from, To: to,
			Source:   airlock.File.SourceETag,
			Recorded: func(f airlock.File) string { return f.InProgressETag },
			Unread:   func(f airlock.File, _ airlock.Copied) bool { return r.Unread(f) }}, nil
	}
	return transfer.Leg{From: from, To: to, Shown: true,
		Stays:    func(f airlock.File) bool { return r.Status == airlock.ApprovalInProgress && !f.Released() },
		Source:   func(f airlock.File) string { return f.InProgressETag },
		Recorded: func(f airlock.File) string { return f.FinalETag },
		Unread: func(f airlock.File, made airlock.Copied) bool {
			_, known := f.Same(made, nil, "")
			return !f.FinalChecked && !known
		}}, nil
}

// noteMove takes how far a file has come into its record; etag is its member for
// the destination. It reports whether that is news.
func noteMove(f *airlock.File, etag *string, p transfer.Progress) (news bool) {
	if p.ETag == "" && *etag == "" && p.Copy != nil && p.Copy.Offset > 0 &&
		(f.Copy == nil || f.Copy.Source != p.Copy.Source || f.Copy.Offset != p.Copy.Offset) {
		f.Copy, news = p.Copy, true
	}
	if p.ETag != "" && *etag == "" {
		*etag, f.Copy, news = p.ETag, nil, true
	}
	if p.Hash != nil && p.ETag == *etag && (f.Hash == nil || f.Hash.ETag != p.ETag || f.Hash.Offset < p.Hash.Offset) {
		f.Hash, news = p.Hash, true
	}
	return news
}

// continueIfShort asks for another delivery, and reports so, when only time was
// short.
func (c *change) continueIfShort(moved map[string]transfer.Progress) bool {
	for _, p := range moved {
		if p.Short {
			c.emitContinue()
			return true
		}
	}
	return false
}

// removeStray deletes the container this call worked on when the request has
// moved on meanwhile and holds no bytes there: a slow twin must leave nothing
// behind. The deletion counts from when the request moved on, so that it misses the
// container of a retry, however late it arrives. The sweep deals with one that the
// twin made later than that.
func (s *Service) removeStray(ctx context.Context, con airlock.Container, now airlock.Request) error {
	if place, known := now.PlaceOf(con); !known || now.MayHold(place) {
		return nil
	}
	_, err := s.config.Blobs.DeleteContainer(ctx, con, now.StatusSince.Add(clockSkew))
	return err
}
