package tablestore

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// planHead notes that the chain has a head nobody has anchored yet. A later
// head takes the place of an earlier one.
func planHead(c audit.Commit) []operation {
	head := c.Request.Chain
	if head.Length == 0 || c.Was != nil && c.Was.Chain == head {
		return nil
	}
	r := newRow(string(c.Request.Workspace), key(kindHead, string(c.Request.ID)))
	r.columns["Hash"] = head.Hash
	r.columns["Length"] = head.Length
	return []operation{put(r)}
}

// Unanchored yields the chain heads of a workspace that changed since they were
// last anchored, reading those rows and no other, a page at a time. A row it
// cannot read is yielded as an error, and it goes on; a failed call ends it.
func (s *Store) Unanchored(ctx context.Context, ws airlock.WorkspaceID) iter.Seq2[audit.HeadRow, error] {
	const operation = "list heads to anchor"
	from, to := between(kindHead)
	q := query{filter: rangeFilter(string(ws), from, to), etags: true}
	return func(yield func(audit.HeadRow, error) bool) {
		for r, err := range s.rows(ctx, operation, s.requests, q) {
			if err != nil {
				yield(audit.HeadRow{}, err)
				return
			}
			head, err := readHead(r, strings.TrimPrefix(r.key, from))
			if err != nil {
				err = s.unreadable(operation, err)
			}
			if !yield(head, err) {
				return
			}
		}
	}
}

func readHead(r *stored, name string) (audit.HeadRow, error) {
	r.known()
	id, err := airlock.ParseRequestID(name)
	if err != nil {
		r.fail("the key names no request")
	}
	head := airlock.ChainHead{Hash: r.text("Hash"), Length: r.number("Length")}
	return audit.HeadRow{TrailID: audit.TrailID{Workspace: airlock.WorkspaceID(r.partition), Request: id}, Head: head, Version: version(r.etag)}, r.done()
}

// Heads yields the head of every request's trail in a workspace, from the requests'
// own rows, a page at a time. A row it cannot read is yielded as an error, and it
// goes on; a failed call ends it.
func (s *Store) Heads(ctx context.Context, ws airlock.WorkspaceID) iter.Seq2[audit.HeadRow, error] {
	const operation = "list all heads"
	from, to := between(kindRequest)
	return func(yield func(audit.HeadRow, error) bool) {
		for r, err := range s.rows(ctx, operation, s.requests, query{filter: rangeFilter(string(ws), from, to)}) {
			if err != nil {
				yield(audit.HeadRow{}, err)
				return
			}
			request, _, err := readRequest(r)
			if err != nil {
				err = s.unreadable(operation, err)
			}
			if !yield(audit.HeadRow{TrailID: audit.TrailOf(request), Head: request.Chain}, err) {
				return
			}
		}
	}
}

// Anchored forgets that heads are to be anchored, up to a hundred of a workspace
// in one call. A head that changed since it was read stays. Safe to repeat.
func (s *Store) Anchored(ctx context.Context, rows []audit.HeadRow) error {
	byWorkspace := map[airlock.WorkspaceID][]operation{}
	for _, row := range rows {
		at, ok := etag(row.Version)
		if !ok {
			return fmt.Errorf("tablestore: head of request %s was not read from the store", row.Request)
		}
		o := remove(string(row.Workspace), key(kindHead, string(row.Request)))
		o.etag = &at
		byWorkspace[row.Workspace] = append(byWorkspace[row.Workspace], o)
	}
	return s.removeAll(ctx, "remove anchored heads", byWorkspace)
}
