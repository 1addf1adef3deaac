package tablestore

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func TestCommitWritesTheDecisionAndAllThatBelongsToIt(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	c := draft(genomics, ada, start)
	events, v := commit(t, s, c)
	costs(t, wire, 1, "a commit")

	got, loaded, err := s.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	costs(t, wire, 1, "a load")
	assert.Equal(t, c.Request, got)
	assert.Equal(t, v, loaded, "the version comes out of the transaction's own answer")

	id, age := string(c.Request.ID), descending(start)
	require.Len(t, events, 1)
	assert.Equal(t, "o|"+ascending(start)+"|"+id+"|00|create-1", events[0].Key)
	want := []string{"r|" + id, "t|" + age + "|" + id, "s|draft|" + age + "|" + id, "u|" + string(ada) + "|" + age + "|" + id,
		"w|" + ascending(start.Add(time.Hour)) + "|" + id, "h|" + id, "a|" + id + "|00000001", events[0].Key}
	assert.ElementsMatch(t, want, rowKeys(t, s))

	trail, err := s.Trail(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, []audit.Row{{Seq: 1, Body: c.Records[0].Body, Hash: c.Records[0].Hash}}, trail)
}

// rowKeys returns the keys of the genomics partition.
func rowKeys(t *testing.T, s *Store) []string {
	t.Helper()
	var out []string
	for k := range entities(t, s.requests) {
		out = append(out, strings.TrimPrefix(k, string(genomics)+" "))
	}
	return out
}

func TestAChangeMovesTheIndexRows(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	id := c.Request.ID
	due := start.Add(48 * time.Hour)
	change := next(t, s, genomics, id, func(r *airlock.Request) { submitted(r); r.Work.Due = due })
	wire.count()
	_, v := commit(t, s, change)
	costs(t, wire, 1, "a commit")
	keys := rowKeys(t, s)
	assert.Contains(t, keys, "s|submitted|"+descending(start)+"|"+string(id))
	assert.Contains(t, keys, "w|"+ascending(due)+"|"+string(id))
	assert.Len(t, keys, 10, "the old status and due rows are gone: %v", keys)

	got, loaded, err := s.Load(t.Context(), genomics, id)
	require.NoError(t, err)
	assert.Equal(t, v, loaded)
	assert.Equal(t, change.Request, got)

	// Without a due time there is no row for the reconciler to read.
	commit(t, s, next(t, s, genomics, id, func(r *airlock.Request) { r.Work.Due = time.Time{} }))
	assert.False(t, slices.ContainsFunc(rowKeys(t, s), func(k string) bool { return strings.HasPrefix(k, "w|") }))
}

func TestOnlyWhatShowsIsWrittenToListings(t *testing.T) {
	t.Parallel()
	c := draft(genomics, ada, start)
	c.Request.Files = []airlock.File{{Name: "a", InProgressETag: "0x1"}}
	hidden := record(audit.Commit{Request: c.Request.Clone(), Was: &c.Request, Version: version(`W/"x"`)}, "hash")
	hidden.Events = nil
	hidden.Request.Files[0].Hash = &airlock.HashProgress{ETag: "0x1", Offset: 5}
	hidden.Request.Files[0].Note(airlock.Verdict{Outcome: airlock.Clean, ETag: "0x1", ID: "v"})
	hidden.Request.Work.Attempts = 3
	operations, _, err := plan(hidden, "mark")
	require.NoError(t, err)
	assert.Len(t, operations, 3, "the request, the audit record, the chain's head")

	seen := record(audit.Commit{Request: c.Request.Clone(), Was: &c.Request, Version: version(`W/"x"`)}, "change")
	seen.Request.Title = "Another"
	operations, _, err = plan(seen, "mark")
	require.NoError(t, err)
	assert.Len(t, operations, 7, "the request, three listing rows, the audit record, the chain's head, the event")
}

func TestACommitIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	before := entities(t, s.requests)

	// The last operation collides: an audit row that is there already.
	bad := next(t, s, genomics, c.Request.ID, submitted)
	bad.Records[0].Record.Seq = 1
	_, _, err := s.Commit(t.Context(), bad)
	var fault *airlock.Fault
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, airlock.Operator, fault.Kind)
	assert.Equal(t, airlock.StateDamaged, fault.Code)
	assert.Contains(t, err.Error(), "a|"+string(c.Request.ID)+"|00000001")
	assert.Equal(t, before, entities(t, s.requests))

	good := next(t, s, genomics, c.Request.ID, submitted)
	commit(t, s, good)
	assert.NotEqual(t, before, entities(t, s.requests))
}

