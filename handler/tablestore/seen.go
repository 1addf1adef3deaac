package tablestore

import (
	"context"
	"fmt"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// maxSeenRows bounds the rows that newly known hashes add to one commit: a
// transaction has room for a hundred operations in all.
const maxSeenRows = 64

// planSeen notes under the hash of each file, once it is known, which request has it: of
// one commit the first maxSeenRows. The rows stay when the request ends: they say what was
// there before.
func planSeen(c audit.Commit) []operation {
	known := map[string]bool{"": true}
	if c.Was != nil {
		for _, f := range c.Was.Files {
			known[f.SHA256] = true
		}
	}
	var out []operation
	for _, f := range c.Request.Files {
		if !known[f.SHA256] && len(out) < maxSeenRows {
			known[f.SHA256] = true
			out = append(out, put(newRow(string(c.Request.Workspace), key(kindSeen, f.SHA256, string(c.Request.ID)))))
		}
	}
	return out
}

// SeenIn returns requests of a workspace that had a file with that hash, at most so many,
// with one call. Load one and look: only its own row says so.
//
// Errors: *airlock.Fault.
func (s *Store) SeenIn(ctx context.Context, ws airlock.WorkspaceID, sha256 string, most int) ([]airlock.RequestID, error) {
	const operation = "look up a hash"
	from, to := between(kindSeen, sha256)
	entities, _, err := s.fetch(ctx, s.requests, query{filter: rangeFilter(string(ws), from, to), columns: keysOnly, top: int32(min(max(most, 1), maxPage))}, cursor{})
	if err != nil {
		return nil, s.faultOf(operation, err)
	}
	var found []airlock.RequestID
	for _, entity := range entities {
		r := parse(entity)
		id, err := airlock.ParseRequestID(strings.TrimPrefix(r.key, from))
		if err != nil {
			return nil, s.unreadable(operation, fmt.Errorf("row %s names no request", r.key))
		}
		found = append(found, id)
	}
	return found, nil
}
