package workflow

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var admin = airlock.Principal{ID: "adm", Name: "Grace", Roles: []airlock.Role{airlock.RoleTREAdmin}}

// The data of a workspace's requests lies in its accounts, and effects look for
// it there.
func TestAccountsWithDataInThemCannotBeChanged(t *testing.T) {
	elsewhere := func(ws airlock.Workspace) airlock.Workspace {
		ws.Accounts = maps.Clone(ws.Accounts)
		ws.Accounts[airlock.ImportApproved] = "another"
		return ws
	}
	c := ended(airlock.Rejected)
	b := newTestBed(t, c)
	var refused *airlock.PolicyError
	_, err := b.PutWorkspace(t.Context(), admin, elsewhere(b.ws))
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "account_in_use", refused.Violations[0].Rule)
	assert.Empty(t, b.registry.puts)

	renamed := b.ws
	renamed.DisplayName = "renamed"
	_, err = b.PutWorkspace(t.Context(), admin, renamed)
	require.NoError(t, err, "all but the accounts may change")

	created := elsewhere(b.ws)
	created.ID = "def000d3-82da-4bfc-b6e9-9a7853ef753e"
	_, err = b.PutWorkspace(t.Context(), admin, created)
	require.NoError(t, err, "a workspace that is new has none")

	b = newTestBed(t)
	_, err = b.PutWorkspace(t.Context(), admin, elsewhere(b.ws))
	require.NoError(t, err, "without requests there is no data")
}

func TestOnlyOperatorsWriteWorkspaces(t *testing.T) {
	b := newTestBed(t)
	var refused *airlock.RefusedError
	_, err := b.PutWorkspace(t.Context(), airlock.Principal{ID: "eve", Roles: []airlock.Role{airlock.RoleTREUser}}, b.ws)
	require.ErrorAs(t, err, &refused)
	assert.Empty(t, b.registry.puts)
}

// Another instance changed the accounts a moment ago: what this one remembers
// must not let the old ones come back.
func TestAccountsAreComparedWithTheRowAsItIsNow(t *testing.T) {
	b := newTestBed(t, ended(airlock.Rejected))
	now := b.ws
	now.Accounts = maps.Clone(b.ws.Accounts)
	now.Accounts[airlock.ImportApproved] = "another"
	b.registry.current = &now
	var refused *airlock.PolicyError
	_, err := b.PutWorkspace(t.Context(), admin, b.ws)
	require.ErrorAs(t, err, &refused)
}

// A row that is no valid workspace takes no list from the others.
func TestABadRegistryRowStopsNoList(t *testing.T) {
	b := newTestBed(t, ended(airlock.Rejected))
	b.registry.err = &airlock.Fault{Kind: airlock.Operator, Code: airlock.UnreadableRow, Err: assert.AnError}
	all, err := b.Workspaces(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 1)
	_, err = b.Mine(t.Context(), airlock.Principal{ID: "ada"}, airlock.Query{Limit: 10})
	require.NoError(t, err)
	b.registry.err = &airlock.Fault{Kind: airlock.Transient, Code: "Timeout", Err: assert.AnError}
	_, err = b.Mine(t.Context(), airlock.Principal{ID: "ada"}, airlock.Query{Limit: 10})
	require.Error(t, err, "a list that is not complete for another reason misleads")
}

// A row that is no valid workspace can be replaced; the accounts of requests stay
// where they are, also when the row does not tell them any more.
func TestABadRegistryRowCanBeReplaced(t *testing.T) {
	b := newTestBed(t, ended(airlock.Rejected))
	b.registry.currentErr = &airlock.Fault{Kind: airlock.Operator, Code: airlock.UnreadableRow, Err: assert.AnError}
	_, err := b.PutWorkspace(t.Context(), admin, b.ws)
	require.NoError(t, err, "its accounts can be made out")
	b.registry.current = &airlock.Workspace{ID: b.ws.ID, ETag: b.ws.ETag}
	var refused *airlock.PolicyError
	_, err = b.PutWorkspace(t.Context(), admin, b.ws)
	require.ErrorAs(t, err, &refused)
	b.registry.currentErr = &airlock.Fault{Kind: airlock.Transient, Code: "Timeout", Err: assert.AnError}
	_, err = b.PutWorkspace(t.Context(), admin, b.ws)
	require.ErrorIs(t, err, assert.AnError)
}
