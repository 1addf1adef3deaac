package blobstore_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

func TestEvidenceIsAppendOnly(t *testing.T) {
	t.Parallel()
	e := blobstore.NewEvidence(newStore(t), evidenceAccount)
	container := "anchors-" + uuid.NewString()
	require.NoError(t, local.backend.CreateContainer(t.Context(), evidenceAccount, container))

	_, err := e.Read(t.Context(), container, "2026/1.json")
	require.ErrorIs(t, err, airlock.ErrGone)
	for n := range 3 {
		name := fmt.Sprintf("2026/%d.json", n)
		local.faults.Add(fault.Rule{Op: "PutBlob", Match: container, Do: fault.Lose})
		require.NoError(t, e.Append(t.Context(), container, name, []byte(name)), "a lost answer is our own success")
	}
	require.NoError(t, e.Append(t.Context(), container, "2027/0.json", nil))
	require.NoError(t, e.Append(t.Context(), container, "2026/1.json", []byte("2026/1.json")), "the same again")
	require.ErrorIs(t, e.Append(t.Context(), container, "2026/1.json", []byte("other")), airlock.ErrImmutable)
	body, err := e.Read(t.Context(), container, "2026/1.json")
	require.NoError(t, err)
	require.Equal(t, "2026/1.json", string(body))

	var names []string
	for name, err := range e.Names(t.Context(), container, "2026/") {
		require.NoError(t, err)
		names = append(names, name)
	}
	require.Equal(t, []string{"2026/0.json", "2026/1.json", "2026/2.json"}, names)
	for _, err := range e.Names(t.Context(), "never-made", "") {
		require.ErrorIs(t, err, airlock.ErrGone)
	}
	// Azure may answer that we must not overwrite before it says that the item is there.
	forbidden := func() { local.faults.Add(fault.Rule{Op: "PutBlob", Match: container, Do: "403"}) }
	forbidden()
	require.NoError(t, e.Append(t.Context(), container, "2026/1.json", []byte("2026/1.json")))
	forbidden()
	require.ErrorIs(t, e.Append(t.Context(), container, "2026/1.json", []byte("other")), airlock.ErrImmutable)
	forbidden()
	require.Equal(t, airlock.Operator, requireFault(t, e.Append(t.Context(), container, "2028/1.json", nil), airlock.Operator, "AuthorizationPermissionMismatch").Kind)

	requireFault(t, e.Append(t.Context(), "never-made", "x", nil), airlock.Transient, "ContainerNotFound")
	requireFault(t, e.Append(t.Context(), container, "../x", nil), airlock.Permanent, "InvalidName")
	requireFault(t, e.Append(t.Context(), container, "large", make([]byte, 17<<20)), airlock.Permanent, "EvidenceTooLarge")
}
