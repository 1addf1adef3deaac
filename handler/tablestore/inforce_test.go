package tablestore

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// selfReview is a document of genomics whose policy lets people review themselves.
func selfReview(t *testing.T) string {
	return document(t, genomics, map[string]any{"policy": json.RawMessage(`{"review":{"allowSelfReview":true}}`)})
}

// verified returns the records of a workspace's trail, which verifies.
func verified(t *testing.T, s *Store, w airlock.Workspace) []audit.Record {
	t.Helper()
	rows, err := s.WorkspaceTrail(t.Context(), w.ID)
	require.NoError(t, err)
	v := audit.VerifyTrail(audit.TrailID{Workspace: w.ID}, w.Chain, rows)
	require.True(t, v.OK, v.Problems)
	records := make([]audit.Record, len(rows))
	for i, row := range rows {
		require.NoError(t, json.Unmarshal(row.Body, &records[i]))
	}
	return records
}

// Self-review is switched on behind the service's back: it is not in force, and it
// shows; accepted, it is, and anybody can later read that it was.
func TestWhatSomebodyElseChangesIsNotInForce(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	s, wire := account.open(t, Config{})
	terraform(t, s, string(genomics), document(t, genomics, nil))
	w, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.False(t, w.Changed)

	terraform(t, s, string(genomics), selfReview(t))
	s.forget(genomics)
	wire.count()
	w, err = s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	costs(t, wire, 1, "a workspace that somebody else changed")
	assert.False(t, w.Policy.Review.AllowSelfReview)
	assert.True(t, w.Changed)
	all, err := s.Workspaces(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []airlock.Workspace{w}, all)

	o, err := s.Outside(t.Context(), genomics)
	require.NoError(t, err)
	assert.True(t, o.Differs)
	assert.Contains(t, o.Outside, `"allowSelfReview":true`)
	assert.Contains(t, o.InForce, `"allowSelfReview":false`)
	accepted := audit.Record{At: start, Actor: audit.Actor{Kind: audit.Person, ID: grace}, Action: audit.WorkspaceAccepted}
	_, err = s.Accept(t.Context(), genomics, strings.Repeat("0", 64), accepted)
	require.ErrorIs(t, err, airlock.ErrStale, "it was changed once more since somebody looked")
	w, err = s.Accept(t.Context(), genomics, o.Digest, accepted)
	require.NoError(t, err)
	assert.True(t, w.Policy.Review.AllowSelfReview)
	_, err = s.Accept(t.Context(), genomics, o.Digest, accepted)
	require.ErrorIs(t, err, airlock.ErrStale, "nothing differs")
	got, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.Equal(t, w, got)

	off := got
	off.Policy.Review.AllowSelfReview = false
	off, err = s.Put(t.Context(), off, written)
	require.NoError(t, err)
	assert.False(t, off.Changed, "the outside row was seen")
	records := verified(t, s, off)
	require.Len(t, records, 3)
	for i, want := range []struct {
		action     audit.Action
		selfReview bool
	}{{audit.WorkspaceAdmitted, false}, {audit.WorkspaceAccepted, true}, {audit.WorkspaceWritten, false}} {
		assert.Equal(t, want.action, records[i].Action)
		assert.Equal(t, i+1, records[i].PolicyVersion)
		var d struct{ Policy airlock.Policy }
		require.NoError(t, json.Unmarshal(records[i].Document, &d))
		assert.Equal(t, want.selfReview, d.Policy.Review.AllowSelfReview)
		assert.Equal(t, d.Policy.Hash(), records[i].PolicyHash)
	}
}

// A record of the system's own acts changes nothing that is in force, and what somebody
// else changed waits for its word as before.
func TestARecordInAWorkspacesTrail(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	terraform(t, s, string(genomics), document(t, genomics, nil))
	before, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	terraform(t, s, string(genomics), selfReview(t))

	swept := audit.Record{At: start, Actor: audit.Actor{Kind: audit.System, Component: "sweep"}, Action: audit.ContainerSwept, Detail: map[string]string{"account": "stalimex"}}
	var writers sync.WaitGroup
	for range 3 { // several sweeps write at once
		writers.Go(func() { assert.NoError(t, s.Record(t.Context(), genomics, swept)) })
	}
	writers.Wait()
	w, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.True(t, w.Changed, "what Terraform wants is still not in force")
	assert.Equal(t, before.PolicyVersion, w.PolicyVersion)
	assert.Equal(t, before.Policy, w.Policy)
	records := verified(t, s, w)
	require.Len(t, records, 4)
	for _, r := range records[1:] {
		assert.Equal(t, audit.ContainerSwept, r.Action)
		assert.Equal(t, swept.Detail, r.Detail)
		assert.Equal(t, w.Policy.Hash(), r.PolicyHash)
	}
	require.ErrorIs(t, s.Record(t.Context(), "00000000-0000-4000-8000-00000000dead", swept), airlock.ErrNoWorkspace)
}

