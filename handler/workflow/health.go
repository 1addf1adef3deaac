package workflow

import (
	"context"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/parallel"
)

const (
	healthFor    = 5 * time.Second
	healthWithin = 4 * time.Second
	// parkedCounted is how far parked events are counted: one storage call's worth.
	parkedCounted = 1000
)

// Health looks at the store. One damaged row is not an unreachable store. It answers from memory for a few seconds.
func (s *Service) Health(ctx context.Context) Health {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	if now := s.config.Now(); now.Sub(s.health.at) >= healthFor {
		ctx, cancel := context.WithTimeout(ctx, healthWithin)
		defer cancel()
		s.health.value, s.health.at = s.look(ctx), now
	}
	return s.health.value
}

func (s *Service) look(ctx context.Context) Health {
	h := Health{ScanSilent: s.silent.count(), Damaged: s.config.Requests.Damaged(), Unclaimed: int(s.unclaimed.Load())}
	workspaces, err := s.config.Registry.Workspaces(ctx)
	if err != nil && !unreadable(err) {
		return h
	}
	if h.Parked, err = s.config.Parked.CountParked(ctx, parkedCounted); err != nil {
		return h
	}
	reachable := true
	var mu sync.Mutex
	parallel.Each(workspaces, parallelRequests, func(ws airlock.Workspace) {
		age, errAge := s.oldestUnpublished(ctx, ws)
		overdue, errOverdue := s.config.Requests.Overdue(ctx, ws.ID)
		mu.Lock()
		defer mu.Unlock()
		h.OldestUnpublished = max(h.OldestUnpublished, age)
		h.Overdue += overdue
		reachable = reachable && errAge == nil && errOverdue == nil
	})
	h.StorageReachable = reachable
	return h
}

func (s *Service) oldestUnpublished(ctx context.Context, ws airlock.Workspace) (time.Duration, error) {
	for e, err := range s.config.Requests.Unpublished(ctx, ws.ID, s.config.Now()) {
		if unreadable(err) { // the reconciler tells it; the storage answers
			continue
		}
		if err != nil {
			return 0, err
		}
		return s.config.Now().Sub(e.Time), nil
	}
	return 0, nil
}
