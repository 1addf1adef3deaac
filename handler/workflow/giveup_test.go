package workflow

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

var olga = airlock.Principal{ID: "olga", Name: "Olga", Roles: []airlock.Role{airlock.RoleOwner}, WorkspaceToken: true}

// hanging is a request in a moving status that has been waiting.
func hanging(status airlock.Status) *change {
	c := submitted("1")
	c.Status, c.StatusMessage, c.Work.Attempts = status, "waiting: copy blob on stalimip: AuthorizationFailure, attempt 99", 99
	return c
}

// An owner can end a request that waits for anything, and then it and its data go.
// No account is asked on the way.
func TestARequestThatHangsIsGivenUpAndCancelled(t *testing.T) {
	for _, status := range []airlock.Status{airlock.Submitted, airlock.ApprovalInProgress, airlock.RejectionInProgress, airlock.BlockingInProgress} {
		c := hanging(status)
		b := newTestBed(t, c)
		b.ws.Policy.Enabled = false
		for _, account := range b.ws.Accounts {
			b.storage.faults[account] = junk()
		}
		r, err := b.GiveUp(t.Context(), olga, b.ws, c.ID, "the scanner was switched off\nfor good", "")
		require.NoError(t, err, status)
		assert.Equal(t, airlock.Failed, r.Status)
		assert.Equal(t, "given_up", r.Failure.Code)
		assert.Equal(t, status, r.Failure.In)
		assert.Equal(t, "The request was given up by Olga: the scanner was switched off for good", r.StatusMessage)
		given := b.table.records[0]
		assert.Equal(t, audit.Of(airlock.TriggerGiveUp), given.Action)
		assert.Equal(t, "the scanner was switched off\nfor good", given.Reason)
		assert.Equal(t, audit.Person, given.Actor.Kind)
		again, err := b.GiveUp(t.Context(), olga, b.ws, c.ID, "once more", "")
		require.NoError(t, err)
		assert.Equal(t, r.ETag(), again.ETag(), "it has taken effect")

		r, err = b.Cancel(t.Context(), olga, b.ws, c.ID, "")
		require.NoError(t, err)
		assert.Equal(t, airlock.Cancelled, r.Status)
		assert.Nil(t, r.Failure)
		assert.ElementsMatch(t, places(airlock.StagesOf(c.Type)...), r.Work.Delete, "wherever the bytes are, they go")
		assert.False(t, r.Work.Due.IsZero(), "somebody looks after the deletion")
	}
}

func TestWhoMayGiveUp(t *testing.T) {
	c := hanging(airlock.Submitted)
	c.CreatedBy = airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	b := newTestBed(t, c)
	var refused *airlock.RefusedError
	for _, p := range []airlock.Principal{c.CreatedBy, mia, robot} {
		_, err := b.GiveUp(t.Context(), p, b.ws, c.ID, "no", "")
		require.ErrorAs(t, err, &refused, p.ID)
	}
	assert.Equal(t, []string{"refused", "refused", "refused"}, b.table.actions())
	_, err := b.GiveUp(t.Context(), olga, b.ws, c.ID, "no", "other-version")
	require.ErrorIs(t, err, airlock.ErrPrecondition)
	admin := airlock.Principal{ID: "tess", Roles: []airlock.Role{airlock.RoleTREAdmin}}
	_, err = b.GiveUp(t.Context(), admin, b.ws, c.ID, "no", "")
	require.NoError(t, err)
	var illegal *airlock.TransitionError
	_, err = b.GiveUp(t.Context(), olga, b.ws, c.ID, "no", "")
	require.ErrorAs(t, err, &illegal, "there is nothing left to give up")
}

// An account that is not on record is no reason to wait.
func TestAMissingAccountHoldsUpNoEnd(t *testing.T) {
	c := hanging(airlock.Submitted)
	c.Accounts = airlock.Accounts{}
	b := newTestBed(t, c)
	_, err := b.GiveUp(t.Context(), olga, b.ws, c.ID, strings.Repeat("é", 4000), "")
	require.NoError(t, err)
	r, err := b.Cancel(t.Context(), olga, b.ws, c.ID, "")
	require.NoError(t, err)
	assert.Equal(t, airlock.Cancelled, r.Status)
	assert.Less(t, len(r.StatusMessage)+len(b.table.records[0].Reason), 9000)
}

// A request that was given up resumes where it was, if somebody retries it.
func TestWhatWasGivenUpCanBeRetried(t *testing.T) {
	c := hanging(airlock.RejectionInProgress)
	b := newTestBed(t, c)
	_, err := b.GiveUp(t.Context(), olga, b.ws, c.ID, "no", "")
	require.NoError(t, err)
	r := b.table.get(c.ID)
	r.Work.Delete = nil
	b.table.put(r)
	b.clock = b.clock.Add(settled)
	r, err = b.Retry(t.Context(), olga, b.ws, c.ID, "")
	require.NoError(t, err)
	assert.Equal(t, airlock.RejectionInProgress, r.Status)
}
