package tablestore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
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
	for _, all := range byWorkspace {
		for batch := range slices.Chunk(all, maxOperations) {
			if err := s.removeAll(ctx, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeAll deletes rows whether they are there or not. A transaction with one
// missing row does nothing at all, so after such a refusal they go one by one.
func (s *Store) removeAll(ctx context.Context, operations []operation) error {
	const operation = "remove published events"
	if len(operations) > 1 {
		if _, _, err := s.submit(ctx, operation, operations); !errors.Is(err, airlock.ErrNotFound) {
			return err
		}
	}
	for _, o := range operations {
		_, err := s.requests.DeleteEntity(ctx, o.row.partition, o.row.key, nil)
		if err = s.judge(operation, err); err != nil && !errors.Is(err, airlock.ErrNotFound) {
			return err
		}
	}
	return nil
}
