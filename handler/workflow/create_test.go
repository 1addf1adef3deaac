package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// A workspace that is switched off takes no new requests; nothing is made for one.
func TestADisabledWorkspaceTakesNoNewRequests(t *testing.T) {
	b := newTestBed(t)
	b.ws.Policy.Enabled = false
	researcher := airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	for _, key := range []string{"", "again"} {
		_, err := b.Create(t.Context(), researcher, b.ws, NewRequest{Type: airlock.Import, Title: "T", Justification: "B", IdempotencyKey: key})
		require.ErrorIs(t, err, airlock.ErrDisabled)
	}
	assert.Empty(t, b.table.requests)
	var refused *airlock.RefusedError
	_, err := b.Create(t.Context(), airlock.Principal{ID: "eve", WorkspaceToken: true}, b.ws, NewRequest{Type: airlock.Import})
	require.ErrorAs(t, err, &refused, "who may not create learns no more than that")
}
