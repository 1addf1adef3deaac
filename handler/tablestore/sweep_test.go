package tablestore

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func due(t *testing.T, s *Store, now time.Time) []airlock.RequestID {
	t.Helper()
	var out []airlock.RequestID
	for id, err := range s.Due(t.Context(), genomics, now) {
		require.NoError(t, err)
		out = append(out, id)
	}
	return out
}

func TestDueRequestsComeOldestFirst(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	var ids []airlock.RequestID
	for i := range 5 {
		c := draft(genomics, ada, start)
		c.Request.Work.Due = start.Add(-time.Duration(i) * time.Minute)
		commit(t, s, c)
		ids = append(ids, c.Request.ID)
	}
	never := draft(genomics, ada, start)
	never.Request.Work.Due = time.Time{}
	commit(t, s, never)
	elsewhere := draft(imaging, ada, start)
	elsewhere.Request.Work.Due = start.Add(-time.Hour)
	commit(t, s, elsewhere)
	wire.count()

	assert.Equal(t, []airlock.RequestID{ids[4], ids[3]}, due(t, s, start.Add(-150*time.Second)))
	costs(t, wire, 1, "a look for what is due")
	assert.Equal(t, []airlock.RequestID{ids[4], ids[3], ids[2], ids[1], ids[0]}, due(t, s, start), "to the nanosecond")
	assert.Len(t, due(t, s, start.Add(-1)), 4)

	commit(t, s, next(t, s, genomics, ids[4], func(r *airlock.Request) { r.Work.Due = start.Add(time.Hour) }))
	assert.Equal(t, []airlock.RequestID{ids[3], ids[2], ids[1], ids[0]}, due(t, s, start))
	assert.Equal(t, ids[4], due(t, s, start.Add(time.Hour))[4])
}

// Somebody who can write one row must not be able to stop the work on all others.
func TestAForeignRowStopsNoListing(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	for _, key := range []string{"w|0000000000000000001|junk", "h|junk", "o|0000000000000000001|junk"} {
		write(t, s.requests, resealed(t, s, requestsTable, newRow(string(genomics), key)))
	}
	ids, fault := passedOver(t, s.Due(t.Context(), genomics, start.Add(2*time.Hour)))
	assert.Equal(t, []airlock.RequestID{c.Request.ID}, ids)
	assert.ErrorContains(t, fault, "w|0000000000000000001|junk")
	heads, fault := passedOver(t, s.Unanchored(t.Context(), genomics))
	require.Len(t, heads, 1)
	assert.Equal(t, c.Request.Chain, heads[0].Head)
	assert.ErrorContains(t, fault, "h|junk")
	events, fault := passedOver(t, s.Unpublished(t.Context(), genomics, start.Add(time.Hour)))
	assert.Len(t, events, len(c.Events))
	assert.ErrorContains(t, fault, "o|0000000000000000001|junk")
}

// passedOver returns the yield of a listing with one unreadable row.
func passedOver[T any](t *testing.T, rows iter.Seq2[T, error]) (all []T, fault *airlock.Fault) {
	t.Helper()
	for row, err := range rows {
		if err == nil {
			all = append(all, row)
			continue
		}
		require.Nil(t, fault, "one row is unreadable")
		require.ErrorAs(t, err, &fault)
	}
	require.NotNil(t, fault)
	assert.Equal(t, airlock.UnreadableRow, fault.Code)
	return all, fault
}

