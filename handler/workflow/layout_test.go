package workflow

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// compact gives the test bed the compact layout: one account for the five stages of the
// workspace, one for the core's that the internet does not reach.
func (b *testBed) compact() *testBed {
	for _, stage := range airlock.WorkspaceStages {
		b.ws.Accounts[stage] = "stalws"
	}
	for _, stage := range []airlock.Stage{airlock.ImportInProgress, airlock.ImportRejected, airlock.ImportBlocked} {
		b.config.Accounts[stage] = "stalprivate"
	}
	return b
}

// layOut gives a request the accounts that its workspace has now.
func (b *testBed) layOut(c *change) {
	r := b.table.get(c.ID)
	r.Accounts = b.accounts(b.ws).For(r.Type)
	b.table.put(r)
}

// An account of several stages is swept as carefully as one of a single stage: the name
// of a container tells its stage.
func TestASharedAccountIsSweptStageByStage(t *testing.T) {
	inReview, approved, ending, old := named(1, submitted("1")), named(2, submitted("1")), named(3, submitted("1")), named(4, submitted("1"))
	inReview.Status, approved.Status, ending.Status, old.Status = airlock.InReview, airlock.Approved, airlock.Cancelled, airlock.Approved
	ending.Work.Delete = places(airlock.ImportInProgress)
	b := newTestBed(t, inReview, approved, ending, old).compact()
	for _, c := range []*change{inReview, approved, ending} {
		b.layOut(c)
	}
	of := func(stage airlock.Stage, id airlock.RequestID) string {
		return string(airlock.NewContainerName(id, 1, stage))
	}
	begun, filled := b.begun(5), b.begun(6)
	orphans := []string{b.lies("stalws", of(airlock.ExportInternal, begun), 2*time.Hour), b.lies("stalimex", string(begun), 2*time.Hour)}
	b.lies("stalprivate", of(airlock.ImportInProgress, inReview.ID), day)
	b.lies("stalprivate", of(airlock.ImportInProgress, ending.ID), day)
	b.lies("stalws", of(airlock.ImportApproved, approved.ID), day)
	unclaimed := []string{
		b.lies("stalprivate", of(airlock.ImportRejected, inReview.ID), day), // another stage of the same account
		b.lies("stalprivate", string(inReview.ID), day),                     // no stage
		b.lies("stalprivate", of(airlock.ImportApproved, approved.ID), day), // the stage of another account
		b.lies("stalws", of(airlock.ImportApproved, inReview.ID), day),
		b.lies("stalws", string(approved.ID), day),
		b.lies("stalws", string(begun), day), // no draft begins without its stage
		b.lies("stalws", of(airlock.ExportInProgress, begun), day),
		b.lies("stalws", of(airlock.ExportInternal, filled), day),
		b.lies("stalimex", of(airlock.ImportExternal, begun), day), // an account of one stage
		b.lies("stalws", of(airlock.ExportInternal, begun)+"-2", day),
	}
	b.fills(unclaimed[7])
	report := b.Sweep(t.Context())
	slices.Sort(unclaimed)
	slices.Sort(orphans)
	assert.Equal(t, orphans, report.Orphans)
	assert.ElementsMatch(t, orphans, b.storage.deleted)
	assert.Equal(t, unclaimed, report.Unclaimed)
	assert.Empty(t, report.Trouble)
	assert.Empty(t, report.Unknown)
}

// Part of a layout is none: nobody would know whose a container is.
func TestAnAccountOfSomeStagesIsNotSwept(t *testing.T) {
	b := newTestBed(t).compact()
	b.ws.Accounts[airlock.ExportBlocked] = "stalone"
	b.lies("stalws", string(airlock.NewContainerName(b.begun(1), 1, airlock.ExportInternal)), day)
	report := b.Sweep(t.Context())
	assert.Empty(t, b.storage.deleted)
	assert.Equal(t, []string{"stalws: it is registered for two stages"}, report.Trouble)
}

// Two workspaces that name one account each find the other's containers there.
func TestASharedAccountOfTwoWorkspacesIsNotSwept(t *testing.T) {
	b := newTestBed(t).compact()
	b.registry.rows = append(b.registry.rows, airlock.Workspace{ID: "def000d3-82da-4bfc-b6e9-9a7853ef753e", Accounts: b.ws.Accounts})
	b.lies("stalws", string(airlock.NewContainerName(b.begun(1), 1, airlock.ExportInternal)), day)
	report := b.Sweep(t.Context())
	assert.Empty(t, b.storage.deleted)
	assert.Equal(t, []string{"stalws: it is registered for two stages"}, report.Trouble)
}

// One account, several stages: a verdict is about the stage that the container's name
// tells, and opens the gate in that of the waiting bytes alone.
func TestAVerdictInASharedAccountIsOfOneStage(t *testing.T) {
	for name, want := range map[airlock.ContainerName]struct {
		status airlock.Status
		err    error
	}{
		airlock.NewContainerName(submitted().ID, 1, airlock.ImportInProgress): {airlock.InReview, nil},
		airlock.NewContainerName(submitted().ID, 1, airlock.ImportRejected):   {airlock.Submitted, nil},
		airlock.NewContainerName(submitted().ID, 1, airlock.ImportBlocked):    {airlock.Submitted, nil},
		airlock.NewContainerName(submitted().ID, 2, airlock.ImportInProgress): {airlock.Submitted, nil},
		airlock.NewContainerName(submitted().ID, 1, airlock.ImportApproved):   {airlock.Submitted, airlock.ErrNotFound},
		airlock.NewContainerName(submitted().ID, 1, airlock.ImportExternal):   {airlock.Submitted, airlock.ErrNotFound},
		airlock.ContainerName(submitted().ID):                                 {airlock.Submitted, airlock.ErrNotFound},
	} {
		b := newTestBed(t, submitted("1")).compact().tagged("1", "No threats found")
		b.layOut(submitted())
		h := hint(airlock.Clean, "1")
		h.Account, h.Container = "stalprivate", name
		require.ErrorIs(t, b.ScanResult(t.Context(), h), want.err, name)
		assert.Equal(t, want.status, b.request().Status, name)
	}
}
