package outbox

import (
	"context"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

const (
	// removeAfter is how long the rows of events that are out wait for others, so that
	// one call removes the rows of a decision and the one behind it. It is far below
	// the time after which the reconciler takes a row for one that was not published.
	removeAfter  = 500 * time.Millisecond
	removeWithin = 20 * time.Second
	// removalLength bounds the rows that wait; beyond it they are removed at once.
	removalLength = 1000
)

// removal gathers the rows of events that are out. A crash before they are removed
// has the events sent again, with the same ids, as a crash right after sending does.
type removal struct {
	mu   sync.Mutex
	rows []airlock.Event
	due  chan struct{} // holds one when rows wait
	full chan struct{} // holds one when they should wait no longer
}

func newRemoval() removal {
	return removal{due: make(chan struct{}, 1), full: make(chan struct{}, 1)}
}

// add never blocks.
func (r *removal) add(rows []airlock.Event) {
	r.mu.Lock()
	r.rows = append(r.rows, rows...)
	full := len(r.rows) >= removalLength
	r.mu.Unlock()
	signal(r.due)
	if full {
		signal(r.full)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// take returns the rows and forgets them.
func (r *removal) take() []airlock.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows := r.rows
	r.rows = nil
	return rows
}

// remove removes rows as they gather, until ctx ends, and then the rest.
func (o *Outbox) remove(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			o.removeGathered(ctx)
			return
		case <-o.removal.due:
		}
		select {
		case <-ctx.Done():
		case <-o.removal.full:
		case <-time.After(removeAfter):
		}
		o.removeGathered(ctx)
	}
}

// removeGathered removes the rows that have gathered. The reconciler sends once more
// the events of rows that it cannot remove.
func (o *Outbox) removeGathered(ctx context.Context) {
	rows := o.removal.take()
	if len(rows) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	if err := o.config.Rows.Published(ctx, rows); err != nil {
		o.config.Log.WarnContext(ctx, "events that are out stay in the outbox and will be sent again", "events", len(rows), "error", err.Error())
	}
}
