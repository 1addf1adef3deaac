package budget

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// byEvents is a local cloud in which no instance goes on from its own decisions, once a test has asked for it.
var byEvents struct {
	*story.Cloud
	stop func() error
}

// eventsOnly gives the rest of a test that cloud.
func eventsOnly(t *testing.T) {
	t.Helper()
	if byEvents.Cloud == nil {
		var err error
		byEvents.Cloud, byEvents.stop, err = start("false")
		require.NoError(t, err)
	}
	before := shared
	shared = byEvents.Cloud
	t.Cleanup(func() { shared = before })
}

// eventsCalls are the calls of a request when nothing but events takes it from step to step.
const eventsCalls = 40

// Events alone finish every request: they take up the work of an instance that died.
func TestEventsAloneAreEnough(t *testing.T) {
	eventsOnly(t)
	b := life(t, "imaging")
	t.Logf("by events alone a whole request takes\n%v", b)
	b.assertCalls(t, eventsCalls)
}

// Without any event, the reconciler standing still, the instance that made a decision finishes it. The events that come
// later find nothing to do, and no call is made to find that out.
func TestTheInstanceThatDecidedAloneIsEnough(t *testing.T) {
	const workspace = "genomics"
	unscanned(t, workspace)
	quiet(t, workspace)
	delivering(t, false)
	defer delivering(t, true)
	play(t, workspace, time.Minute, func(p *story.Play) {
		p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", measurements)
		require.NoError(t, p.Cloud.Verdict(p.Context(), "none", p.ID)) // a verdict is news, not an event of ours
		p.As(story.Researcher).Submits()
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
		await(p, `"receipt":"`)
		p.As(story.Manager).Revokes("a mistake")
		await(p, `"revocation":"`)
		p.BytesLieWhereTheyBelong()
	})
	settled(t, workspace)
	forget(t)
	delivering(t, true)
	quiet(t, workspace)
	assert.Empty(t, operations(programs(t)))
}

// settled waits until the program makes no call any more; no event is delivered meanwhile.
func settled(t testing.TB, workspace string) {
	t.Helper()
	var before []fault.Call
	require.Eventually(t, func() bool {
		rows, err := shared.Ground.Rows(t.Context(), ground.RequestsTable, shared.Workspaces[workspace], "o|")
		require.NoError(t, err)
		now := programs(t)
		same := len(now) == len(before)
		before = now
		return same && len(rows) == 0
	}, 30*time.Second, 200*time.Millisecond)
}
