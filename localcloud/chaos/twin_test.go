package chaos_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/chaos"
	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/fault"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// One handler hangs in the middle of a step; the other does the step, and more. When the first wakes up, what it
// knows is old news and must harm nobody.
func TestASlowTwinHarmsNobody(t *testing.T) {
	t.Parallel()
	c, stop, err := storytest.Start(t.Context(), func(o *cloud.Options) { o.Instances, o.Settings, o.Speed = 2, chaos.Hasty(), 20 })
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	for name, hangs := range map[string]struct{ op, account string }{
		"before the container is made":          {"CreateContainer", "stalexipgenomics"},
		"before the copy":                       {"PutBlockFromURL", "stalexipgenomics"},
		"before the copy is made of its blocks": {"PutBlockList", "stalexipgenomics"},
		"before it reads the copy":              {"GetBlob", "stalexipgenomics"},
		"before the last container is made":     {"CreateContainer", "stalexapplocal"},
		"before the last copy":                  {"PutBlockFromURL", "stalexapplocal"},
		"before the released blob is made":      {"PutBlockList", "stalexapplocal"},
		"before it deletes what is not wanted":  {"DeleteContainer", "stalexintgenomics"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Run(t.Context(), Story{Name: name, Play: func(p *Play) {
				p.As(Researcher).Creates(Export).Uploads("a.csv", []byte("a"))
				// The first scan fails, the second never answers: the request stays where it is until we say so.
				p.Holds(c.Verdict(p.Context(), "none", p.ID) == nil && c.VerdictOnce(p.Context(), "error", p.ID) == nil, "no verdict set")
				rule := url.Values{"op": {hangs.op}, "match": {hangs.account + "/" + p.ID}, "do": {"delay"}, "for": {"6s"}}
				p.Holds(c.Break(p.Context(), rule) == nil, "no rule set")
				p.As(Researcher).Submits()
				p.TrailHasSoon("the second scan", func(r AuditRecord) bool { return r.Action == "rescan" })
				awake(p, hangs.op, hangs.account)
				blobs, _, err := c.Ground.Blobs(p.Context(), "stalexipgenomics", p.ID)
				p.Holds(err == nil && len(blobs) == 1, "%v %v", blobs, err)
				p.Holds(c.Say(p.Context(), "clean", "stalexipgenomics", p.ID, "a.csv", blobs[0].ETag) == nil, "no verdict said")
				p.Eventually(InReview)
				p.As(Manager).Approves("fine")
				p.Eventually(Approved)
				awake(p, hangs.op, hangs.account)
				p.Eventually(Approved)
				p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
			}}, Options{Within: 30 * time.Second, Patient: true})
			require.NoError(t, err)
		})
	}
}

// awake waits until the call that was held up, if there was one by now, has long ended.
func awake(p *Play, op, account string) {
	p.Until(func() string {
		calls, err := p.Cloud.Calls(p.Context())
		if err != nil {
			return err.Error()
		}
		for _, call := range calls {
			if call.Op == op && strings.Contains(call.Where, account+"/"+p.ID) && call.Fault == fault.Delay && time.Since(call.At) < 7*time.Second {
				return "a call still hangs"
			}
		}
		return ""
	})
}
