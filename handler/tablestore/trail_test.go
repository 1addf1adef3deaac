package tablestore

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func TestTheTrailIsInOrderAndUnjudged(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	want := c.Records
	commit(t, s, c)
	for range 11 {
		change := next(t, s, genomics, c.Request.ID, func(r *airlock.Request) { r.Number++ })
		want = append(want, change.Records...)
		commit(t, s, change)
	}
	commit(t, s, draft(genomics, ada, start))
	trail, err := s.Trail(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	require.Len(t, trail, len(want))
	for i, row := range trail {
		assert.Equal(t, audit.Row{Seq: i + 1, Body: want[i].Body, Hash: want[i].Hash}, row)
	}

	// Damaged rows are shown, not hidden.
	for _, key := range []string{auditKey(c.Request.ID, 5), "a|" + string(c.Request.ID) + "|junk"} {
		_, err = s.requests.UpsertEntity(t.Context(), []byte(`{"PartitionKey":"`+string(genomics)+`","RowKey":"`+key+`","Stray":1}`),
			&aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
		require.NoError(t, err)
	}
	trail, err = s.Trail(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	require.Len(t, trail, len(want)+1)
	assert.Equal(t, audit.Row{Seq: 5, Body: []byte{}}, trail[4])
	assert.Equal(t, 0, trail[len(want)].Seq)

	trail, err = s.Trail(t.Context(), imaging, c.Request.ID)
	require.NoError(t, err)
	assert.Empty(t, trail)
}

// The heads that exist decide what is anchored, not the list.
func TestEveryHeadIsListed(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	want := map[airlock.RequestID]airlock.ChainHead{}
	for range 3 {
		c := draft(genomics, ada, start)
		commit(t, s, c)
		change := next(t, s, genomics, c.Request.ID, func(r *airlock.Request) { r.Number++ })
		commit(t, s, change)
		want[c.Request.ID] = change.Request.Chain
	}
	commit(t, s, draft(imaging, ada, start))
	require.NoError(t, s.Anchored(t.Context(), unanchored(t, s)))
	_, err := s.requests.UpsertEntity(t.Context(), []byte(`{"PartitionKey":"`+string(genomics)+`","RowKey":"r|junk","Stray":1}`), nil)
	require.NoError(t, err)
	got, damaged := map[airlock.RequestID]airlock.ChainHead{}, 0
	for row, err := range s.Heads(t.Context(), genomics) {
		if err != nil {
			damaged++
			continue
		}
		assert.Equal(t, genomics, row.Workspace)
		got[row.Request] = row.Head
	}
	assert.Equal(t, want, got)
	assert.Equal(t, 1, damaged)
}
