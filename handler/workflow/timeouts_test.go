package workflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// ended is a request that reached a status at noon and is over.
func ended(status airlock.Status) *change {
	c := submitted("1")
	c.Status = status
	if status == airlock.Approved {
		c.Receipt = "r"
	}
	return c
}

func TestRetentionDeletesTheDataOnceItIsOver(t *testing.T) {
	failed := ended(airlock.Failed) // while copying: the draft has everything, and a destination may be half made
	failed.Failure, failed.Files[0].InProgressETag = &airlock.Failure{In: airlock.Submitted}, ""
	tests := map[string]struct {
		given *change
		keep  func(p *airlock.Policy)
		want  []airlock.Stage
	}{
		"approved": {ended(airlock.Approved), func(p *airlock.Policy) { p.Retention.ApprovedDays = 7 }, []airlock.Stage{airlock.ImportApproved}},
		"rejected": {ended(airlock.Rejected), func(p *airlock.Policy) { p.Retention.RejectedDays = 7 }, []airlock.Stage{airlock.ImportRejected}},
		"blocked":  {ended(airlock.BlockedByScan), func(p *airlock.Policy) { p.Retention.BlockedDays = 7 }, []airlock.Stage{airlock.ImportBlocked}},
		"failed":   {failed, func(p *airlock.Policy) { p.Retention.FailedDays = 7 }, airlock.StagesOf(airlock.Import)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newTestBed(t, tt.given)
			tt.keep(&b.registry.rows[0].Policy)
			id := tt.given.ID
			b.clock = noon.Add(7*day - time.Second)
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
			assert.Empty(t, b.storage.deleted, "a second too early")

			b.clock = noon.Add(7 * day)
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
			var want []string
			for _, stage := range tt.want {
				want = append(want, string(stage)+"/"+string(id))
			}
			assert.ElementsMatch(t, want, b.storage.deleted)
			r := b.table.get(id)
			assert.Equal(t, b.clock, r.Work.DataDeleted)
			assert.Equal(t, tt.given.Status, r.Status, "only the data goes")
			assert.Empty(t, r.Work.Delete)
			assert.True(t, r.Work.Due.IsZero(), "nothing is left to do")
			assert.Equal(t, []string{"retention_ended", "data_deleted"}, b.table.actions())
			var asked int
			for _, e := range b.table.events {
				if e.Topic == airlock.TopicDataDeletion {
					asked++
				}
			}
			assert.Equal(t, len(want), asked, "the deletions can also be driven by their events")

			b.clock = noon.Add(70 * day)
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
			assert.Len(t, b.table.actions(), 2, "it ends once")
		})
	}
}

func TestWithoutRetentionDataStays(t *testing.T) {
	for _, status := range []airlock.Status{airlock.Approved, airlock.Rejected, airlock.BlockedByScan, airlock.Failed} {
		c := ended(status)
		b := newTestBed(t, c)
		b.registry.rows[0].Policy.Retention.RejectedDays, b.registry.rows[0].Policy.Retention.BlockedDays = 0, 0
		b.registry.rows[0].Policy.Retention.ApprovedDays, b.registry.rows[0].Policy.Retention.FailedDays = 0, 0
		b.clock = noon.Add(10000 * day)
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
		assert.Empty(t, b.storage.deleted, status)
		assert.Empty(t, b.table.actions(), status)
	}
}

// Deleted data cannot be linked to, and a retry has nothing to resume from.
func TestAfterRetentionNothingLeadsToTheData(t *testing.T) {
	owner := airlock.Principal{ID: "own", Roles: []airlock.Role{airlock.RoleOwner}, WorkspaceToken: true}
	approved, failed := named(1, ended(airlock.Approved)), named(2, ended(airlock.Failed))
	failed.Failure = &airlock.Failure{In: airlock.ApprovalInProgress}
	approved.Work.DataDeleted, failed.Work.DataDeleted = noon, noon
	b := newTestBed(t, approved, failed)
	var refused *airlock.StatusError
	_, err := b.Link(t.Context(), owner, b.ws, approved.ID, "")
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "data_deleted", refused.Rule)
	assert.Zero(t, b.storage.linked)

	refused = nil
	_, err = b.Retry(t.Context(), owner, b.ws, failed.ID, "")
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "data_deleted", refused.Rule)
	assert.Equal(t, airlock.Failed, b.table.get(failed.ID).Status)
}
