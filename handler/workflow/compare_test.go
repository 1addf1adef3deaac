package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func (b *testBed) compare() Report {
	b.t.Helper()
	report, err := b.compareAnchors(b.t.Context(), b.registry.rows, true)
	require.NoError(b.t, err)
	return report
}

// To-do rows are deleted in a loop: the heads that exist decide what is anchored.
func TestWhatWasKeptOutOfTheLog(t *testing.T) {
	b, r := trailed(t)
	b.table.heads = nil
	assert.Zero(t, b.compare().Missing)
	for n := range 20 { // more entries than are read at once, a planted one among them
		if n == 9 {
			b.archive.items["anchors/"+audit.AnchorName(11)] = "{}"
		}
		_, err := b.anchors.Add(t.Context(), []audit.AnchoredHead{anchoredHead(audit.HeadRow{TrailID: audit.TrailOf(r), Head: r.Chain})}, noon)
		require.NoError(t, err)
	}
	other := named(5, submitted()).Request
	other.Chain = airlock.ChainHead{Hash: "cd", Length: 2}
	b.table.put(other)
	r.Chain = airlock.ChainHead{Hash: "ef", Length: 4}
	b.table.put(r)
	b.table.heads = []row[audit.HeadRow]{{value: audit.HeadRow{TrailID: audit.TrailOf(r), Head: r.Chain}}}
	b.archive.items["anchors/"+headName(anchoredHead(audit.HeadRow{TrailID: audit.TrailOf(other), Head: other.Chain}), 3)] = "" // the index proves nothing
	assert.Equal(t, 1, b.compare().Missing, "what is on the list waits for its turn")
	assert.Equal(t, 1, b.logs.alerts("anchors_missing"))
	assert.Zero(t, b.compare().Missing, "anchored")
	assert.Empty(t, b.table.anchored[1:], "and nothing was taken off the list")
	b.table.heads = nil
	assert.Equal(t, 1, b.compare().Missing, "now it was deleted there")
	assert.Equal(t, 0, b.logs.alerts("audit_chain_broken"))
	assert.Equal(t, 0, b.logs.alerts("state_damaged"))
}

func TestWhatTheLogKnowsBetter(t *testing.T) {
	tests := map[string]struct {
		change func(b *testBed, r airlock.Request)
		alert  string
	}{
		"a row put back":   {func(b *testBed, r airlock.Request) { r.Chain.Length = 2; b.table.put(r) }, "audit_chain_broken"},
		"a head rewritten": {func(b *testBed, r airlock.Request) { r.Chain.Hash = "ab"; b.table.put(r) }, "audit_chain_broken"},
		"a row removed":    {func(b *testBed, r airlock.Request) { delete(b.table.requests, r.ID) }, "state_damaged"},
		"a row damaged":    {func(b *testBed, r airlock.Request) { b.table.broken[r.ID] = junk() }, "state_damaged"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, r := trailed(t)
			b.table.heads = nil
			tt.change(b, r)
			assert.Zero(t, b.compare().Missing)
			assert.Equal(t, 1, b.logs.alerts(tt.alert))
		})
	}
}

// A row damaged to hide that another one is gone raises both alerts.
func TestADamagedRowHidesNoneThatIsGone(t *testing.T) {
	b, r := trailed(t)
	b.table.heads = nil
	b.compare()
	other := named(5, submitted()).Request
	b.table.put(other)
	b.table.heads = []row[audit.HeadRow]{{value: audit.HeadRow{TrailID: audit.TrailOf(other), Head: other.Chain}}}
	_, err := b.anchors.Add(t.Context(), []audit.AnchoredHead{anchoredHead(audit.HeadRow{TrailID: audit.TrailOf(other), Head: airlock.ChainHead{Hash: "cd", Length: 1}})}, noon)
	require.NoError(t, err)
	b.table.broken[other.ID] = junk()
	b.compare()
	assert.Equal(t, 1, b.logs.alerts("state_damaged"), "the damaged one")
	delete(b.table.requests, r.ID)
	b.compare()
	assert.Equal(t, 3, b.logs.alerts("state_damaged"), "and the one that is gone")
}

// One workspace that cannot be read does not keep the others from being compared.
func TestADamagedWorkspaceStopsNoComparison(t *testing.T) {
	b, _ := trailed(t)
	b.table.heads = nil
	report, err := b.compareAnchors(t.Context(), b.registry.rows, false)
	require.NoError(t, err)
	assert.Zero(t, report.Missing)
	_, err = b.anchors.Add(t.Context(), []audit.AnchoredHead{anchoredHead(audit.HeadRow{TrailID: audit.TrailID{Workspace: "another"}, Head: airlock.ChainHead{Hash: "ab", Length: 1}})}, noon)
	require.NoError(t, err)
	_, err = b.compareAnchors(t.Context(), b.registry.rows, false)
	require.NoError(t, err)
	assert.Equal(t, 0, b.logs.alerts("state_damaged"), "its trails may be there")
}
