package airlock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One person is one approval, however often they say so.
func TestApprovalsCountPeople(t *testing.T) {
	review := func(by UserID, d Decision) Review { return Review{Reviewer: Principal{ID: by}, Decision: d} }
	r := Request{Reviews: []Review{review("mia", DecisionApproved), review("mia", DecisionApproved), review("max", DecisionRejected)}}
	assert.Equal(t, 1, r.Approvals())
	r.Reviews = append(r.Reviews, review("max", DecisionApproved))
	assert.Equal(t, 2, r.Approvals())
}

// A new status has its own deadline and its own tries.
func TestANewStatusStartsAfresh(t *testing.T) {
	r := Request{Status: Submitted, StatusMessage: "waiting: …", Work: Work{Overdue: true, Attempts: 3}}
	require.NoError(t, r.Apply(TriggerGatesPassed, SystemPrincipal("test"), time.Unix(1, 0)))
	assert.Equal(t, Request{Status: InReview, StatusSince: time.Unix(1, 0), Number: 1, History: r.History,
		UpdatedBy: r.UpdatedBy, UpdatedWhen: time.Unix(1, 0)}, r)
}

func TestRetryNeedsToKnowWhereItFailed(t *testing.T) {
	r := Request{Status: Failed}
	require.ErrorAs(t, r.Apply(TriggerRetry, SystemPrincipal("test"), time.Unix(1, 0)), new(*TransitionError))
	assert.Equal(t, Request{Status: Failed}, r)
}

// A policy cannot grant more files than a row has room for.
func TestTheNumberOfFilesHasACeiling(t *testing.T) {
	p := DefaultPolicy()
	p.Files.MaxFiles = MaxFilesCeiling + 1
	files := make([]Blob, MaxFilesCeiling+1)
	for i := range files {
		files[i].Name = "a.csv"
	}
	violations := violationsOf(Import, files, p)
	require.NotEmpty(t, violations)
	assert.Equal(t, "too_many_files", violations[0].Rule)
}
