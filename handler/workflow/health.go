package workflow

import (
	"context"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/parallel"
)

// Health is what operators and monitors may see without a token: no ids, no
// names of people or files.
type Health struct {
	StorageReachable bool
	// OldestUnpublished is the age of the oldest event in the outbox.
	OldestUnpublished time.Duration
	// Overdue counts requests past the deadline of their status.
	Overdue int
	// Parked counts parked events; from a thousand on, no further.
	Parked int
	// ScanSilent counts the in-progress accounts that owe verdicts, as this process
	// knows; the log names them.
	ScanSilent int
	// Damaged counts rows of the state that are not to be believed, as this process
	// knows; the log names them.
	Damaged int
}

// healthCache keeps an answer for a few seconds: the route needs no token, and
// must not let strangers make storage calls.
type healthCache struct {
	mu    sync.Mutex
	at    time.Time
	value Health
}

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
	if now := s.Now(); now.Sub(s.health.at) >= healthFor {
		ctx, cancel := context.WithTimeout(ctx, healthWithin)
		defer cancel()
		s.health.value, s.health.at = s.look(ctx), now
	}
	return s.health.value
}

func (s *Service) look(ctx context.Context) Health {
	h := Health{ScanSilent: s.silent.count(), Damaged: s.Requests.Damaged()}
	workspaces, err := s.Registry.Workspaces(ctx)
	if err != nil && !unreadable(err) {
		return h
	}
	if h.Parked, err = s.Parked.CountParked(ctx, parkedCounted); err != nil {
		return h
	}
	reachable := true
	var mu sync.Mutex
	parallel.Each(workspaces, parallelRequests, func(ws airlock.Workspace) {
		age, errAge := s.oldestUnpublished(ctx, ws)
		overdue, errOverdue := s.Requests.Overdue(ctx, ws.ID)
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
	for e, err := range s.Requests.Unpublished(ctx, ws.ID, s.Now()) {
		if unreadable(err) { // the reconciler tells it; the storage answers
			continue
		}
		if err != nil {
			return 0, err
		}
		return s.Now().Sub(e.Time), nil
	}
	return 0, nil
}
