package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// gather brings a submitted request's files into the in-progress account:
// create the container, copy from the ETags frozen at submit, verify, hash. The
// draft container is given up by the commit that records the verified copies.
func (s *Service) gather(ctx context.Context, ws airlock.Workspace, r airlock.Request) (bool, error) {
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
		if !c.noteGathered(landings) {
			return errUnchanged
		}
		if !c.copied() {
			c.continueIfUnhashed(landings)
			return nil
		}
		// Only a flight that met nothing has looked at the destination as a whole.
		if fault != nil {
			return errUnchanged
		}
		again, c.Work.Attempts = true, 0
		draft, _ := airlock.StageOf(c.Type, airlock.Draft)
		c.giveUp(draft)
		stage, _ := airlock.StageOf(c.Type, airlock.Submitted)
		rec := c.record("copied")
		rec.From, rec.To = c.Status, c.Status
		rec.Files = c.evidence(stage, s.accounts(ws), func(f airlock.File) string { return f.InProgressETag })
		return c.passGates()
	})
	if err == nil {
		err = s.removeStray(ctx, fl.to, now)
	}
	if fault != nil {
		return false, fault
	}
	return again, err
}

// flightOf is the move a moving status calls for.
func (s *Service) flightOf(ws airlock.Workspace, r airlock.Request) (flight, error) {
	source, _ := airlock.SourceOf(r.Type, r.Status)
	destination, _ := airlock.DestinationOf(r.Type, r.Status)
	from, err := s.container(ws, source, r.ID)
	if err != nil {
		return flight{}, err
	}
	to, err := s.container(ws, destination, r.ID)
	if err != nil {
		return flight{}, err
	}
	fl := flight{from: from, to: to}
	if r.Status == airlock.Submitted {
		fl.source = func(f airlock.File) string { return f.DraftETag }
		fl.landed = func(f airlock.File) string { return f.InProgressETag }
		fl.unhashed = func(f airlock.File) bool { return !r.Hashed(f) }
	} else {
		fl.reviewed = true
		fl.source = func(f airlock.File) string { return f.InProgressETag }
		fl.landed = func(f airlock.File) string { return f.FinalETag }
		// What has a hash is read again at its destination.
		fl.unhashed = func(f airlock.File) bool { return f.SHA256 != "" && !f.FinalChecked }
	}
	return fl, nil
}

func (c *change) noteGathered(landings map[string]landing) (news bool) {
	for i := range c.Files {
		f := &c.Files[i]
		l, ok := landings[f.Name]
		if !ok {
			continue
		}
		fresh := f.InProgressETag == ""
		if l.note(f, &f.InProgressETag) {
			news = true
		}
		if fresh && f.InProgressETag != "" {
			f.CopiedWhen = c.at
		}
		if l.sum != "" && f.SHA256 == "" && l.etag == f.InProgressETag {
			f.SHA256, f.Hash, news = l.sum, nil, true
		}
	}
	return news
}

// continueIfUnhashed asks for another delivery when only time was short. A copy
// under way needs none: its BlobCreated will come.
func (c *change) continueIfUnhashed(landings map[string]landing) {
	for _, l := range landings {
		if l.hashing {
			c.emitContinue()
			return
		}
	}
}

// removeStray deletes the container this call worked on when the request has
// moved on meanwhile and holds no bytes there: a slow twin must leave nothing
// behind. The deletion counts from when the request moved on, so that it misses
// what a retry makes, however late it arrives; what the twin made later than that
// is the sweep's.
func (s *Service) removeStray(ctx context.Context, con airlock.Container, now airlock.Request) error {
	ws, err := s.Registry.Workspace(ctx, now.Workspace)
	if err != nil {
		return err
	}
	if stage, known := s.accounts(ws).Stage(con.Account); !known || mayHold(now, stage) {
		return nil
	}
	return s.Blobs.DeleteContainer(ctx, con, now.StatusSince.Add(clockSkew))
}

// mayHold reports whether a request may have a container in a stage account in
// its present state.
func mayHold(r airlock.Request, stage airlock.Stage) bool {
	if !r.Work.DataDeleted.IsZero() {
		return false
	}
	if at, ok := airlock.StageOf(r.Type, r.Status); ok && at == stage {
		return true
	}
	if r.Status.Moving() {
		source, _ := airlock.SourceOf(r.Type, r.Status)
		destination, _ := airlock.DestinationOf(r.Type, r.Status)
		return stage == source && (r.Status != airlock.Submitted || !gathered(r)) || stage == destination
	}
	if r.Status == airlock.Failed && r.Failure != nil {
		// What a retry resumes from.
		if r.Failure.In == airlock.Submitted && !gathered(r) {
			at, _ := airlock.StageOf(r.Type, airlock.Draft)
			return stage == at
		}
		at, _ := airlock.StageOf(r.Type, r.Failure.In)
		return stage == at
	}
	return false
}

// gathered reports whether all files are recorded in the in-progress account.
func gathered(r airlock.Request) bool {
	for _, f := range r.Files {
		if f.InProgressETag == "" {
			return false
		}
	}
	return len(r.Files) > 0
}
