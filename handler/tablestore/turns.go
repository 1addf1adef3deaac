package tablestore

import (
	"context"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// turnKey is the row key of a turn that ended.
func turnKey(id airlock.RequestID, turn int) string {
	return key(kindTurn, string(id), fmt.Sprintf("%04d", turn))
}

// planTurn writes the turn that ends. A turn ends once: its row is never written over.
func planTurn(c audit.Commit) []operation {
	if c.Turn == nil {
		return nil
	}
	r := newRow(string(c.Request.Workspace), turnKey(c.Request.ID, c.Turn.Turn))
	r.text("Turn", string(c.Turn.RowText()))
	return []operation{insert(r)}
}

// Turns returns the turns of a request that have ended, the first one first. A request
// that was never returned has none.
//
// Errors: *airlock.Fault.
func (s *Store) Turns(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]airlock.EndedTurn, error) {
	const operation = "read turns"
	from, to := between(kindTurn, string(id))
	all := []airlock.EndedTurn{}
	for r, err := range s.rows(ctx, operation, s.requests, query{filter: rangeFilter(string(ws), from, to)}) {
		if err != nil {
			return nil, err
		}
		t, err := readTurn(r)
		if err != nil {
			return nil, s.unreadable(operation, err)
		}
		all = append(all, t)
	}
	return all, nil
}

func readTurn(r *stored) (airlock.EndedTurn, error) {
	var t airlock.EndedTurn
	r.known()
	r.document("Turn", &t)
	return t, r.done()
}
