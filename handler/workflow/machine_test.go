package workflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

var (
	mia   = airlock.Principal{ID: "mia", Roles: []airlock.Role{airlock.RoleManager}, WorkspaceToken: true}
	robot = airlock.Principal{ID: "robot", Roles: []airlock.Role{airlock.RoleManager, airlock.RoleOwner}, WorkspaceToken: true, Application: true}
)

// reviewed is a request in a status, in a workspace that asks for two approvals and
// lets applications review or not.
func reviewed(t *testing.T, status airlock.Status, applications bool) (*testBed, airlock.Workspace, airlock.RequestID) {
	c := submitted("1")
	c.Status = status
	b := newTestBed(t, c)
	ws := b.registry.rows[0]
	ws.Policy.Review.ImportApprovals, ws.Policy.Review.Applications = 2, applications
	return b, ws, c.ID
}

func TestAMachinesReviewIsRefusedAndRecorded(t *testing.T) {
	b, ws, id := reviewed(t, airlock.InReview, false)
	_, err := b.Review(t.Context(), mia, ws, id, ReviewInput{Decision: airlock.DecisionApproved}, "")
	require.NoError(t, err)
	for _, decision := range []airlock.Decision{airlock.DecisionApproved, airlock.DecisionRejected, airlock.DecisionChanges} {
		_, err = b.Review(t.Context(), robot, ws, id, ReviewInput{Decision: decision}, "")
		var refused *airlock.RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "application", refused.Rule)
	}
	r := b.table.get(id)
	assert.Equal(t, airlock.InReview, r.Status, "a person and a machine are not two")
	assert.Len(t, r.Reviews, 1)
	last := b.table.records[len(b.table.records)-1]
	assert.True(t, last.Security)
	assert.Equal(t, audit.Refused, last.Action)
	assert.Equal(t, audit.Application, last.Actor.Kind)
	assert.Equal(t, map[string]string{"attempted": "review", "rule": "application"}, last.Detail)
}

func TestAMachinesRevocationIsRefused(t *testing.T) {
	b, ws, id := reviewed(t, airlock.Approved, false)
	_, err := b.Revoke(t.Context(), robot, ws, id, "no", "")
	var refused *airlock.RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, airlock.Approved, b.table.get(id).Status)
	assert.Equal(t, []string{"refused"}, b.table.actions())
}

// Where the policy lets applications review, that shows wherever it counts; where it
// does so no more, their decisions count no more.
func TestAMachinesApprovalCountsWhileThePolicySaysSo(t *testing.T) {
	b, ws, id := reviewed(t, airlock.InReview, true)
	_, err := b.Review(t.Context(), robot, ws, id, ReviewInput{Decision: airlock.DecisionApproved}, "")
	require.NoError(t, err)
	r := b.table.get(id)
	assert.True(t, r.ApplicationReviewed())
	assert.Equal(t, 1, r.Approvals())
	assert.Equal(t, audit.AllowedByPolicy, b.table.records[0].Detail["application"])

	strict := ws
	strict.Policy.Review.Applications = false
	b.clock = b.clock.Add(time.Minute)
	_, err = b.Review(t.Context(), robot, strict, id, ReviewInput{Decision: airlock.DecisionApproved}, "")
	require.Error(t, err, "what it said before is no answer to the question whether it may")
	r, err = b.Review(t.Context(), mia, strict, id, ReviewInput{Decision: airlock.DecisionApproved}, "")
	require.NoError(t, err)
	assert.Equal(t, airlock.InReview, r.Status)
	assert.Equal(t, 1, r.Approvals(), "a person and a machine are not two")
	assert.False(t, r.ApplicationReviewed())
}
