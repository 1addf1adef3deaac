package workflow

import (
	"context"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

const (
	// backgroundAtOnce is how many requests are worked on beside calls and deliveries, and
	// backgroundWithin bounds each, as a delivery is.
	backgroundAtOnce = 8
	backgroundWithin = 25 * time.Second
)

// Run goes on from the decisions of this process right after they are made, until ctx
// ends. Without it, and after a crash, their events and the reconciler have the same
// work done: it saves waiting for them, and what they would have to look up.
func (s *Service) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range backgroundAtOnce {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case id := <-s.next:
					s.goOn(ctx, id)
				}
			}
		})
	}
	workers.Wait()
}

// goOn goes on from the last decision of this process about a request, unless somebody
// has done so.
func (s *Service) goOn(ctx context.Context, id airlock.RequestID) {
	ctx, cancel := context.WithTimeout(ctx, backgroundWithin)
	defer cancel()
	ctx = logging.With(ctx, logging.Request, string(id))
	if mine, _ := s.running.enter(ctx, id); !mine { // somebody else is at it, or the time is up
		return
	}
	defer s.running.leave(id)
	err := s.recovering(ctx, "background", func() error {
		left, last := s.recent.begin(id)
		if left == nil {
			s.recent.gaveUp(id)
			return nil
		}
		at := &held{Request: left.Request, version: left.version, own: true}
		ws, err := s.config.Registry.Workspace(ctx, left.Workspace)
		if err == nil && s.config.Now().Sub(left.when) > freshFor {
			at.own = false
			at.Request, at.version, err = s.config.Requests.Load(ctx, ws.ID, id)
		}
		if err != nil {
			s.recent.gaveUp(id)
			return err
		}
		return s.steps(ctx, ws, at, last, "decision")
	})
	if err != nil && ctx.Err() == nil {
		s.config.Log.WarnContext(ctx, "going on from a decision met an error; its events have it done", "error", err.Error())
	}
}
