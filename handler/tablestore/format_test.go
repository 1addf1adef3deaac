package tablestore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// A new format comes in two releases. Instances of any two that follow each other run
// side by side on the same tables, and either may be rolled back.
func TestTwoVersionsRunSideBySide(t *testing.T) {
	t.Parallel()
	now := present.written
	today := present
	reads := formats{oldest: now, newest: now + 1, written: now}         // the first release knows the new format
	writes := formats{oldest: now, newest: now + 1, written: now + 1}    // the second one writes it
	after := formats{oldest: now + 1, newest: now + 1, written: now + 1} // a later one forgets the old one
	for name, pair := range map[string][2]formats{"the first release": {today, reads}, "the second release": {reads, writes}} {
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
	behind.formats, ahead.formats = today, after
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
