package tablestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// verdictKey is the row key of a verdict that is not in force: one per request, ETag,
// outcome and file. Names are too long for a key, so their digest stands there.
func verdictKey(id airlock.RequestID, k airlock.KeptVerdict) string {
	sum := sha256.Sum256([]byte(k.File))
	return key(kindVerdict, string(id), escape(k.ETag), string(k.Outcome), hex.EncodeToString(sum[:8]))
}

// planVerdicts writes each verdict over the row that has it already, if there is one.
func planVerdicts(c audit.Commit) ([]operation, error) {
	var out []operation
	for _, k := range c.Verdicts {
		document, err := encode(k)
		if err != nil {
			return nil, fmt.Errorf("tablestore: verdict about request %s: %w", c.Request.ID, err)
		}
		r := newRow(string(c.Request.Workspace), verdictKey(c.Request.ID, k))
		r.text("Verdict", document)
		out = append(out, put(r))
	}
	return out, nil
}

// Verdicts returns the verdicts of a request that are not in force, those for one
// ETag or, with "", all, in the order of their keys.
//
// Errors: *airlock.Fault.
func (s *Store) Verdicts(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, etag string) ([]airlock.KeptVerdict, error) {
	const operation = "read verdicts"
	parts := []string{kindVerdict, string(id)}
	if etag != "" {
		parts = append(parts, escape(etag))
	}
	from, to := between(parts...)
	var all []airlock.KeptVerdict
	for r, err := range s.rows(ctx, operation, s.requests, query{filter: rangeFilter(string(ws), from, to)}) {
		if err != nil {
			return nil, err
		}
		var k airlock.KeptVerdict
		r.known()
		r.document("Verdict", &k)
		if err := r.done(); err != nil {
			return nil, s.unreadable(operation, err)
		}
		all = append(all, k)
	}
	return all, nil
}
