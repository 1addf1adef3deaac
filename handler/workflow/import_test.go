package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// elsewhere is a request as another airlock left it.
func elsewhere(b *testBed, s airlock.Status) airlock.Request {
	return airlock.Request{ID: "af89dccd-cdf8-4e47-8cfe-995faeac0f09", Workspace: b.ws.ID, Type: airlock.Import, Title: "T", Justification: "B", Status: s, Number: 7,
		CreatedBy: airlock.Principal{ID: "ada"}, CreatedWhen: noon.AddDate(-1, 0, 0), UpdatedWhen: noon.AddDate(0, -6, 0), StatusSince: noon.AddDate(0, -6, 0),
		Files:    []airlock.File{{Name: "a.csv", Size: 7}},
		Reviews:  []airlock.Review{{Reviewer: bob, When: noon.AddDate(0, -6, 0), Decision: airlock.DecisionApproved}},
		Imported: &airlock.Imported{From: "azuretre", Status: s, Digest: "d1"}}
}

func TestWhatEndedElsewhereIsToBeRead(t *testing.T) {
	people := []airlock.Principal{bob, {ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher, airlock.RoleOwner}, WorkspaceToken: true},
		{ID: "olu", Roles: []airlock.Role{airlock.RoleTREAdmin}}, airlock.SystemPrincipal("anything")}
	for _, s := range airlock.Statuses() {
		if !s.Final() {
			continue
		}
		t.Run(string(s), func(t *testing.T) {
			b := newTestBed(t)
			in := elsewhere(b, s)
			taken, err := b.Import(t.Context(), in, false)
			require.NoError(t, err)
			require.Equal(t, TakenEnded, taken)
			was := b.table.get(in.ID)
			assert.Equal(t, []string{"imported"}, b.table.actions())
			assert.Empty(t, b.table.events, "nobody is told")
			assert.Zero(t, was.Work.Due, "nothing is owed")
			assert.Equal(t, 7, was.Number)
			assert.Empty(t, was.Held())
			for _, p := range people {
				for _, action := range airlock.Actions() {
					allowed := airlock.Decide(p, action, was, b.ws.Policy).Allowed
					assert.False(t, allowed && action != airlock.ActionRead, "%s may %s", p.ID, action)
				}
			}
			_, err = b.Link(t.Context(), people[1], b.ws, in.ID, "")
			assert.ErrorContains(t, err, "imported to be read")
			_, err = b.Create(t.Context(), people[1], b.ws, NewRequest{Type: airlock.Import, Title: "T", Justification: "B", Replaces: in.ID})
			assert.ErrorContains(t, err, "nothing changes it")
			b.clock = b.clock.AddDate(10, 0, 0)
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, in.ID, "a test"))
			require.NoError(t, b.Renotify(t.Context(), b.ws.ID, in.ID, s))
			assert.Equal(t, was, b.table.get(in.ID), "neither time nor an event changes it")
			assert.Error(t, audit.Replay(b.table.trails[in.ID], was), "it was never released here")
			assert.NoError(t, audit.ReplayStatus(b.table.trails[in.ID], was))
		})
	}
}

func TestWhatWasOpenElsewhereBeginsAnew(t *testing.T) {
	b := newTestBed(t)
	in := elsewhere(b, airlock.InReview)
	taken, err := b.Import(t.Context(), in, false)
	require.NoError(t, err)
	require.Equal(t, LeftOpen, taken)
	assert.Empty(t, b.table.requests)
	taken, err = b.Import(t.Context(), in, true)
	require.NoError(t, err)
	require.Equal(t, TakenDraft, taken)
	r := b.table.get(in.ID)
	assert.Equal(t, airlock.Draft, r.Status)
	assert.Empty(t, r.Files)
	assert.Empty(t, r.Reviews)
	assert.Equal(t, noon, r.StatusSince, "its time begins now")
	assert.NotZero(t, r.Accounts)
	ada := airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	assert.True(t, airlock.Decide(ada, airlock.ActionLink, r, b.ws.Policy).Write)
	assert.True(t, airlock.Decide(ada, airlock.ActionSubmit, r, b.ws.Policy).Allowed)
	b.clock = b.clock.AddDate(0, 1, 0)
	taken, err = b.Import(t.Context(), in, true)
	require.NoError(t, err)
	require.Equal(t, TakenBefore, taken, "safe to repeat")
	assert.Equal(t, r, b.table.get(in.ID))
}

func TestImportRefuses(t *testing.T) {
	b := newTestBed(t)
	in := elsewhere(b, airlock.Rejected)
	_, err := b.Import(t.Context(), in, false)
	require.NoError(t, err)
	later := elsewhere(b, airlock.Rejected)
	later.Imported.Digest = "d2"
	_, err = b.Import(t.Context(), later, false)
	require.ErrorIs(t, err, ErrOtherImport, "what was imported stays")

	stranger := elsewhere(b, airlock.Rejected)
	stranger.Workspace = "99999999-0000-4000-8000-000000000001"
	_, err = b.Import(t.Context(), stranger, false)
	require.ErrorIs(t, err, airlock.ErrNoWorkspace)

	b.registry.rows[0].Policy.Enabled = false
	open := elsewhere(b, airlock.Draft)
	open.ID = "bf89dccd-cdf8-4e47-8cfe-995faeac0f09"
	_, err = b.Import(t.Context(), open, true)
	require.ErrorIs(t, err, airlock.ErrDisabled)
	b.registry.rows[0].Policy.Enabled = true
	for _, spoil := range []func(r *airlock.Request){
		func(r *airlock.Request) { r.Title = string(make([]rune, airlock.MaxTitle+1)) },
		func(r *airlock.Request) { r.Title = " " },
	} {
		long := open
		spoil(&long)
		var invalid *airlock.InvalidError
		_, err = b.Import(t.Context(), long, true)
		require.ErrorAs(t, err, &invalid)
	}
	assert.Len(t, b.table.requests, 1)
}
