package workflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// The accounts of the workspace are exchanged behind the service's back. What a
// request has lies where it was created, and goes from there.
func TestARequestStaysInItsAccounts(t *testing.T) {
	c := submitted("1")
	c.Type, c.Status = airlock.Export, airlock.Rejected
	c.Work.Delete, c.Work.GivenUp = places(airlock.ExportInProgress), noon
	b := newBench(t, c)
	swapped := airlock.Accounts{}
	for _, stage := range airlock.WorkspaceStages {
		swapped[stage] = "elsewhere" + string(stage)
	}
	b.registry.rows[0].Accounts = swapped
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
	assert.Equal(t, []string{"stalexip/" + string(c.ID)}, b.storage.deleted)
	last := b.table.records[len(b.table.records)-1]
	assert.Equal(t, map[string]string{"accounts": "stalexip"}, last.Detail)
}

// What was deleted, what was not there, and what is younger than the decision are
// different records.
func TestDeletionsTellWhatTheyFound(t *testing.T) {
	sc := sceneOf(approving("1"))
	sc.row.Status = airlock.Revoked
	sc.row.Work.Delete, sc.row.Work.GivenUp = places(airlock.ImportExternal, airlock.ImportInProgress, airlock.ImportApproved), noon
	old, young := airlock.Container{Account: string(airlock.ImportInProgress), Name: airlock.ContainerName(sc.row.ID)}, airlock.Container{Account: string(airlock.ImportApproved), Name: airlock.ContainerName(sc.row.ID)}
	for _, con := range []airlock.Container{old, young} {
		require.NoError(t, sc.CreateContainer(t.Context(), con))
	}
	sc.at[old].made, sc.at[young].made = noon.Add(-time.Hour), noon.Add(time.Hour)
	_, err := sc.deleteGivenUp(t.Context(), sc.ws, &held{Request: sc.row.Clone()})
	require.NoError(t, err)
	found := map[string]string{}
	for _, r := range sc.records {
		found[string(r.Action)] = r.Detail["accounts"]
	}
	assert.Equal(t, map[string]string{"data_deleted": "stalimip", "data_absent": "stalimex", "data_kept": "stalimapp"}, found)
}
