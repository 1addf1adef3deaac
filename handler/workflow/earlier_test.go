package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestTheSameBytesBefore(t *testing.T) {
	hashed := func(n int, status airlock.Status, direction airlock.RequestType, hash string) *change {
		c := named(n, submitted())
		c.Type, c.Status, c.StatusSince = direction, status, noon
		c.Files = []airlock.File{{Name: "a", SHA256: hash}}
		return c
	}
	now := hashed(1, airlock.InReview, airlock.Import, "ab")
	rejected, hidden := hashed(2, airlock.Rejected, airlock.Import, "ab"), hashed(3, airlock.Submitted, airlock.Export, "ab")
	b := newTestBed(t, now, rejected, hidden, hashed(4, airlock.Approved, airlock.Import, "cd"))
	researcher := airlock.Principal{ID: "eve", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	seen, err := b.Seen(t.Context(), researcher, b.ws, now.Request)
	require.NoError(t, err)
	assert.Equal(t, map[string][]Earlier{"ab": {{Request: rejected.ID, Status: airlock.Rejected, When: noon}}}, seen, "what an export holds is not hers to know")

	manager := airlock.Principal{ID: "grace", Roles: []airlock.Role{airlock.RoleManager}, WorkspaceToken: true}
	seen, err = b.Seen(t.Context(), manager, b.ws, now.Request)
	require.NoError(t, err)
	assert.Len(t, seen["ab"], 2)
	seen, err = b.Seen(t.Context(), manager, b.ws, now.WithoutNames())
	require.NoError(t, err)
	assert.Empty(t, seen, "who may not know the hashes learns nothing by them")
}
