package budget

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/story"
)

// reconcile runs the reconciler once and returns its storage calls. What an operator's run has with it and the timer once
// a day is left out: the sweep, and reading the log of anchors for the comparison, which comes last.
func reconcile(t testing.TB) []string {
	t.Helper()
	forget(t)
	answer, err := shared.Call(t.Context(), story.Admin, "", http.MethodPost, "/operations/reconcile", nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.Status, answer)
	calls := programs(t)
	if i := slices.IndexFunc(calls, func(c fault.Call) bool { return c.Op == "GetBlob" }); i >= 0 {
		calls = calls[:i]
	}
	return operations(slices.DeleteFunc(calls, func(c fault.Call) bool { return c.Op == "ListContainers" || registry(c) }))
}

func TestAReconcilerRunCostsTheSameWhateverTheHistory(t *testing.T) {
	const perWorkspace = 3        // rows left in the outbox, due requests, heads to anchor
	const compared = 2            // all chain heads, and what is to be anchored: of the comparison
	want := []string{"ListBlobs"} // dead letters
	for range (perWorkspace + compared) * len(shared.Workspaces) {
		want = append(want, "QueryEntities")
	}
	for _, finished := range []int{0, 50} {
		fill(t, "genomics", finished)
		for _, workspace := range []string{"genomics", "imaging"} {
			quiet(t, workspace)
		}
		reconcile(t) // anchors new heads
		require.ElementsMatch(t, want, reconcile(t), "with %d requests more", finished)
	}
	t.Logf("a run of the reconciler with nothing due takes one storage call, and %d a workspace", perWorkspace)
}
