package tablestore

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// unseal gives all rows of a table the form from before rows were sealed.
func unseal(t *testing.T, table table) {
	t.Helper()
	for at, columns := range entities(t, table) {
		partition, key, _ := strings.Cut(at, " ")
		if _, has := columns[sealColumn]; !has {
			continue
		}
		delete(columns, sealColumn)
		columns["Schema"] = unsealedFormat
		write(t, table, row{partition: partition, key: key, columns: columns})
	}
}

func TestOldRowsAreSealed(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c, refused := draft(genomics, ada, start), draft(genomics, ada, start.Add(time.Second))
	c.Verdicts = []airlock.KeptVerdict{{File: "a", Verdict: airlock.Verdict{Outcome: airlock.Malicious, ETag: "0x1"}}}
	for _, one := range []audit.Commit{c, refused} {
		commit(t, s, one)
		_, err := s.Register(t.Context(), one.Request.ID, genomics)
		require.NoError(t, err)
	}
	parked := airlock.Parked{ID: "0a", Function: "f", Reason: "r", At: start, Event: []byte("{}")}
	require.NoError(t, s.Park(t.Context(), parked))
	for _, table := range []table{s.requests, s.requestWorkspaces, s.parked} {
		unseal(t, table)
	}
	_, _, err := s.Load(t.Context(), genomics, c.Request.ID)
	requireDamaged(t, err)

	// Nothing is sealed before somebody says which requests are to be believed.
	sealed, left, err := s.SealRest(t.Context(), genomics)
	require.NoError(t, err)
	assert.Zero(t, sealed)
	assert.Len(t, left, 11, "two events, a verdict, two heads, six listing rows: %v", left)

	var old []airlock.UnsealedRequest
	for r, err := range s.Unsealed(t.Context(), genomics) {
		require.NoError(t, err)
		old = append(old, r)
	}
	require.Len(t, old, 2)
	for _, r := range old {
		if r.ID != c.Request.ID {
			continue
		}
		was := r.Request
		now := record(audit.Commit{Request: was.Clone(), Was: &was, Version: r.Version, Unsealed: true}, "row_sealed")
		now.Events = nil
		commit(t, s, now)
	}
	for range 2 { // it may be repeated
		_, left, err = s.SealRest(t.Context(), genomics)
		require.NoError(t, err)
		_, others, err := s.SealOthers(t.Context())
		require.NoError(t, err)
		for _, key := range append(left, others...) {
			assert.Contains(t, key, string(refused.Request.ID))
		}
		assert.Equal(t, []string{string(refused.Request.ID)}, others)
	}
	got, _, err := s.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, c.Request.Title, got.Title)
	_, _, err = s.Load(t.Context(), genomics, refused.Request.ID)
	requireDamaged(t, err)
	for _, q := range []airlock.Query{{}, {Statuses: []airlock.Status{airlock.Draft}}, {CreatedBy: ada}} {
		q.Workspace, q.Limit = genomics, 10
		page, err := s.List(t.Context(), q)
		require.NoError(t, err)
		assert.Len(t, page.Requests, 1)
		assert.Equal(t, 1, page.Damaged)
	}
	kept, err := s.Verdicts(t.Context(), genomics, c.Request.ID, "")
	require.NoError(t, err)
	assert.Equal(t, c.Verdicts, kept)
	ws, err := s.WorkspaceOf(t.Context(), c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, genomics, ws)
	back, err := s.Parked(t.Context(), parked.ID)
	require.NoError(t, err)
	assert.Equal(t, parked, back)
	events, fault := 0, error(nil)
	for _, err := range s.Unpublished(t.Context(), genomics, start.Add(time.Hour)) {
		if err != nil {
			fault = err
			continue
		}
		events++
	}
	assert.Equal(t, 1, events)
	requireDamaged(t, fault)
}
