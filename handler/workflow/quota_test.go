package workflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var ada = airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}

func TestDraftsOfOnePersonAreBounded(t *testing.T) {
	b := newTestBed(t)
	b.ws.Policy.Quotas.OpenDrafts = 3
	create := func(p airlock.Principal) error {
		_, err := b.Create(t.Context(), p, b.ws, NewRequest{Type: airlock.Import, Title: "T", Justification: "J"})
		return err
	}
	for range 3 {
		require.NoError(t, create(ada))
	}
	var full *airlock.QuotaError
	for range 5 {
		require.ErrorAs(t, create(ada), &full)
		assert.Equal(t, "too_many_drafts", full.Rule)
		assert.Zero(t, full.After, "waiting does not help")
	}
	assert.LessOrEqual(t, b.table.registered, 4, "a refused create leaves nothing, time and again")
	bob := ada
	bob.ID = "bob"
	require.NoError(t, create(bob), "another person's are not counted")
	for id := range b.table.requests {
		if r := b.table.get(id); r.CreatedBy.ID == ada.ID {
			_, err := b.Cancel(t.Context(), ada, b.ws, id, "")
			require.NoError(t, err)
			break
		}
	}
	require.NoError(t, create(ada), "one was cancelled")
}

func TestSubmitsOfOnePersonAreBounded(t *testing.T) {
	c := submitted()
	c.Status, c.CreatedBy = airlock.Draft, ada
	b := newTestBed(t, c)
	b.clock = noon.Add(15 * time.Minute)
	b.ws.Policy.Quotas.SubmitsPerHour = 2
	var empty *airlock.PolicyError
	for range 2 {
		_, err := b.Submit(t.Context(), ada, b.ws, c.ID, "")
		require.ErrorAs(t, err, &empty)
	}
	_, err := b.Submit(t.Context(), ada, b.ws, c.ID, "")
	var full *airlock.QuotaError
	require.ErrorAs(t, err, &full)
	assert.Equal(t, 45*time.Minute, full.After)
	b.clock = b.clock.Add(full.After)
	_, err = b.Submit(t.Context(), ada, b.ws, c.ID, "")
	require.ErrorAs(t, err, &empty, "a new hour")
}
