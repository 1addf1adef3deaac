package chaos_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/chaos"
	"example.org/airlock/localcloud/cloud"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// A request fails, and the deletion of what it had made hangs. Somebody mends the cause and retries. The deletion must
// not take away what the second try has brought.
func TestALateDeletionTakesNothingFromARetry(t *testing.T) {
	t.Parallel()
	c, stop, err := storytest.Start(t.Context(), func(o *cloud.Options) { o.Instances, o.Settings, o.Speed = 2, chaos.Hasty(), 20 })
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	for name, stage := range map[string]struct {
		account string
		fails   func(p *Play)
	}{
		"of the files in progress": {"stalexipgenomics", func(p *Play) { p.As(Researcher).Submits() }},
		"of the released files": {"stalexapplocal", func(p *Play) {
			p.As(Researcher).Submits()
			p.Eventually(InReview)
			p.As(Manager).Approves("fine")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Run(t.Context(), Story{Name: name, Play: func(p *Play) {
				p.As(Researcher).Creates(Export).Uploads("a.csv", []byte("a"))
				where := stage.account + "/" + p.ID
				for _, rule := range []url.Values{
					{"op": {"PutBlockFromURL"}, "match": {where}, "do": {"400"}},
					{"op": {"DeleteContainer"}, "match": {where}, "do": {"delay"}, "for": {"3500ms"}},
				} {
					p.Holds(c.Break(p.Context(), rule) == nil, "no rule set")
				}
				stage.fails(p)
				p.Eventually(Failed)
				p.Until(func() string { // it may be refused for as long as something is being deleted
					if answer := p.As(Owner).Tries("retry"); answer.Status != http.StatusOK {
						return "no retry: " + answer.String()
					}
					return ""
				})
				if stage.account == "stalexipgenomics" {
					p.Eventually(InReview)
					awake(p, "DeleteContainer", stage.account)
					p.As(Manager).Approves("mended")
				}
				p.Eventually(Approved)
				awake(p, "DeleteContainer", stage.account)
				p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
			}}, Options{Within: 40 * time.Second, Patient: true})
			require.NoError(t, err)
		})
	}
}
