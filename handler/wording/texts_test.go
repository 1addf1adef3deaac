package wording_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

func TestEveryStatusHasItsHolder(t *testing.T) {
	ws := airlock.Workspace{DisplayName: "Genomics", Policy: airlock.DefaultPolicy()}
	want := map[string][]airlock.Status{
		wording.Requestor: {airlock.Draft, airlock.Returned, airlock.Approved},
		wording.Manager:   {airlock.InReview, airlock.Failed},
		wording.Nobody:    {airlock.Rejected, airlock.Cancelled, airlock.BlockedByScan, airlock.Revoked},
	}
	for _, s := range airlock.Statuses() {
		holder := wording.System
		for who, statuses := range want {
			for _, held := range statuses {
				if held == s {
					holder = who
				}
			}
		}
		text := wording.Now(airlock.Request{Type: airlock.Import, Status: s}).For(airlock.Request{Type: airlock.Import, Status: s}, ws)
		assert.Equal(t, holder, text.HeldBy, s)
		assert.NotContains(t, text.Next, "{", s)
		assert.NotEqual(t, "{status}", wording.Of(string(s), airlock.Request{}).Short, "status %s has no row in texts.go", s)
		assert.Regexp(t, `^[A-Z].*\.$`, text.Next, s)
	}
}

func TestTheStatusIsNotTheWholeStory(t *testing.T) {
	held := airlock.Request{Status: airlock.ApprovalInProgress, Holds: []airlock.Hold{{Event: "e"}}}
	assert.Contains(t, wording.Now(held).Next, "An operator")
	gone := airlock.Request{Status: airlock.Approved, Work: airlock.Work{DataDeleted: time.Now()}}
	assert.Equal(t, wording.Nobody, wording.Now(gone).HeldBy)
	infected := airlock.Request{Status: airlock.Approved, StatusMessage: "Malware was found."}
	assert.Equal(t, wording.Manager, wording.Now(infected).HeldBy)
}
