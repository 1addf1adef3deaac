package budget

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
)

// samples are times of one thing, taken one by one.
type samples []time.Duration

func (s *samples) time(do func()) {
	began := time.Now()
	do()
	*s = append(*s, time.Since(began))
}

func (s samples) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// warmUp is how many samples are thrown away.
const warmUp = 20

// BenchmarkThroughTheAPI times get, list (a page of 50) and link through the API and, in turn with them, the same storage
// calls by the peer and without any handler, in a workspace with more and more requests. The ratio to the peer counts:
// it is the cost of our own code.
func BenchmarkThroughTheAPI(b *testing.B) {
	const workspace = "imaging"
	direct, other := newBare(b, shared.Workspaces[workspace]), startPeer(b, workspace)
	filled := 0
	for _, n := range []int{10, 1000, 20000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			fill(b, workspace, n-filled)
			filled = n
			play(b, workspace, time.Hour, func(p *story.Play) { compareAll(b, p, direct, other, n) })
		})
	}
}

func compareAll(b *testing.B, p *story.Play, direct bare, other peer, n int) {
	researcher := p.As(story.Researcher2).Creates(story.Import).Uploads("a.csv", measurements)
	quiet(b, p.Workspace())
	record := template(b, p)
	body, err := json.Marshal(record)
	require.NoError(b, err)
	base := "/workspaces/" + p.WorkspaceID() + "/requests"
	ok := func(path string) func() {
		return func() {
			p.Holds(researcher.Ask(http.MethodGet, path, nil, nil).Status == http.StatusOK, "%s is not answered", path)
		}
	}
	first := p.ID
	same := func(what string, body []byte) func() error {
		return func() error { return other.ask(b.Context(), what, first, body) }
	}
	compare(b, "get", n, func() {}, ok(base+"/"+p.ID), same("get", nil), func() error { _, err := direct.get(b.Context(), p.ID); return err })
	compare(b, "list", n, func() {}, ok(base+"?limit=50"), same("list", nil), func() error { _, err := direct.list(b.Context()); return err })
	afresh := func() { researcher.Cancels().Creates(story.Import) } // a link that is asked for again is none that is issued
	compare(b, "link", n, afresh, func() { ok(base + "/" + p.ID + "/link")() }, same("link", body), func() error { return direct.link(b.Context(), first, record) })
}

// compare times a call of the API, the peer's and the bare calls in turn; before is not timed.
func compare(b *testing.B, what string, n int, before, api func(), peer, direct func() error) {
	b.Run(what, func(b *testing.B) {
		var through, beside, without samples
		round := func() {
			before()
			through.time(api)
			beside.time(func() { require.NoError(b, peer()) })
			without.time(func() { require.NoError(b, direct()) })
		}
		for range warmUp {
			round()
		}
		through, beside, without = nil, nil, nil
		for b.Loop() {
			round()
		}
		c := comparison{what: what, requests: n, samples: len(through), api: through.percentile(50), peer: beside.percentile(50), bare: without.percentile(50), api95: through.percentile(95)}
		b.ReportMetric(float64(c.api.Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(c.peer.Microseconds())/1000, "peer-p50-ms")
		b.ReportMetric(float64(c.bare.Microseconds())/1000, "bare-p50-ms")
		b.ReportMetric(c.ratio(), "ratio")
		b.ReportMetric(0, "ns/op") // both together mean nothing
		c.keep()
	})
}