// Somebody edits, removes or plants the record of what a sweep deleted, or puts back the
// row that knows of it: the trail does not verify, or what comes next tells.
func TestARecordOfASweepThatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	var alarms []airlock.DamagedRow
	s, _ := account.open(t, Config{Damaged: func(_ context.Context, row airlock.DamagedRow) { alarms = append(alarms, row) }})
	w, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	before := taken(t, s.registry, registryPartition, inForceKey(string(genomics)))
	swept := audit.Record{At: start, Actor: audit.Actor{Kind: audit.System, Component: "sweep"}, Action: audit.ContainerSwept, Detail: map[string]string{"account": "stalimex"}}
	require.NoError(t, s.Record(t.Context(), genomics, swept))
	w, err = s.Workspace(t.Context(), w.ID)
	require.NoError(t, err)
	verified(t, s, w)
	problems := func() []audit.Problem {
		rows, err := s.WorkspaceTrail(t.Context(), genomics)
		require.NoError(t, err)
		return audit.VerifyTrail(audit.TrailID{Workspace: genomics}, w.Chain, rows).Problems
	}

	record := taken(t, s.registry, registryPartition, key(workspaceTrail, string(genomics), "00000002"))
	edited := row{partition: record.partition, key: record.key, columns: maps.Clone(record.columns)}
	edited.columns["Body"] = strings.Replace(record.columns["Body"].(string), "stalimex", "stalimip", 1)
	write(t, s.registry, edited)
	assert.NotEmpty(t, problems(), "edited")
	_, err = s.registry.DeleteEntity(t.Context(), record.partition, record.key, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, problems(), "removed")
	write(t, s.registry, record)
	assert.Empty(t, problems())
	planted := row{partition: record.partition, key: key(workspaceTrail, string(genomics), "00000003"), columns: record.columns}
	write(t, s.registry, planted)
	assert.NotEmpty(t, problems(), "planted")
	requireDamaged(t, s.Record(t.Context(), genomics, swept))
	_, err = s.registry.DeleteEntity(t.Context(), planted.partition, planted.key, nil)
	require.NoError(t, err)

	write(t, s.registry, before)
	requireDamaged(t, s.Record(t.Context(), genomics, swept))
	require.Len(t, alarms, 2)
	assert.Contains(t, alarms[1].What, "put back")
}

// A row that is removed takes the workspace from nobody; accepted, it takes no new
// requests.
func TestARemovedRowIsAChangeToo(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	terraform(t, s, string(genomics), document(t, genomics, nil))
	_, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	_, err = s.registry.DeleteEntity(t.Context(), registryPartition, string(genomics), nil)
	require.NoError(t, err)
	s.forget(genomics)
	w, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.True(t, w.Changed)
	assert.True(t, w.Policy.Enabled)
	w, err = s.Accept(t.Context(), genomics, "", written)
	require.NoError(t, err)
	assert.False(t, w.Policy.Enabled)
	assert.False(t, w.Changed)
}

// A bad change can be looked at, and not accepted.
func TestABadChangeIsNotAccepted(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	_, err := s.Put(t.Context(), workspace(imaging), written)
	require.NoError(t, err)
	terraform(t, s, string(genomics), document(t, genomics, nil))
	_, err = s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	for _, bad := range []string{"{", `{"policy":{"revew":{}}}`, document(t, genomics, map[string]any{"clientId": imaging}), document(t, genomics, map[string]any{"clientId": "x"})} {
		terraform(t, s, string(genomics), bad)
		o, err := s.Outside(t.Context(), genomics)
		require.NoError(t, err)
		assert.True(t, o.Differs)
		_, err = s.Accept(t.Context(), genomics, o.Digest, written)
		require.Error(t, err, bad)
		s.forget(genomics)
		w, err := s.Workspace(t.Context(), genomics)
		require.NoError(t, err)
		assert.Equal(t, 1, w.PolicyVersion)
	}
}

