package tablestore

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
)

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
		columns: []string{"PartitionKey", "RowKey"},
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
