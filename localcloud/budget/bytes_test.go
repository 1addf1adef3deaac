package budget

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/story"
)

// reads are the handler's calls that carry bytes of requests.
func reads(t testing.TB) []string {
	t.Helper()
	return operations(slices.DeleteFunc(programs(t), func(c fault.Call) bool { return c.Op != "GetBlob" }))
}

// Each byte of a request passes through the handler once, for its hash; carrying out a decision reads none.
func TestEachByteIsReadOnce(t *testing.T) {
	const workspace, chunk = "genomics", 8 * mib // as the handler asks for them
	limit := func(files int) {
		_, err := shared.ChangePolicy(context.WithoutCancel(t.Context()), workspace, func(policy map[string]any) { story.Member(policy, "files")["maxFiles"] = files })
		require.NoError(t, err)
	}
	limit(3)
	t.Cleanup(func() { limit(1) })
	for _, approved := range []bool{true, false} {
		quiet(t, workspace)
		forget(t)
		play(t, workspace, 2*time.Minute, func(p *story.Play) {
			p.As(story.Researcher).Creates(story.Export).UploadsFiles(story.Bytes("a.csv", measurements), story.Bytes("empty.csv", nil),
				story.Noise("blocks.bin", 65*mib, 5)).Submits()
			p.Eventually(story.InReview)
			assert.Len(t, reads(t), 1+0+65*mib/chunk+1)
			forget(t)
			if approved {
				p.As(story.Manager).Approves("fine")
				p.Eventually(story.Approved)
				await(p, `"receipt":"`)
			} else {
				p.As(story.Manager).Rejects("no")
				p.Eventually(story.Rejected)
			}
			quiet(t, workspace)
			assert.Empty(t, reads(t))
			p.BytesLieWhereTheyBelong()
		})
	}
}
