package workflow

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// grace is a directory in which Grace is airlock manager.
type grace struct{}

func (grace) Holds(_ context.Context, _ airlock.Workspace, id airlock.UserID, role airlock.Role) (bool, error) {
	return id == "grace" && role == airlock.RoleManager, nil
}

func (grace) Members(_ context.Context, _ airlock.Workspace, role airlock.Role) ([]airlock.Person, error) {
	if role != airlock.RoleManager {
		return nil, nil
	}
	return []airlock.Person{{ID: "grace", Name: "Grace", Email: "grace@example.org"}}, nil
}

func TestARequestIsFoundByWhoHasAPartInIt(t *testing.T) {
	c := submitted()
	c.CreatedBy = airlock.Principal{ID: "ada"}
	b := newTestBed(t, c)
	b.config.Directory = grace{}
	_, err := b.table.Register(t.Context(), c.ID, b.ws.ID)
	require.NoError(t, err)
	for id, found := range map[airlock.UserID]bool{"ada": true, "grace": true, "mallory": false} {
		ws, err := b.Find(t.Context(), airlock.Principal{ID: id}, c.ID)
		if !found {
			assert.ErrorIs(t, err, airlock.ErrNotFound, "%s", id)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, b.ws.ID, ws)
	}
	_, err = b.Find(t.Context(), airlock.Principal{ID: "ada"}, "bf89dccd-cdf8-4e47-8cfe-995faeac0f09")
	assert.ErrorIs(t, err, airlock.ErrNotFound)
}

func TestPeopleComeWithoutAddresses(t *testing.T) {
	b := newTestBed(t, submitted())
	b.config.Directory = grace{}
	people, err := b.People(t.Context(), airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}, b.ws)
	require.NoError(t, err)
	assert.Equal(t, airlock.Contacts{AirlockManagers: []airlock.Person{{ID: "grace", Name: "Grace"}}}, people)
	_, err = b.People(t.Context(), airlock.Principal{ID: "mallory", WorkspaceToken: true}, b.ws)
	assert.Error(t, err)
}
