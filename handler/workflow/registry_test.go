package workflow

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Of what somebody else changed, each member is shown with what holds.
func TestDifferencesNameMembers(t *testing.T) {
	tests := map[string]struct {
		was, is string
		want    []Difference
	}{
		"nothing":       {`{"a":{"b":1}}`, `{"a":{"b":1}}`, nil},
		"a value":       {`{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"c":3}}`, []Difference{{"a.c", raw("2"), raw("3")}}},
		"more and less": {`{"a":1,"z":[1]}`, `{"b":{"c":null},"z":[1,2]}`, []Difference{{"a", raw("1"), nil}, {"b.c", nil, raw("null")}, {"z", raw("[1]"), raw("[1,2]")}}},
		"an object now": {`{"a":1}`, `{"a":{"b":1}}`, []Difference{{"a", raw("1"), nil}, {"a.b", nil, raw("1")}}},
		"no document":   {`{"a":1}`, `{`, []Difference{{"", raw(`{"a":1}`), raw(`"{"`)}}},
	}
	for name, tt := range tests {
		assert.Equal(t, tt.want, differences(tt.was, tt.is), name)
	}
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }

// changed is the registry with a row that somebody else changed; a fake, since only
// what the service makes of the answers is judged here.
type changed struct {
	*workspaces
	outside  airlock.OutsideChange
	accepted []audit.Record
}

func (c *changed) Outside(context.Context, airlock.WorkspaceID) (airlock.OutsideChange, error) {
	return c.outside, nil
}

func (c *changed) Accept(ctx context.Context, id airlock.WorkspaceID, digest string, record audit.Record) (airlock.Workspace, error) {
	if digest != c.outside.Digest {
		return airlock.Workspace{}, airlock.ErrStale
	}
	c.accepted = append(c.accepted, record)
	return c.Workspace(ctx, id)
}

func TestAcceptingAWorkspace(t *testing.T) {
	b := newTestBed(t)
	c := &changed{workspaces: b.registry, outside: airlock.OutsideChange{Differs: true, InForce: `{"a":1}`, Outside: `{"a":2}`, Digest: "d"}}
	b.config.Registry = c
	want := []Difference{{"a", raw("1"), raw("2")}}
	var refused *airlock.RefusedError
	_, err := b.AcceptWorkspace(t.Context(), bob, b.ws.ID, false, nil)
	require.ErrorAs(t, err, &refused)

	shown, err := b.AcceptWorkspace(t.Context(), admin, b.ws.ID, true, nil)
	require.NoError(t, err)
	assert.Equal(t, Acceptance{Workspace: b.ws, Digest: "d", Differences: want}, shown)
	assert.Empty(t, c.accepted, "looking takes nothing")

	other := "e"
	_, err = b.AcceptWorkspace(t.Context(), admin, b.ws.ID, false, &other)
	require.ErrorIs(t, err, airlock.ErrStale)
	assert.Empty(t, c.accepted)

	taken, err := b.AcceptWorkspace(t.Context(), admin, b.ws.ID, false, &shown.Digest)
	require.NoError(t, err)
	assert.True(t, taken.Taken)
	assert.Equal(t, want, taken.Differences)
	require.Len(t, c.accepted, 1)
	assert.Equal(t, audit.WorkspaceAccepted, c.accepted[0].Action)
	assert.Equal(t, admin.ID, c.accepted[0].Actor.ID)

	c.outside.Differs = false
	var nothing *airlock.StatusError
	_, err = b.AcceptWorkspace(t.Context(), admin, b.ws.ID, false, nil)
	require.ErrorAs(t, err, &nothing)

	c.outside = airlock.OutsideChange{Differs: true, InForce: `{"a":1}`}
	taken, err = b.AcceptWorkspace(t.Context(), admin, b.ws.ID, false, nil)
	require.NoError(t, err)
	assert.True(t, taken.Removed)
}

// A change that is not in force is told in every run, until somebody accepts it.
func TestAChangeBySomebodyElseIsAnAlert(t *testing.T) {
	b := newTestBed(t)
	b.registry.rows[0].Changed = true
	_, err := b.reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, b.logs.alerts("registry_changed"))
}

// The trails of workspaces are anchored like the others, each head once.
func TestTheTrailOfAWorkspaceIsAnchored(t *testing.T) {
	b := newTestBed(t)
	b.registry.rows[0].Chain = airlock.ChainHead{Hash: "aa", Length: 1}
	known := WasAnchored(b.config.Evidence)
	before, err := known(t.Context(), b.ws.ID)
	require.NoError(t, err)
	assert.False(t, before)
	for range 2 {
		_, err := b.reconcile(t.Context())
		require.NoError(t, err)
	}
	trail := audit.TrailID{Workspace: b.ws.ID}
	claims, err := b.claims(t.Context(), trail)
	require.NoError(t, err)
	require.Len(t, claims, 1)
	assert.Equal(t, 1, claims[0].Length)
	after, err := known(t.Context(), b.ws.ID)
	require.NoError(t, err)
	assert.True(t, after)

	again := New(b.config) // another process finds it there
	report, err := again.reconcile(t.Context())
	require.NoError(t, err)
	assert.Zero(t, report.Anchored)
	b.registry.rows[0].Chain = airlock.ChainHead{Hash: "bb", Length: 2}
	report, err = again.reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, report.Anchored)
	missing, err := again.compareAnchors(t.Context(), b.registry.rows, true)
	require.NoError(t, err)
	assert.Zero(t, missing.Missing)
	b.registry.rows[0].Chain = airlock.ChainHead{Hash: "cc", Length: 1}
	_, err = again.compareAnchors(t.Context(), b.registry.rows, true)
	require.NoError(t, err)
	assert.Equal(t, 1, b.logs.alerts("audit_chain_broken"), "it was cut")
}
