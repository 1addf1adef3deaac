package budget

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
)

// gateCalls are a content gate's calls for a request with one small file: the progress of its inspection is read and kept, the
// file is read, the findings are stored, and the row is written for the beginning, after a look at it for each event.
const gateCalls = 7

// A content gate adds few calls to a request, and a policy that lists no gates for a direction costs as much as before.
func TestAContentGateCostsFewCalls(t *testing.T) {
	const workspace = "imaging"
	bare := life(t, workspace)
	content := map[string]any{"id": "content", "kind": "content"}
	gates := func(direction string) {
		_, err := shared.ChangePolicy(context.WithoutCancel(t.Context()), workspace, func(policy map[string]any) {
			delete(policy, "gates")
			if direction != "" {
				story.Member(policy, "gates")[direction] = []any{content}
			}
		})
		require.NoError(t, err)
	}
	defer gates("")
	gates("export")
	elsewhere := life(t, workspace)
	gates("import")
	gated := life(t, workspace)
	t.Logf("without gates\n%v\nwith a gate for the other direction\n%v\nwith a content gate\n%v", bare, elsewhere, gated)
	bare.assertCalls(t, wholeCalls)
	elsewhere.assertCalls(t, wholeCalls)
	gated.assertCalls(t, wholeCalls+gateCalls)
	require.Greater(t, sum(gated.calls), sum(bare.calls), "no gate was passed")
}
