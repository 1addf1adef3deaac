package tablestore

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// followingReleases are the formats of two releases that follow each other: the first new release knows a
// format that the second one writes.
var followingReleases = map[string][2]formats{
	"the first release":  {present, firstRelease},
	"the second release": {firstRelease, {oldest: present.written, newest: present.written + 1, written: present.written + 1}},
}

var firstRelease = formats{oldest: present.written, newest: present.written + 1, written: present.written}

// A new format comes in two releases. Instances of any two that follow each other run
// side by side on the same tables, and either may be rolled back.
func TestTwoVersionsRunSideBySide(t *testing.T) {
	t.Parallel()
	for name, pair := range followingReleases {
		account := newAccount(t)
		older, _ := account.open(t, Config{})
		newer, _ := account.open(t, Config{})
		older.formats, newer.formats = pair[0], pair[1]
		a, b := draft(genomics, ada, start), draft(genomics, ada, start.Add(time.Second))
		commit(t, older, a)
		commit(t, newer, b)
		for round := range 2 { // each goes on with what the other wrote
			first, second := older, newer
			if round == 1 {
				first, second = newer, older
			}
			commit(t, first, next(t, first, genomics, b.Request.ID, func(r *airlock.Request) { r.Title += "x" }))
			commit(t, second, next(t, second, genomics, a.Request.ID, func(r *airlock.Request) { r.Title += "y" }))
		}
		for _, s := range []*Store{older, newer} {
			page, err := s.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 10})
			require.NoError(t, err)
			assert.Len(t, page.Requests, 2, name)
			assert.Zero(t, page.Damaged, name)
			assert.Len(t, unpublished(t, s, start.Add(time.Hour)), 6, name)
			assert.Zero(t, s.Damaged(), name)
		}
	}

	// A program two releases behind does not touch rows that it cannot know, and neither
	// does one ahead: they are no damage, for the seal holds.
	account := newAccount(t)
	behind, _ := account.open(t, Config{})
	ahead, _ := account.open(t, Config{})
	behind.formats, ahead.formats = present, formats{oldest: present.written + 1, newest: present.written + 1, written: present.written + 1}
	c := draft(genomics, ada, start)
	commit(t, ahead, c)
	before := entities(t, behind.requests)
	var fault *airlock.Fault
	_, _, err := behind.Load(t.Context(), genomics, c.Request.ID)
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, airlock.UnreadableRow, fault.Code)
	assert.ErrorContains(t, err, "the format is version")
	assert.Zero(t, behind.Damaged())
	old := draft(genomics, ada, start)
	commit(t, behind, old)
	_, _, err = ahead.Load(t.Context(), genomics, old.Request.ID)
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, airlock.UnreadableRow, fault.Code)
	for key, row := range before {
		assert.Equal(t, row, entities(t, behind.requests)[key])
	}
}

// The same for the rows beside those of a request's life: each release reads and replaces those of the other.
func TestTwoVersionsShareAllOtherRows(t *testing.T) {
	t.Parallel()
	for name, pair := range followingReleases {
		for _, newerFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", name, newerFirst), func(t *testing.T) {
				t.Parallel()
				account := newAccount(t)
				first, _ := account.open(t, Config{})
				second, _ := account.open(t, Config{})
				first.formats, second.formats = pair[0], pair[1]
				if newerFirst {
					first, second = second, first
				}
				shareRegistryRows(t, first, second)
				shareParkedRows(t, first, second)
				shareRowsBesideARequest(t, first, second)
				assert.Zero(t, first.Damaged()+second.Damaged())
			})
		}
	}
}

func shareRegistryRows(t *testing.T, first, second *Store) {
	t.Helper()
	w := workspace(genomics)
	for i, s := range []*Store{first, second, first} {
		w.DisplayName = fmt.Sprintf("Genomics %d", i)
		var err error
		w, err = s.Put(t.Context(), w, written)
		require.NoError(t, err)
		for _, reader := range []*Store{first, second} {
			got, err := reader.CurrentWorkspace(t.Context(), genomics)
			require.NoError(t, err)
			assert.Equal(t, w.DisplayName, got.DisplayName)
			trail, err := reader.WorkspaceTrail(t.Context(), genomics)
			require.NoError(t, err)
			assert.Len(t, trail, i+1)
		}
	}
	require.NoError(t, second.Record(t.Context(), genomics, written))
	id := newID()
	known, err := first.Register(t.Context(), id, genomics)
	require.NoError(t, err)
	assert.False(t, known)
	known, err = second.Register(t.Context(), id, genomics)
	require.NoError(t, err)
	assert.True(t, known)
	of, err := second.WorkspaceOf(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, genomics, of)
}

func shareParkedRows(t *testing.T, first, second *Store) {
	t.Helper()
	p := airlock.Parked{ID: "p", Function: "OnStatusChanged", Reason: "nobody knows this event", At: start, Event: []byte("{}")}
	require.NoError(t, first.Park(t.Context(), p))
	require.NoError(t, second.Park(t.Context(), p))
	got, err := second.Parked(t.Context(), p.ID)
	require.NoError(t, err)
	assert.Equal(t, p, got)
	require.NoError(t, second.Unpark(t.Context(), p.ID))
	all, err := first.ListParked(t.Context(), 10)
	require.NoError(t, err)
	assert.Empty(t, all)
}

// shareRowsBesideARequest has one release write comments, verdicts, turns and hashes, and the other one read them.
func shareRowsBesideARequest(t *testing.T, first, second *Store) {
	t.Helper()
	c := draft(genomics, ada, start)
	commit(t, first, c)
	id := c.Request.ID
	for i, s := range []*Store{second, first} {
		one := next(t, s, genomics, id, func(r *airlock.Request) { r.Title += "x" })
		one.Comment = &airlock.Comment{Number: i + 1, ID: fmt.Sprintf("c%d", i), Text: "fine"}
		one.Turn = &airlock.EndedTurn{Turn: i + 1, Files: []airlock.File{{Name: "a.csv"}}}
		one.Verdicts = []airlock.KeptVerdict{{File: "a.csv", Verdict: airlock.Verdict{Outcome: airlock.Clean, ETag: "0x1", ID: fmt.Sprintf("v%d", i), Noted: start}}}
		commit(t, s, one)
	}
	for _, s := range []*Store{first, second} {
		comments, err := s.Comments(t.Context(), genomics, id)
		require.NoError(t, err)
		assert.Len(t, comments, 2)
		turns, err := s.Turns(t.Context(), genomics, id)
		require.NoError(t, err)
		assert.Len(t, turns, 2)
		verdicts, err := s.Verdicts(t.Context(), genomics, id, "0x1")
		require.NoError(t, err)
		assert.Len(t, verdicts, 1, "the second one replaces the first")
		trail, err := s.Trail(t.Context(), genomics, id)
		require.NoError(t, err)
		assert.Len(t, trail, 3)
		due := 0
		for _, err := range s.Due(t.Context(), genomics, start.Add(2*time.Hour)) {
			require.NoError(t, err)
			due++
		}
		assert.Equal(t, 1, due)
	}
}
