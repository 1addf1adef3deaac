package workflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// aDraft is one that was begun that long ago.
func aDraft(t *testing.T, ago time.Duration) (*testBed, airlock.RequestID) {
	c := submitted()
	c.Status, c.StatusSince = airlock.Draft, noon.Add(-ago)
	c.CreatedBy = airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	b := newTestBed(t, c)
	b.ws.Policy.Deadlines.DraftHours = 0
	b.registry.rows[0] = b.ws
	return b, c.ID
}

// look lets the reconciler look, after so much time.
func (b *testBed) look(id airlock.RequestID, after time.Duration) airlock.Request {
	b.clock = b.clock.Add(after)
	require.NoError(b.t, b.Advance(b.t.Context(), b.ws.ID, id, "test"))
	return b.table.get(id)
}

func TestADraftExpiresAfterItsRequestorWasTold(t *testing.T) {
	b, id := aDraft(t, 22*day)
	b.look(id, 0)
	assert.Empty(t, b.table.actions(), "more than a week is left")
	r := b.look(id, day)
	assert.Equal(t, []string{"draft_expiring"}, b.table.actions())
	assert.Equal(t, noon.Add(8*day), r.Work.Due, "at the end of its life")
	r = b.look(id, 7*day-time.Second)
	assert.Equal(t, airlock.Draft, r.Status)
	r = b.look(id, time.Second)
	assert.Equal(t, airlock.Cancelled, r.Status)
	assert.Equal(t, []string{"draft_expiring", "expire", "data_deleted"}, b.table.actions())
	assert.Equal(t, []string{"stalimex/" + string(id)}, b.storage.deleted)
	assert.Equal(t, "It was not submitted within 30 days.", r.StatusMessage)
}

// Nobody loses a draft without notice: not those that were old when the rule came,
// nor when the policy is made stricter.
func TestADraftNeverExpiresUntold(t *testing.T) {
	b, id := aDraft(t, 400*day)
	assert.Equal(t, airlock.Draft, b.look(id, 0).Status)
	assert.Equal(t, airlock.Draft, b.look(id, 7*day-time.Second).Status)
	assert.Equal(t, airlock.Cancelled, b.look(id, time.Second).Status)

	b, id = aDraft(t, 0)
	b.ws.Policy.Retention.DraftDays = 4
	b.registry.rows[0] = b.ws
	b.look(id, 2*day)
	assert.Equal(t, []string{"draft_expiring"}, b.table.actions(), "half the time, where it is short")
	assert.Equal(t, airlock.Cancelled, b.look(id, 2*day).Status)
}

func TestADraftIsKeptWhereThePolicySaysSo(t *testing.T) {
	b, id := aDraft(t, 4000*day)
	b.ws.Policy.Retention.DraftDays = 0
	b.registry.rows[0] = b.ws
	assert.Equal(t, airlock.Draft, b.look(id, 0).Status)
	assert.Empty(t, b.table.actions())
}

// A request that was submitted in time is no draft any more.
func TestASubmittedRequestDoesNotExpire(t *testing.T) {
	b, id := aDraft(t, 25*day)
	b.look(id, 0)
	r := b.table.get(id)
	require.NoError(t, r.Apply(airlock.TriggerSubmit, r.CreatedBy, b.clock))
	assert.True(t, r.Work.ExpiryTold.IsZero())
	c := &change{Request: r, ws: b.ws, at: b.clock.Add(1000 * day)}
	assert.False(t, c.old())
}
