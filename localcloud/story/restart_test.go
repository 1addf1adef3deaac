package story_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// The whole local cloud is stopped and started again while requests stand in every status that waits for somebody.
func TestEverythingGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	var dir string
	c, stop, err := storytest.Start(t.Context(), func(o *cloud.Options) { dir = o.Dir })
	require.NoError(t, err)
	keep := true
	play := func(parts ...func(p *Play)) (again func(c *Cloud) error) {
		var played *Play
		require.NoError(t, c.Run(t.Context(), Story{Name: t.Name(), Play: func(p *Play) { played = p; parts[0](p) }}, Options{Within: 30 * time.Second}))
		return func(c *Cloud) error { return c.Resume(played, parts[1]) }
	}
	rest := []func(c *Cloud) error{
		play(func(p *Play) { p.As(Researcher).Creates(Import).Uploads("a.csv", data) },
			func(p *Play) {
				p.As(Researcher).Uploads("a.csv", append(data, '3')).Submits() // the old link still works
				p.Eventually(InReview)
				p.As(Researcher).Cancels()
				p.BytesLieWhereTheyBelong().TrailVerifies()
			}),
		play(func(p *Play) {
			p.As(Researcher).Creates(Export).Uploads("a.csv", data)
			late := map[string][]string{"op": {"CreateContainer"}, "match": {"stalexipgenomics/" + p.ID}, "do": {"delay"}, "for": {"30s"}}
			p.Holds(p.Cloud.Break(p.Context(), late) == nil, "no rule set")
			p.As(Researcher).Submits()
		}, func(p *Play) {
			p.Eventually(InReview)
			p.As(Manager).Reads().Approves("fine")
			p.Eventually(Approved)
			p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		}),
		play(func(p *Play) {
			p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
			p.Eventually(InReview)
		}, func(p *Play) {
			p.As(Manager).Rejects("no")
			p.Eventually(Rejected)
			p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		}),
		play(func(p *Play) {
			p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
			p.Eventually(InReview)
			p.As(Manager).Approves("fine") // and down it goes
		}, func(p *Play) {
			p.Eventually(Approved)
			p.As(Researcher).Reads()
			p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		}),
	}
	require.NoError(t, stop(keep))
	c, stop, err = storytest.Start(t.Context(), func(o *cloud.Options) { o.Dir = dir })
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	for i, again := range rest {
		require.NoError(t, again(c), "request %d", i+1)
	}
}
