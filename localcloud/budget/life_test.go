package budget

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// bill is the cost of one request.
type bill struct {
	calls map[string]int // storage calls, by operation
	runs  map[string]int // function runs, by function
	sent  map[string]int // events published, by topic
}

func (b bill) String() string {
	var out strings.Builder
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"storage calls", b.calls}, {"events", b.sent}, {"function runs", b.runs}} {
		fmt.Fprintf(&out, "%d %s:", sum(part.counts), part.name)
		for _, name := range slices.Sorted(maps.Keys(part.counts)) {
			fmt.Fprintf(&out, " %s %d,", name, part.counts[name])
		}
		out.WriteString("\n")
	}
	return out.String()
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// life takes one request with one small file from create to approved and counts what that costs. It looks at the state
// past the handler, so that looking costs nothing. The malware scan's verdict comes when the copy is on record, as it
// does in Azure, where a scan takes seconds: a verdict that races the record of the copy costs the loser a second try.
func life(t testing.TB, workspace string) bill {
	t.Helper()
	var b bill
	quiet(t, workspace)
	before, err := shared.GridStats(t.Context())
	require.NoError(t, err)
	forget(t)
	play(t, workspace, 30*time.Second, func(p *story.Play) {
		p.As(story.Researcher2).Creates(story.Import).Uploads("a.csv", measurements)
		require.NoError(t, p.Cloud.Verdict(p.Context(), "none", p.ID))
		p.As(story.Researcher2).Submits()
		await(p, `"sha256":"`)
		quiet(t, workspace)
		scanned(t, p)
		await(p, `"status":"in_review"`)
		quiet(t, workspace)
		p.As(story.Manager).Approves("fine")
		await(p, `"receipt":"`)
	})
	quiet(t, workspace)
	after, err := shared.GridStats(t.Context())
	require.NoError(t, err)
	b.calls, b.sent = map[string]int{}, map[string]int{}
	for _, c := range programs(t) {
		// Shared things are asked for now and then, whatever the number of requests.
		if kept := registry(c) || c.Op == "GetUserDelegationKey"; !kept && c.Op != "Graph" && c.Op != "Publish" {
			b.calls[operation(c)]++
		}
	}
	for topic, n := range after.Topics {
		if n -= before.Topics[topic]; n > 0 && !strings.HasPrefix(topic, "stalevidence") { // nobody listens there
			b.sent[topic] = n
		}
	}
	b.runs = map[string]int{"CreateRequest": 1, "IssueLink": 1, "SubmitRequest": 1, "ReviewRequest": 1}
	for name, count := range after.Subscriptions {
		if _, function, ok := strings.Cut(name, "-On"); ok && count.Attempts > before.Subscriptions[name].Attempts {
			b.runs["On"+function] += count.Attempts - before.Subscriptions[name].Attempts
		}
	}
	return b
}

// await waits until the request's row, as it lies in storage, has a text in it.
func await(p *story.Play, text string) {
	p.Until(func() string {
		rows, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "r|"+p.ID)
		if err != nil || len(rows) != 1 {
			return fmt.Sprint("the request's row cannot be read: ", err)
		}
		if !strings.Contains(rows[0].Text("Document"), text) {
			return "the request has no " + cmp.Or(text, "text")
		}
		return ""
	})
}

// scanned has the malware scan say that the file is clean.
func scanned(t testing.TB, p *story.Play) {
	t.Helper()
	account := story.Account(p.Direction(), story.InReview, p.Workspace())
	blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
	require.NoError(t, err)
	require.Len(t, blobs, 1)
	require.NoError(t, p.Cloud.Say(p.Context(), "clean", account, p.ID, blobs[0].Name, blobs[0].ETag))
}

// The limits of a whole request: these numbers stand in docs/PERFORMANCE.md. The calls are without those that remove rows
// of the outbox: how many rows one of them removes depends on how fast they come.
const (
	wholeCalls  = 36
	wholeEvents = 16
	wholeRuns   = 14
	// overlap is the number of calls that may come on top or fall away when two events of a request meet: one look more or less each.
	overlap = 4
)

func TestAWholeRequestCostsTheSameEveryTime(t *testing.T) {
	first := life(t, "imaging")
	others(t, "imaging", 28, 4)
	last := life(t, "imaging")
	t.Logf("a whole request takes\n%v", last)
	for _, b := range []bill{first, last} {
		assert.Len(t, b.sent, 7)
		assert.Equal(t, wholeEvents, sum(b.sent))
		assert.Equal(t, wholeRuns, sum(b.runs))
		b.assertCalls(t, wholeCalls)
		delete(b.calls, "GetEntity request")
	}
	assert.Equal(t, first, last, "the thirtieth request costs what the first did")
}

// assertCalls asserts how many storage calls a request took, and takes the outbox's out of the bill.
func (b bill) assertCalls(t *testing.T, want int) {
	t.Helper()
	removals := 0
	for _, name := range []string{"EntityTransaction outbox", "DeleteEntity outbox"} {
		removals += b.calls[name]
		delete(b.calls, name)
	}
	assert.InDelta(t, want, sum(b.calls), overlap, b)
	assert.LessOrEqual(t, removals, sum(b.sent), "no row is removed twice")
}

// others takes n requests the same way, so many at once, and counts nothing.
func others(t testing.TB, workspace string, n, atOnce int) {
	t.Helper()
	requests := make([]*story.Play, n)
	each := func(do func(i int)) {
		var all sync.WaitGroup
		for worker := range atOnce {
			all.Go(func() {
				for i := worker; i < n; i += atOnce {
					do(i)
				}
			})
		}
		all.Wait()
		quiet(t, workspace)
	}
	told := func(s func(p *story.Play)) {
		o := story.Options{Workspace: workspace, Patient: true}
		assert.NoError(t, shared.Run(t.Context(), story.Story{Name: "another request", Play: s}, o))
	}
	each(func(i int) {
		told(func(p *story.Play) {
			requests[i] = p
			p.As(story.Researcher2).Creates(story.Import).Uploads("a.csv", measurements).Submits()
		})
	})
	each(func(i int) {
		told(func(*story.Play) {
			requests[i].Eventually(story.InReview)
			requests[i].As(story.Manager).Approves("fine")
		})
	})
	each(func(i int) { told(func(*story.Play) { requests[i].Eventually(story.Approved) }) })
}