func unpublished(t *testing.T, s *Store, before time.Time) []airlock.Event {
	t.Helper()
	var out []airlock.Event
	for e, err := range s.Unpublished(t.Context(), genomics, before) {
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func TestEventsStayUntilTheyArePublished(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	var events []airlock.Event
	for i := range 230 { // more than a page to read, more than two batches to remove
		c := draft(genomics, ada, start.Add(time.Duration(i)*time.Second))
		stored, _ := commit(t, s, c)
		events = append(events, stored...)
	}
	elsewhere, _ := commit(t, s, draft(imaging, ada, start))
	wire.count()
	require.Equal(t, events, unpublished(t, s, start.Add(time.Hour)), "oldest first, with everything")
	costs(t, wire, 2, "reading 230 events")
	assert.Equal(t, events[:10], unpublished(t, s, start.Add(10*time.Second)))
	assert.Empty(t, unpublished(t, s, start), "not those of this very moment")

	for range s.Unpublished(t.Context(), genomics, start.Add(time.Hour)) {
		break
	}
	wire.count()
	require.NoError(t, s.Published(t.Context(), slices.Concat(events[:210], elsewhere)))
	costs(t, wire, 4, "removing 210 events here and one there")
	assert.Equal(t, events[210:], unpublished(t, s, start.Add(time.Hour)))

	// Some are gone already: the others still go.
	require.NoError(t, s.Published(t.Context(), events[200:215]))
	assert.Equal(t, events[215:], unpublished(t, s, start.Add(time.Hour)))
	require.NoError(t, s.Published(t.Context(), events[:1]))
	require.NoError(t, s.Published(t.Context(), nil))

	// Nothing but outbox rows can be removed this way.
	err := s.Published(t.Context(), []airlock.Event{{Workspace: genomics, Key: requestKey(events[0].Request)}})
	require.ErrorContains(t, err, "never stored")
}

func TestALostAnswerOfPublishedIsNoError(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	a, _ := commit(t, s, draft(genomics, ada, start))
	b, _ := commit(t, s, draft(genomics, ada, start))
	wire.loseNext(1)
	require.NoError(t, s.Published(t.Context(), slices.Concat(a, b)))
	assert.Empty(t, unpublished(t, s, start.Add(time.Hour)))
}

func TestEventsOfTwoDecisionsAtOneInstantDoNotCollide(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	change := next(t, s, genomics, c.Request.ID, func(r *airlock.Request) { r.StatusMessage = "waiting" })
	require.Equal(t, c.Events[0].Time, change.Events[0].Time)
	commit(t, s, change)
	assert.Len(t, unpublished(t, s, start.Add(1)), 2)
}

func overdue(t *testing.T, s *Store) int {
	t.Helper()
	n, err := s.Overdue(t.Context(), genomics)
	require.NoError(t, err)
	return n
}

func TestOverdueRequestsAreCountedUntilTheyGoOn(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	a, b := draft(genomics, ada, start), draft(genomics, ada, start)
	elsewhere := draft(imaging, ada, start)
	for _, c := range []*audit.Commit{&a, &b, &elsewhere} {
		c.Request.Work.Overdue = true
		commit(t, s, *c)
	}
	commit(t, s, draft(genomics, ada, start))
	wire.count()
	assert.Equal(t, 2, overdue(t, s))
	costs(t, wire, 1, "counting what is overdue")
	commit(t, s, next(t, s, genomics, a.Request.ID, submitted))
	assert.Equal(t, 1, overdue(t, s), "the next status has a deadline of its own")
	commit(t, s, next(t, s, genomics, b.Request.ID, func(r *airlock.Request) { r.Status = airlock.Failed }))
	assert.Equal(t, 0, overdue(t, s), "an ended request is overdue no more")
}

func unanchored(t *testing.T, s *Store) []audit.HeadRow {
	t.Helper()
	out := []audit.HeadRow{}
	for row, err := range s.Unanchored(t.Context(), genomics) {
		require.NoError(t, err)
		out = append(out, row)
	}
	return out
}

func TestHeadsStayUntilTheyAreAnchored(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	heads := map[airlock.RequestID]airlock.ChainHead{}
	var last airlock.RequestID
	for range 103 {
		c := draft(genomics, ada, start)
		commit(t, s, c)
		last = c.Request.ID
		heads[last] = c.Request.Chain
	}
	commit(t, s, draft(imaging, ada, start))
	wire.count()
	rows := unanchored(t, s)
	costs(t, wire, 1, "reading heads")
	require.Len(t, rows, len(heads))
	for _, row := range rows {
		assert.Equal(t, genomics, row.Workspace)
		assert.Equal(t, heads[row.Request], row.Head)
	}

	// A head that changes while it is being anchored stays to be anchored.
	change := next(t, s, genomics, last, submitted)
	commit(t, s, change)
	require.NoError(t, s.Anchored(t.Context(), rows))
	left := unanchored(t, s)
	require.Len(t, left, 1)
	assert.Equal(t, change.Request.Chain, left[0].Head)
	require.NoError(t, s.Anchored(t.Context(), rows), "safe to repeat")
	require.NoError(t, s.Anchored(t.Context(), left))
	assert.Empty(t, unanchored(t, s))

	// A commit that adds nothing to the chain needs no anchor.
	was, v, err := s.Load(t.Context(), genomics, last)
	require.NoError(t, err)
	now := was.Clone()
	now.Work.Attempts++
	commit(t, s, audit.Commit{Request: now, Was: &was, Version: v})
	assert.Empty(t, unanchored(t, s))

	require.ErrorContains(t, s.Anchored(t.Context(), []audit.HeadRow{{TrailID: audit.TrailID{Workspace: genomics, Request: last}}}), "not read from the store")
}