// The row in force is edited, exchanged, or comes from another workspace: the
// workspace is closed until a TRE administrator says what holds.
func TestARowInForceThatSomebodyElseWroteIsNotBelieved(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	first, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	_, err = s.Put(t.Context(), workspace(imaging), written)
	require.NoError(t, err)
	good := taken(t, s.registry, registryPartition, inForceKey(string(genomics)))
	theirs := taken(t, s.registry, registryPartition, inForceKey(string(imaging)))
	for name, change := range map[string]func(map[string]any){
		"edited": func(r map[string]any) {
			r["Document"] = strings.Replace(r["Document"].(string), `"allowSelfReview":false`, `"allowSelfReview":true`, 1)
		},
		"unsealed":          func(r map[string]any) { delete(r, sealColumn) },
		"another workspace": func(r map[string]any) { maps.Copy(r, theirs.columns) },
	} {
		bad := row{partition: good.partition, key: good.key, columns: maps.Clone(good.columns)}
		change(bad.columns)
		write(t, s.registry, bad)
		s.forget(genomics)
		_, err = s.Workspace(t.Context(), genomics)
		requireDamaged(t, err)
		all, err := s.Workspaces(t.Context())
		requireDamaged(t, err)
		assert.Len(t, all, 1, name)
		write(t, s.registry, good)
	}
	write(t, s.registry, row{partition: good.partition, key: good.key, columns: map[string]any{"Document": "{}"}})
	current, err := s.CurrentWorkspace(t.Context(), genomics)
	requireDamaged(t, err)
	again := workspace(genomics)
	again.ETag = current.ETag
	mended, err := s.Put(t.Context(), again, written)
	require.NoError(t, err)
	assert.Equal(t, first.PolicyVersion+1, mended.PolicyVersion)
	records := verified(t, s, mended)
	require.Len(t, records, 2)
	assert.True(t, records[1].Security)
}

// An older row in force is put back: the next write shows it, and mends it.
func TestARowInForceThatWasPutBack(t *testing.T) {
	t.Parallel()
	var alarms []airlock.DamagedRow
	s, _ := newAccount(t).open(t, Config{Damaged: func(_ context.Context, row airlock.DamagedRow) { alarms = append(alarms, row) }})
	first, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	old := taken(t, s.registry, registryPartition, inForceKey(string(genomics)))
	_, err = s.Put(t.Context(), first, written)
	require.NoError(t, err)
	write(t, s.registry, old)
	current, err := s.CurrentWorkspace(t.Context(), genomics)
	require.NoError(t, err)
	mended, err := s.Put(t.Context(), current, written)
	require.NoError(t, err)
	require.Len(t, alarms, 1)
	assert.Contains(t, alarms[0].What, "put back")
	records := verified(t, s, mended)
	require.Len(t, records, 3)
	assert.True(t, records[2].Security)
	assert.Equal(t, 3, mended.PolicyVersion)
}

// Somebody removes the row in force, so that a forged row looks new: the log of
// anchors elsewhere tells that it is not, and so does the trail.
func TestAWorkspaceIsNewOnce(t *testing.T) {
	t.Parallel()
	known := false
	s, _ := newAccount(t).open(t, Config{Known: func(context.Context, airlock.WorkspaceID) (bool, error) { return known, nil }})
	terraform(t, s, string(genomics), document(t, genomics, nil))
	_, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	remove := func(key string) {
		_, err := s.registry.DeleteEntity(t.Context(), registryPartition, key, nil)
		require.NoError(t, err)
		s.forget(genomics)
	}
	remove(inForceKey(string(genomics)))
	terraform(t, s, string(genomics), selfReview(t))
	_, err = s.Workspace(t.Context(), genomics)
	requireDamaged(t, err)
	remove(key(workspaceTrail, string(genomics), "00000001"))
	known = true
	_, err = s.Workspace(t.Context(), genomics)
	requireDamaged(t, err)
	_, err = s.Workspaces(t.Context())
	requireDamaged(t, err)
}
