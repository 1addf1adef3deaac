package tablestore

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
)

var keysOnly = []string{"PartitionKey", "RowKey"}

// Due yields the requests of a workspace whose Work.Due has come, the oldest
// first. It reads index rows that are due and no other, a page at a time. A row
// it cannot read is yielded as an error, and it goes on; a failed call ends it.
//
// The index may be a moment older than the request: load it and look.
func (s *Store) Due(ctx context.Context, ws airlock.WorkspaceID, now time.Time) iter.Seq2[airlock.RequestID, error] {
	const operation = "list due requests"
	from, _ := between(kindDue)
	q := query{
		filter:  rangeFilter(string(ws), from, key(kindDue, ascending(now.Add(1)))),
		columns: keysOnly,
	}
	return func(yield func(airlock.RequestID, error) bool) {
		for r, err := range s.rows(ctx, operation, s.requests, q) {
			if err != nil {
				yield("", err)
				return
			}
			_, last, _ := strings.Cut(strings.TrimPrefix(r.key, from), separator)
			id, err := airlock.ParseRequestID(last)
			if err != nil {
				err = s.unreadable(operation, fmt.Errorf("row %s names no request", r.key))
			}
			if !yield(id, err) {
				return
			}
		}
	}
}

// Overdue counts the requests of a workspace whose deadline was reported as
// passed and that have not ended, reading only their index rows.
func (s *Store) Overdue(ctx context.Context, ws airlock.WorkspaceID) (int, error) {
	from, to := between(kindOverdue)
	n := 0
	for _, err := range s.rows(ctx, "count overdue requests", s.requests, query{filter: rangeFilter(string(ws), from, to), columns: keysOnly}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
