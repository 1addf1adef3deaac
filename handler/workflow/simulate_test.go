package workflow

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func draftPolicy(t *testing.T, exportGates string) airlock.Policy {
	t.Helper()
	var p airlock.Policy
	require.NoError(t, json.Unmarshal([]byte(`{"gates":{"export":[`+exportGates+`]}}`), &p))
	return p
}

// A draft is tried on what the gates found in each turn; no file is read, and nothing is
// written.
func TestSimulatingAPolicy(t *testing.T) {
	b := exporting(t, judged("return"), texts{"counts.csv": smallCells})
	r := b.passing(t)
	for r.Status.Moving() {
		r = b.passing(t)
	}
	require.Equal(t, airlock.Returned, r.Status)
	r.Reopened, r.Resubmits, r.Status, r.Files, r.Gates = false, 1, airlock.Submitted, nil, nil // the next turn
	b.table.put(r)
	b.table.put(named(7, submitted()).Request)
	b.storage.faults["read counts.csv"] = junk()
	records := len(b.table.records)

	got, err := b.Simulate(t.Context(), admin, b.ws.ID, draftPolicy(t, judged("review")), 20)
	require.NoError(t, err)
	require.Len(t, got.Turns, 1, "turns at their gates are left out")
	turn := got.Turns[0]
	assert.Equal(t, 1, got.UnderWay)
	assert.Equal(t, []any{r.ID, 1, airlock.Export}, []any{turn.Request, turn.Turn, turn.Type})
	assert.Equal(t, []airlock.Outlook{airlock.OutlookReturn, airlock.OutlookAcknowledge}, []airlock.Outlook{turn.Was, turn.Would})
	assert.Positive(t, turn.Gates[0].Acknowledge)
	assert.Len(t, b.table.records, records)

	for name := range b.archive.items {
		b.archive.items[name] += " "
	}
	got, err = b.Simulate(t.Context(), admin, b.ws.ID, draftPolicy(t, judged("review")), 20)
	require.NoError(t, err)
	assert.Equal(t, airlock.OutlookUnknown, got.Turns[0].Would, "a report that is not the one on record says nothing")
	assert.Equal(t, 1, b.logs.alerts("integrity_violation"))
}

func TestWhoSimulatesAndWhat(t *testing.T) {
	b := newTestBed(t)
	var (
		refused *airlock.RefusedError
		invalid *airlock.InvalidError
	)
	_, err := b.Simulate(t.Context(), bob, b.ws.ID, airlock.DefaultPolicy(), 20)
	require.ErrorAs(t, err, &refused)
	_, err = b.Simulate(t.Context(), admin, b.ws.ID, draftPolicy(t, `{"id":"dlp","kind":"external"}`), 20)
	require.ErrorAs(t, err, &invalid, "what cannot be stored cannot be tried")
	_, err = b.Simulate(t.Context(), admin, "another", airlock.DefaultPolicy(), 20)
	require.ErrorIs(t, err, airlock.ErrNoWorkspace)
	got, err := b.Simulate(t.Context(), admin, b.ws.ID, airlock.DefaultPolicy(), 20)
	require.NoError(t, err)
	assert.Empty(t, got.Turns)
}
