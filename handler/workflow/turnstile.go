package workflow

import (
	"context"
	"sync"

	"example.org/airlock/handler/airlock"
)

// turnstile lets one goroutine of this process work on a request at a time, and
// one wait behind it. Other processes may still do the same work: it saves
// effort, not correctness.
type turnstile struct {
	mu   sync.Mutex
	busy map[airlock.RequestID]*place
}

type place struct {
	free    chan struct{} // closed when who works leaves
	waiting bool          // somebody waits for that
}

// enter returns true when the caller may work, after waiting if somebody does
// already. (false, nil): somebody is waiting already and will look at the request
// after this moment. The error is ctx's.
func (t *turnstile) enter(ctx context.Context, id airlock.RequestID) (bool, error) {
	for {
		t.mu.Lock()
		p := t.busy[id]
		switch {
		case p == nil:
			if t.busy == nil {
				t.busy = map[airlock.RequestID]*place{}
			}
			t.busy[id] = &place{free: make(chan struct{})}
			t.mu.Unlock()
			return true, nil
		case p.waiting:
			t.mu.Unlock()
			return false, nil
		}
		p.waiting = true
		t.mu.Unlock()
		select {
		case <-p.free:
		case <-ctx.Done():
			t.mu.Lock()
			p.waiting = false
			t.mu.Unlock()
			return false, ctx.Err()
		}
	}
}

// leave lets the next one in.
func (t *turnstile) leave(id airlock.RequestID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.busy[id].free)
	delete(t.busy, id)
}
