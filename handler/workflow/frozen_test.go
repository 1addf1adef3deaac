package workflow

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// The accounts of the workspace are exchanged behind the service's back. The bytes of
// a request lie where it was created, and go from there.
func TestARequestStaysInItsAccounts(t *testing.T) {
	for name, tt := range map[string]struct {
		c       *change
		deletes airlock.Stage
	}{
		"rejected": {func() *change {
			c := submitted("1")
			c.Type, c.Status = airlock.Export, airlock.Rejected
			c.Work.Delete, c.Work.GivenUp = places(airlock.ExportInProgress), noon
			return c
		}(), airlock.ExportInProgress},
		"released": {ended(airlock.Approved), airlock.ImportApproved},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBed(t, tt.c)
			b.lies(string(tt.deletes), string(tt.c.ID), 0)
			swapped := airlock.Accounts{}
			for _, stage := range airlock.WorkspaceStages {
				swapped[stage] = "elsewhere" + string(stage)
			}
			b.registry.rows[0].Accounts, b.ws.Accounts = swapped, swapped
			if tt.c.Status == airlock.Approved {
				_, err := b.Revoke(t.Context(), bob, b.ws, tt.c.ID, "sent by mistake", "")
				require.NoError(t, err)
			}
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, tt.c.ID, "test"))
			assert.Equal(t, []string{string(tt.deletes) + "/" + string(tt.c.ID)}, b.storage.deleted)
			deleted := slices.IndexFunc(b.table.records, func(r audit.Record) bool { return r.Action == audit.DataDeleted })
			require.GreaterOrEqual(t, deleted, 0)
			assert.Equal(t, map[string]string{"accounts": string(tt.deletes)}, b.table.records[deleted].Detail)
		})
	}
}

// Data that was deleted, data that was not there, and data younger than the decision
// have different records.
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