func TestOneOfEightRacingCommitsWins(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	race := func(attempt audit.Commit, loser error) {
		var wait sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 8 {
			wait.Go(func() {
				_, _, err := s.Commit(t.Context(), attempt)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
					return
				}
				assert.ErrorIs(t, err, loser)
			})
		}
		wait.Wait()
		assert.Equal(t, 1, won)
	}
	// Identical decisions at the same instant must not take each other for themselves.
	race(next(t, s, genomics, c.Request.ID, submitted), airlock.ErrStale)
	race(draft(genomics, ada, start), airlock.ErrExists)
	assert.Len(t, rowKeys(t, s), 10+8)
}

func TestCommitRefusals(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	c := draft(genomics, ada, start)
	_, first := commit(t, s, c)
	commit(t, s, next(t, s, genomics, c.Request.ID, submitted))

	_, _, err := s.Commit(t.Context(), c)
	require.ErrorIs(t, err, airlock.ErrExists)

	stale := record(audit.Commit{Request: c.Request, Was: &c.Request, Version: first}, "late")
	_, _, err = s.Commit(t.Context(), stale)
	require.ErrorIs(t, err, airlock.ErrStale)

	absent := draft(genomics, ada, start)
	absent.Was, absent.Version = &absent.Request, first
	_, _, err = s.Commit(t.Context(), absent)
	require.ErrorIs(t, err, airlock.ErrStale, "a request that is not there is at no version")

	wire.count()
	for _, v := range []airlock.Version{"", "*", superseded, version("*")} {
		stale.Version = v
		_, _, err = s.Commit(t.Context(), stale)
		require.ErrorIs(t, err, airlock.ErrStale, "version %q", v)
	}
	moved := stale
	moved.Request.CreatedBy.ID = grace
	_, _, err = s.Commit(t.Context(), moved)
	require.ErrorContains(t, err, "never changes")
	foreign := draft(genomics, ada, start)
	foreign.Events[0].Workspace = imaging
	_, _, err = s.Commit(t.Context(), foreign)
	require.ErrorContains(t, err, "does not belong")
	costs(t, wire, 0, "commits that cannot be")

	_, _, err = s.Load(t.Context(), imaging, c.Request.ID)
	require.ErrorIs(t, err, airlock.ErrNotFound, "a foreign workspace does not have the request")
}

func TestALostAnswerIsRecognised(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	c := draft(genomics, ada, start)
	wire.loseNext(1)
	events, v := commit(t, s, c)
	costs(t, wire, 3, "a commit with a lost answer: twice the transaction, one look")
	assert.NotEmpty(t, events[0].Key)

	was, loaded, err := s.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, v, loaded)

	change := record(audit.Commit{Request: was.Clone(), Was: &was, Version: v}, "change")
	submitted(&change.Request)
	wire.loseNext(2)
	_, v = commit(t, s, change)
	_, loaded, err = s.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, v, loaded)
	assert.Len(t, rowKeys(t, s), 10, "written once")
}

func TestALostAnswerIsRecognisedAfterSomebodyElseWrote(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	s, wire := a.open(t, Config{})
	other, _ := a.open(t, Config{})
	c := draft(genomics, ada, start)
	commit(t, s, c)
	change := next(t, s, genomics, c.Request.ID, submitted)

	lost := false
	wire.spoil = func(_ *http.Request, response *http.Response) (*http.Response, error) {
		if lost {
			return response, nil
		}
		lost = true
		response.Body.Close()
		commit(t, other, next(t, other, genomics, c.Request.ID, func(r *airlock.Request) { r.Title = "Later" }))
		return nil, assert.AnError
	}
	_, v := commit(t, s, change)
	change.Version = v
	_, _, err := s.Commit(t.Context(), change)
	require.ErrorIs(t, err, airlock.ErrStale, "the state that was written is not the present one")
	got, _, err := s.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, "Later", got.Title)
	assert.Equal(t, airlock.Submitted, got.Status)
}

func TestAnAnswerWithoutETagsCostsALook(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	wire.edit(func(body string) string {
		return strings.ReplaceAll(strings.ReplaceAll(body, "ETag:", "X-Gone:"), "Etag:", "X-Gone:")
	})
	c := draft(genomics, ada, start)
	_, v := commit(t, s, c)
	costs(t, wire, 2, "a commit whose answer has no ETags")
	assert.Equal(t, version(etagOf(t, s.requests, string(genomics), requestKey(c.Request.ID))), v)
}

func TestAMissingIndexRowHealsItself(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	want := maps.Clone(entities(t, s.requests))
	for k := range want {
		if _, rowKey, _ := strings.Cut(k, " "); strings.ContainsAny(rowKey[:1], "tsuw") {
			_, err := s.requests.DeleteEntity(t.Context(), string(genomics), rowKey, nil)
			require.NoError(t, err)
		}
	}
	commit(t, s, next(t, s, genomics, c.Request.ID, func(r *airlock.Request) { submitted(r); r.Work.Due = start }))
	assert.Len(t, rowKeys(t, s), 10)
	page, err := s.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 10})
	require.NoError(t, err)
	assert.Len(t, page.Requests, 1)
}
