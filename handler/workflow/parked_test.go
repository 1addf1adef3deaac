package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func note(t *testing.T, b *testBed, name string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(b.archive.items[name]), &out), name)
	return out
}

var stray = airlock.Parked{ID: "01a207d9-2100-8177-9023-daf36fa526b9", Function: "OnScanResult", Reason: "nobody knows it", At: noon, Event: []byte("{}")}

func TestAParkedEventLeavesEvidence(t *testing.T) {
	b := newTestBed(t)
	const name = "anchors/parked/01a207d9-2100-8177-9023-daf36fa526b9/parked.json"
	b.archive.faults[name] = errors.New("away")
	require.Error(t, b.Park(t.Context(), stray), "no evidence, no end: the event is delivered again")
	delete(b.archive.faults, name)
	require.NoError(t, b.Park(t.Context(), stray))
	assert.Equal(t, map[string]any{
		"format": "airlock-parked/1", "action": "parked", "event": stray.ID, "at": "2031-02-03T12:00:00Z",
		"actor":    map[string]any{"kind": "system", "component": "airlock events"},
		"function": "OnScanResult", "reason": "nobody knows it", "size": 2.0, "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
	}, note(t, b, name))
	b.clock = noon.Add(time.Minute)
	require.NoError(t, b.Park(t.Context(), stray), "the first note stays")
	assert.Equal(t, "2031-02-03T12:00:00Z", note(t, b, name)["at"])
}

func TestWhatIsDoneWithAParkedEventLeavesEvidence(t *testing.T) {
	handled := func(context.Context, airlock.Parked) error { return nil }
	for _, discard := range []bool{false, true} {
		action := map[bool]string{false: "redriven", true: "discarded"}[discard]
		b := newTestBed(t)
		b.parked.rows[stray.ID] = stray
		name := "anchors/parked/" + stray.ID + "/" + action + "-20310203T120000.000000000Z.json"
		b.archive.faults[name] = errors.New("away")
		require.Error(t, b.Redrive(t.Context(), admin, stray.ID, discard, handled))
		assert.Len(t, b.parked.rows, 1, "it stays until there is evidence")
		delete(b.archive.faults, name)
		require.NoError(t, b.Redrive(t.Context(), admin, stray.ID, discard, handled))
		assert.Empty(t, b.parked.rows)
		n := note(t, b, name)
		assert.Equal(t, action, n["action"])
		assert.Equal(t, map[string]any{"kind": "person", "id": "adm", "name": "Grace", "roles": []any{"TREAdmin"}}, n["actor"])
	}
}

func TestAnEventThatCannotBeHandledStays(t *testing.T) {
	b := newTestBed(t)
	b.parked.rows[stray.ID] = stray
	var refused *airlock.StatusError
	err := b.Redrive(t.Context(), admin, stray.ID, false, func(context.Context, airlock.Parked) error { return errors.New("no such type") })
	require.ErrorAs(t, err, &refused)
	assert.Len(t, b.parked.rows, 1)
	assert.Empty(t, b.archive.items)
}

// An event that cannot be read can only be discarded.
func TestAnUnreadableParkedEventCanOnlyBeDiscarded(t *testing.T) {
	b := newTestBed(t)
	b.parked.rows[stray.ID], b.parked.broken[stray.ID] = stray, true
	deliver := func(context.Context, airlock.Parked) error { t.Error("delivered"); return nil }
	require.Error(t, b.Redrive(t.Context(), admin, stray.ID, false, deliver))
	require.NoError(t, b.Redrive(t.Context(), admin, stray.ID, true, deliver))
	assert.Empty(t, b.parked.rows)
	require.ErrorIs(t, b.Redrive(t.Context(), admin, stray.ID, true, deliver), airlock.ErrNotFound)
}

func TestParkedEventsAreForOperators(t *testing.T) {
	b := newTestBed(t)
	b.parked.rows[stray.ID] = stray
	eve := airlock.Principal{ID: "eve", Roles: []airlock.Role{airlock.RoleTREUser}}
	var refused *airlock.RefusedError
	_, err := b.ListParked(t.Context(), eve)
	require.ErrorAs(t, err, &refused)
	refused = nil
	require.ErrorAs(t, b.Redrive(t.Context(), eve, stray.ID, true, nil), &refused)
	assert.Len(t, b.parked.rows, 1)
	all, err := b.ListParked(t.Context(), admin)
	require.NoError(t, err)
	assert.Equal(t, []airlock.Parked{stray}, all)
}
