package tablestore

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
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

func TestAForeignRowDoesNotStopTheSweep(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	entity, err := newRow(string(genomics), "w|0000000000000000001|junk").entity()
	require.NoError(t, err)
	_, err = s.requests.AddEntity(t.Context(), entity, nil)
	require.NoError(t, err)
	var ids []airlock.RequestID
	var faults []error
	for id, err := range s.Due(t.Context(), genomics, start.Add(2*time.Hour)) {
		if err != nil {
			faults = append(faults, err)
			continue
		}
		ids = append(ids, id)
	}
	assert.Equal(t, []airlock.RequestID{c.Request.ID}, ids)
	require.Len(t, faults, 1)
	assert.ErrorContains(t, faults[0], "w|0000000000000000001|junk")
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
