package workflow

import (
	"cmp"
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

// maxSteps bounds the steps of one Advance: copy, clean, move, clean, receipt,
// with room for a lost race. The reconciler does the rest.
const maxSteps = 10

// Advance is Heed for what is no event.
func (s *Service) Advance(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, because string) error {
	return s.Heed(ctx, airlock.Hint{Workspace: ws, Request: id, Because: because})
}

// Heed takes the steps that a request's state calls for: copy and verify, open or shut
// the gate, move to the final account, delete superfluous copies, report what
// is overdue. It is called by every event and by the reconciler, believes none
// of them, and may be called at any time and any number of times. If this process
// knows that an event's work is done, Heed does not read the state.
//
// nil means that nothing is left to do now, or that the rest is on record and will be
// done by the next event or the reconciler. Errors: airlock.ErrNotFound; others mean
// "call again".
func (s *Service) Heed(ctx context.Context, h airlock.Hint) error {
	ctx = logging.With(ctx, logging.Request, string(h.Request))
	// Events of one request come in flocks, and two copies of the same work help
	// nobody: one call works, one waits to look at what that leaves, and further
	// ones may rely on the one that waits.
	mine, err := s.running.enter(ctx, h.Request)
	if !mine {
		return err
	}
	defer s.running.leave(h.Request)
	if s.recent.answered(h) {
		return nil
	}
	_, last := s.recent.begin(h.Request)
	ws, r, version, err := s.find(ctx, cmp.Or(h.Workspace, s.recent.workspaceOf(h.Request)), h.Request)
	if err != nil {
		s.recent.gaveUp(h.Request)
		return err
	}
	return s.steps(ctx, ws, &held{Request: r, version: version}, last, h.Because)
}

// steps takes the steps that the request's state calls for, one by one. last is the last event that
// was owed when the request was read.
func (s *Service) steps(ctx context.Context, ws airlock.Workspace, at *held, last, because string) error {
	id, done := at.ID, false
	defer func() {
		if !done {
			s.recent.gaveUp(id)
		}
	}()
	ctx = logging.With(ctx, logging.Workspace, string(ws.ID))
	for range maxSteps {
		was := *at
		at.own = false
		again, err := s.step(ctx, ws, at)
		if err != nil && !errors.Is(err, airlock.ErrStale) {
			s.config.Log.WarnContext(ctx, "step met an error", "status", was.Status, "because", because, "error", err.Error())
			if err = s.handleFault(ctx, ws, was.Request, was.version, err); !errors.Is(err, airlock.ErrStale) {
				return err
			}
		}
		if !again && err == nil {
			if done = true; s.recent.end(lastRow{Request: at.Request, version: at.version}, s.idle(ws, at.Request), last) {
				s.soon(id)
			}
			return nil
		}
		if at.own && err == nil {
			continue
		}
		s.recent.reread(id)
		if at.Request, at.version, err = s.config.Requests.Load(ctx, ws.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// idle reports whether a request's state calls for nothing before its time.
func (s *Service) idle(ws airlock.Workspace, r airlock.Request) bool {
	c := &change{Request: r, ws: ws, at: s.config.Now().UTC()}
	switch {
	case len(r.Work.Delete) > 0, r.OwesDocument():
		return false
	case r.Status == airlock.Submitted:
		return c.Copied() && c.waits()
	}
	return !r.Status.Moving()
}

// find loads a request whose workspace is only a hint: when the hint is "" or
// wrong, the table knows.
func (s *Service) find(ctx context.Context, hint airlock.WorkspaceID, id airlock.RequestID) (airlock.Workspace, airlock.Request, airlock.Version, error) {
	for _, ws := range []airlock.WorkspaceID{hint, ""} {
		where, err := s.locate(ctx, ws, id)
		if err == nil {
			var (
				r airlock.Request
				v airlock.Version
			)
			if r, v, err = s.config.Requests.Load(ctx, where.ID, id); err == nil {
				return where, r, v, nil
			}
		}
		if ws == "" || !errors.Is(err, airlock.ErrNotFound) && !errors.Is(err, airlock.ErrNoWorkspace) {
			return airlock.Workspace{}, airlock.Request{}, "", err
		}
	}
	return airlock.Workspace{}, airlock.Request{}, "", airlock.ErrNotFound
}

// step does the one thing the state calls for first. again asks to look at the
// state once more.
func (s *Service) step(ctx context.Context, ws airlock.Workspace, at *held) (again bool, err error) {
	r := at.Request
	if len(r.Work.Delete) == 0 {
		return s.onward(ctx, ws, at)
	}
	if r.Status == airlock.Approved && r.Receipt == "" { // one write for both
		if again, err = s.onward(ctx, ws, at); err == nil {
			return again, nil
		}
		again, fault := s.deleteGivenUp(ctx, ws, at)
		return again, errors.Join(err, fault)
	}
	again, fault := s.deleteGivenUp(ctx, ws, at)
	if fault == nil {
		return again, nil
	}
	if !r.Status.Moving() && !r.OwesDocument() {
		return false, fault
	}
	// An account that refuses a deletion must not hold up the work that people wait for.
	if again, err = s.onward(ctx, ws, at); again && err == nil {
		return true, nil
	}
	return again, errors.Join(err, fault)
}

// onward is step apart from deletions.
func (s *Service) onward(ctx context.Context, ws airlock.Workspace, at *held) (again bool, err error) {
	r := at.Request
	c := &change{Request: r, ws: ws, at: s.config.Now().UTC()}
	switch {
	case r.Archived():
		return false, nil
	case c.late():
		return s.decided(s.reportOverdue(ctx, ws, r))
	case r.Status == airlock.Submitted && r.Arrived() && r.LeavingQuarantine():
		return s.leftQuarantine(ctx, ws, at)
	case r.Status == airlock.Submitted && !c.Copied():
		return s.copyIn(ctx, ws, at)
	case r.Status == airlock.Submitted:
		return s.gates(ctx, ws, r)
	case onHold(r):
		return s.timeouts(ctx, ws, r)
	case r.Status.Moving():
		return s.copyOut(ctx, ws, at)
	case r.Status == airlock.Approved && r.Receipt == "":
		return s.issueReceipt(ctx, ws, at)
	case r.Status == airlock.Revoked && r.Revocation == "":
		return s.attestRevocation(ctx, ws, at)
	}
	return s.timeouts(ctx, ws, r)
}
