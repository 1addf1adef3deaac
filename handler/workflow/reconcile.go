package workflow

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/parallel"
)

// Limits of one run. Work that does not fit is still due and comes next time.
const (
	reconcileWithin = 4 * time.Minute
	// lookAfterWithin leaves the rest of a run to the anchors, and advanceWithin
	// the rest of that to the other requests, however large somebody's files are.
	lookAfterWithin   = 150 * time.Second
	advanceWithin     = 25 * time.Second
	parallelRequests  = 8
	outboxStalledFrom = 10 * time.Minute
)

// Reconcile is the timer's call: reconcile, with a line in the log when there
// was something to do, and beside it, once a day, the orphan sweep.
func (s *Service) Reconcile(ctx context.Context) error {
	began := s.config.Now()
	var sweeping sync.WaitGroup
	sweeping.Go(func() { s.sweepDaily(ctx) }) // beside, for both need their whole time
	report, err := s.reconcile(ctx)
	sweeping.Wait()
	if report.Advanced+report.Published+report.Anchored+report.DeadLetters+report.Failed > 0 || err != nil {
		s.config.Log.InfoContext(ctx, "reconciled", "advanced", report.Advanced, "published", report.Published, "anchored", report.Anchored,
			"deadLetters", report.DeadLetters, "failed", report.Failed, "ms", s.config.Now().Sub(began).Milliseconds())
	}
	return err
}

// reconcile brings every request to its right end after any loss: it
// publishes the rows left in the outbox, advances every request whose time has
// come, collects dead letters, and anchors the chain heads that changed. It reads index rows of
// unfinished work only, so a run's cost grows with unfinished requests, not with all that ever
// happened. Several may run at once. The error is the first one met; the rest
// of the work was still done. Rows that nobody can read are no error of the run:
// they are counted as failed and have an alert of their own.
func (s *Service) reconcile(ctx context.Context) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, reconcileWithin)
	defer cancel()
	workspaces, err := s.config.Registry.Workspaces(ctx)
	tally := &tally{Report: Report{Workspaces: len(workspaces)}}
	if unreadable(err) {
		s.damaged(ctx, "workspaces cannot be read", "error", err.Error())
		tally.Failed, err = 1, nil
	}
	tally.add(Report{}, err)
	s.tellChanges(ctx, workspaces)
	var collecting sync.WaitGroup
	collecting.Go(func() { s.runPart(ctx, tally, func() (Report, error) { return s.collectDeadLetters(ctx) }) })
	s.lookAfter(ctx, workspaces, tally)
	collecting.Wait()
	s.runPart(ctx, tally, func() (Report, error) { return s.anchor(ctx, workspaces) })
	s.runPart(ctx, tally, func() (Report, error) { return s.anchorWorkspaces(ctx, workspaces) })
	return tally.Report, tally.err
}

// lookAfter takes the due steps of the workspaces, a few of them at a time.
func (s *Service) lookAfter(ctx context.Context, workspaces []airlock.Workspace, t *tally) {
	ctx, cancel := context.WithTimeout(ctx, lookAfterWithin)
	defer cancel()
	parallel.Each(workspaces, parallelRequests, func(ws airlock.Workspace) {
		ctx := logging.With(ctx, logging.Workspace, string(ws.ID))
		s.runPart(ctx, t, func() (Report, error) { return s.republish(ctx, ws) })
		s.runPart(ctx, t, func() (Report, error) { return s.advanceDue(ctx, ws) })
	})
}

// collectDeadLetters leaves letters that were just written to their own event.
func (s *Service) collectDeadLetters(ctx context.Context) (Report, error) {
	n, err := s.config.DeadLetters(ctx, s.config.Now().Add(-s.config.Grace))
	return Report{DeadLetters: n}, err
}

// runPart does one part of a run and adds its report.
func (s *Service) runPart(ctx context.Context, t *tally, f func() (Report, error)) {
	var r Report
	err := s.recovering(ctx, "reconciler", func() (err error) { r, err = f(); return err })
	t.add(r, err)
}

// tally adds up reports of parallel work.
type tally struct {
	Report
	mu  sync.Mutex
	err error
}

func (t *tally) add(r Report, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Advanced += r.Advanced
	t.Published += r.Published
	t.Anchored += r.Anchored
	t.DeadLetters += r.DeadLetters
	t.Failed += r.Failed
	if err != nil {
		t.Failed++
		if t.err == nil {
			t.err = err
		}
	}
}

// republish sends the outbox rows of a workspace that are older than the grace
// period.
func (s *Service) republish(ctx context.Context, ws airlock.Workspace) (Report, error) {
	now, stalled, damaged := s.config.Now(), false, 0
	var unread error
	sent, unsent := s.config.Outbox.Drain(ctx, func(yield func(airlock.Event) bool) {
		damaged, unread = walk(ctx, s, ws.ID, s.config.Requests.Unpublished(ctx, ws.ID, now.Add(-s.config.Grace)), func(e airlock.Event) {
			if now.Sub(e.Time) > outboxStalledFrom && !stalled {
				stalled = true
				s.config.Log.ErrorContext(ctx, "events wait in the outbox", "alert", logging.OutboxStalled, "topic", e.Topic, "since", e.Time)
			}
			yield(e)
		})
	})
	return Report{Published: sent, Failed: damaged}, errors.Join(unread, unsent)
}

// advanceDue looks after the requests of a workspace whose time has come, each
// with a time of its own. Those that it has no time for are due still.
func (s *Service) advanceDue(ctx context.Context, ws airlock.Workspace) (Report, error) {
	var due []airlock.RequestID
	damaged, err := walk(ctx, s, ws.ID, s.config.Requests.Due(ctx, ws.ID, s.config.Now()), func(id airlock.RequestID) { due = append(due, id) })
	tally := &tally{Report: Report{Failed: damaged}}
	parallel.Each(due, parallelRequests, func(id airlock.RequestID) {
		if ctx.Err() != nil {
			return
		}
		failed := 0
		if err := s.advanceOne(ctx, ws, id); err != nil {
			failed = 1
			s.config.Log.WarnContext(ctx, "reconciler could not advance a request", "request", id, "error", err.Error())
		}
		tally.add(Report{Advanced: 1, Failed: failed}, nil)
	})
	return tally.Report, err
}

func (s *Service) advanceOne(ctx context.Context, ws airlock.Workspace, id airlock.RequestID) error {
	ctx, cancel := context.WithTimeout(ctx, advanceWithin)
	defer cancel()
	err := s.recovering(ctx, "reconciler", func() error { return s.Advance(ctx, ws.ID, id, "reconciler") })
	if errors.Is(err, airlock.ErrNotFound) {
		// Index row and request are written together and requests are never removed.
		s.damaged(ctx, "a request is not there that its index row names", "workspace", ws.ID, "request", id)
	}
	return err
}
