package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// trailed is a test bed with a request whose trail has three records, anchored.
func trailed(t *testing.T) (*testBed, airlock.Request) {
	t.Helper()
	b := newTestBed(t)
	r := submitted().Request
	for _, action := range []string{"create", "submit", "copied"} {
		sealed, head, err := audit.Seal(r.Chain, audit.Record{Workspace: r.Workspace, Request: r.ID, At: b.clock, Action: audit.Action(action)})
		require.NoError(t, err)
		r.Chain = head
		b.table.trails[r.ID] = append(b.table.trails[r.ID], rowOf(sealed))
	}
	b.table.put(r)
	b.table.heads = []row[audit.HeadRow]{{value: audit.HeadRow{TrailID: audit.TrailOf(r), Head: r.Chain}}}
	_, err := b.anchor(t.Context(), b.registry.rows)
	require.NoError(t, err)
	return b, r
}

func (b *testBed) verified(id airlock.RequestID) audit.Verification {
	t, err := b.History(b.t.Context(), airlock.Principal{ID: "admin", Roles: []airlock.Role{airlock.RoleTREAdmin}}, b.ws, id)
	require.NoError(b.t, err)
	return t.Verification
}

// Anybody who can create blobs can make any name in the index. It says nothing about
// a trail unless the signed log does.
func TestANameInTheIndexProvesNothing(t *testing.T) {
	b, r := trailed(t)
	require.True(t, b.verified(r.ID).OK)
	forged := audit.AnchoredHead{Trail: audit.TrailOf(r).Name(), Length: 2, Hash: "ab"}
	for _, entry := range []int{1, 2, 0} { // one of the log, one that is not there, none
		b.archive.items["anchors/"+headName(forged, entry)] = ""
	}
	b.archive.items["anchors/"+headPrefix(forged.Trail)+"x"] = ""
	assert.True(t, b.verified(r.ID).OK)
	assert.Equal(t, 1, b.logs.alerts("evidence_planted"))
}

func TestATrailCutWithItsHeadIsHeldAgainstTheLog(t *testing.T) {
	b, r := trailed(t)
	cut := b.table.trails[r.ID][:2]
	b.table.trails[r.ID] = cut
	r.Chain = airlock.ChainHead{Hash: cut[1].Hash, Length: 2}
	b.table.put(r)
	got := b.verified(r.ID)
	assert.False(t, got.OK)
	assert.Equal(t, 3, got.Problems[0].Seq)
	assert.Equal(t, 0, b.logs.alerts("evidence_planted"))
	for n := range maxClaims + 1 { // so that nobody finds it among so many
		b.archive.items["anchors/"+headName(audit.AnchoredHead{Trail: audit.TrailOf(r).Name(), Length: 9, Hash: "ab"}, n)] = ""
	}
	assert.False(t, b.verified(r.ID).OK)
}
