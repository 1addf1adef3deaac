package chaos_test

import (
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/chaos"
	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/hostile"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// slowReads are held up for so long that a child can be met at its work, and told from one that is just starting.
const (
	slowReads = 8 * time.Second
	settledIn = 2 * time.Second
)

// The process that looks into a file is killed again and again at one place, as a file does that breaks it. The file is a finding,
// the others of the request are looked into, and another request comes to its review beside it.
func TestAFileThatKillsWhoLooksIntoIt(t *testing.T) {
	t.Parallel()
	c, stop, err := storytest.Start(t.Context(), func(o *cloud.Options) { o.Settings, o.Speed = chaos.Hasty(), 20 })
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	_, err = c.ChangePolicy(t.Context(), "genomics", func(policy map[string]any) {
		Member(policy, "files")["maxFiles"] = 2
		Member(policy, "malwareScanning")["enabled"] = false
		Member(policy, "gates")["export"] = []any{map[string]any{"id": "content", "kind": "content", "rules": map[string]any{
			"uncheckable.corrupt": map[string]any{"action": "review"}, "sdc.small_count": map[string]any{"action": "review"}}}}
	})
	require.NoError(t, err)
	play := func(s func(p *Play)) error {
		return c.Run(t.Context(), Story{Name: t.Name(), Play: s}, Options{Within: 2 * time.Minute, Patient: true})
	}
	err = play(func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", []byte("a,b\n1,2\n")).Uploads("b.csv", []byte("region,count\nNorth,3\nSouth,120\nEast,85\nWest,97\n"))
		rule := url.Values{"op": {"GetBlob"}, "match": {"stalexipgenomics/" + p.ID + "/a.csv"}, "n": {"1000"}, "do": {"delay"}, "for": {slowReads.String()}}
		p.Holds(c.Break(p.Context(), rule) == nil, "no rule set")
		p.As(Researcher).Submits()
		beside := make(chan error, 1)
		go func() {
			beside <- play(func(p *Play) {
				p.As(Researcher2).Creates(Export).Uploads("c.csv", []byte("c,d\n1,2\n")).Submits()
				p.Eventually(InReview)
			})
		}()
		killWhoLooks(p)
		err := <-beside
		p.Holds(err == nil, "another request: %v", err)
		p.Holds(c.Mend(p.Context()) == nil, "not mended")
		p.Eventually(InReview)
		found := p.As(Manager).Ask(http.MethodGet, p.Path("/findings"), nil, nil)
		p.Holds(strings.Contains(string(found.Body), `"uncheckable.corrupt/1"`) && strings.Contains(string(found.Body), `"sdc.small_count/2"`), "findings: %s", found.Body)
		p.As(Manager).ApprovesWhatWasFound("nobody could look into the first one")
		p.Eventually(Approved)
		p.TrailVerifies().BytesLieWhereTheyBelong()
	})
	require.NoError(t, err)
}

// killWhoLooks kills each child of the handler that has settled in, until the request is in review. A child's end is not told
// apart from that of a delivery in which it falls, so their number is not fixed.
func killWhoLooks(p *Play) {
	handlers, err := p.Cloud.Handlers()
	p.Holds(err == nil && len(handlers) == 1, "%v: %v", handlers, err)
	seen, killed := map[int]time.Time{}, map[int]bool{}
	p.Until(func() string {
		for _, child := range hostile.Children(handlers[0]) {
			if seen[child].IsZero() {
				seen[child] = time.Now()
			}
			if time.Since(seen[child]) > settledIn && !killed[child] {
				killed[child] = syscall.Kill(child, syscall.SIGKILL) == nil
			}
		}
		if now := p.Now().Status; now != InReview {
			return "the request is " + now
		}
		return ""
	})
	p.Holds(len(killed) >= 3, "%d children were killed", len(killed))
}
