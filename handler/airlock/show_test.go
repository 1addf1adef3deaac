package airlock_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
)

// A failure in review does not show what is hidden: a retry leads back into the same review.
func TestHiddenDecisionsStayHiddenAfterAFailure(t *testing.T) {
	policy := with(func(p *airlock.Policy) { p.Review.ExportApprovals = 2 })
	r := airlock.Request{ID: "bbbbbbbb-0000-4000-8000-000000000001", Type: airlock.Export, Rule: airlock.ReviewRule{Independent: true, OnDisagreement: airlock.Strictest},
		Reviews: []airlock.Review{{Reviewer: airlock.Principal{ID: "bob"}, Decision: airlock.DecisionRejected}}}
	owner := airlock.Principal{ID: "olu", Roles: []airlock.Role{airlock.RoleOwner}, WorkspaceToken: true}
	for status, hidden := range map[airlock.Status]bool{airlock.InReview: true, airlock.Failed: true, airlock.Cancelled: false} {
		r.Status, r.Failure = status, nil
		if status == airlock.Failed {
			r.Failure = &airlock.Failure{In: airlock.InReview}
		}
		assert.Equal(t, hidden, len(airlock.Show(owner, r, policy).Reviews) == 0, status)
	}
	r.Status, r.Failure = airlock.Failed, &airlock.Failure{In: airlock.ApprovalInProgress}
	assert.Len(t, airlock.Show(owner, r, policy).Reviews, 1, "it had been decided")
}
