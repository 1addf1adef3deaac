package tablestore

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
)

// outboxPage is how many events one call reads: they may have several KiB.
const outboxPage = 200

// Unpublished yields the events of a workspace that were written before the
// given time and not published, the oldest first, a page at a time. A row it
// cannot read is yielded as an error, and it goes on; a failed call ends it.
func (s *Store) Unpublished(ctx context.Context, ws airlock.WorkspaceID, before time.Time) iter.Seq2[airlock.Event, error] {
	const operation = "list unpublished events"
	from, _ := between(kindOutbox)
	q := query{filter: rangeFilter(string(ws), from, key(kindOutbox, ascending(before))), top: outboxPage}
	return func(yield func(airlock.Event, error) bool) {
		for r, err := range s.rows(ctx, operation, s.requests, q) {
			if err != nil {
				yield(airlock.Event{}, err)
				return
			}
			e, err := readEvent(r)
			if err != nil {
				err = s.unreadable(operation, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func readEvent(r *stored) (e airlock.Event, err error) {
	r.known()
	r.document("Event", &e)
	if r.err == nil && r.partition != string(e.Workspace) {
		r.fail("it holds an event of workspace %s", e.Workspace)
	}
	e.Key = r.key
	return e, r.done()
}

// Published removes outbox rows, up to a hundred of a workspace in one call. It
// is safe to repeat, and rows that somebody else removed are no error.
func (s *Store) Published(ctx context.Context, events []airlock.Event) error {
	byWorkspace := map[airlock.WorkspaceID][]operation{}
	for _, e := range events {
		if !strings.HasPrefix(e.Key, kindOutbox+separator) {
			return fmt.Errorf("tablestore: event %q was never stored: its key is %q", e.ID, e.Key)
		}
		byWorkspace[e.Workspace] = append(byWorkspace[e.Workspace], remove(string(e.Workspace), e.Key))
	}
	return s.removeAll(ctx, "remove published events", byWorkspace)
}
