package tablestore

import (
	"context"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Trail returns a request's audit rows as they lie in the table, in the order of
// their keys, also those that are damaged: a verifier must see them. A
// row whose key has no sequence number has Seq 0.
//
// Errors: *airlock.Fault.
func (s *Store) Trail(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]audit.Row, error) {
	from, to := between(kindAudit, string(id))
	return s.trail(ctx, s.requests, string(ws), from, to)
}

func (s *Store) trail(ctx context.Context, table table, partition, from, to string) ([]audit.Row, error) {
	trail := []audit.Row{}
	for r, err := range s.rows(ctx, "read audit trail", table, query{filter: rangeFilter(partition, from, to)}) {
		if err != nil {
			return nil, err
		}
		seq, err := strconv.Atoi(strings.TrimPrefix(r.key, from))
		if err != nil {
			seq = 0
		}
		trail = append(trail, audit.Row{Seq: seq, Body: []byte(r.optional("Body")), Hash: r.optional("Hash")})
	}
	return trail, nil
}
