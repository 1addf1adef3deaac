package story_test

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	. "example.org/airlock/localcloud/story"
)

// together has everybody act at once and returns the answers.
func together(p *Play, tries ...func() Answer) []Answer {
	answers := make([]Answer, len(tries))
	var all sync.WaitGroup
	for i, try := range tries {
		all.Go(func() { answers[i] = try() })
	}
	all.Wait()
	return answers
}

func TestDecisionsAtTheSameTime(t *testing.T) {
	t.Parallel()
	for range 4 {
		play(t, func(p *Play) {
			p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
			p.Eventually(InReview)
			tries := []func() Answer{
				func() Answer { return p.As(Manager).Tries("review") },
				func() Answer { return p.As(Manager2).Tries("reject") },
				func() Answer { return p.As(ResearcherManager).Tries("review") },
				func() Answer { return p.As(Researcher).Tries("cancel") },
				func() Answer { return p.As(Owner).Tries("cancel") },
				func() Answer { return p.As(Manager).Tries("link") },
				func() Answer { return p.As(Owner).Tries("link") },
			}
			answers := together(p, tries...)
			done := 0
			for i, a := range answers[:5] {
				assert.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, a.Status, "try %d: %s", i, a)
				if a.Status == http.StatusOK {
					done++
				}
			}
			p.Holds(done == 1, "%d of the decisions took effect: %v", done, answers)
			var end Request
			p.Until(func() string {
				if end = p.Now(); !slices.Contains([]string{Approved, Rejected, Cancelled}, end.Status) {
					return "it is " + end.Status
				}
				return ""
			})
			p.BytesLieWhereTheyBelong().TrailVerifies()
		})
	}
}

func TestSubmittingTenTimesAtOnceSubmitsOnce(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		tries := make([]func() Answer, 10)
		for i := range tries {
			tries[i] = func() Answer { return p.As(Researcher).Tries("submit") }
		}
		for _, a := range together(p, tries...) {
			p.Holds(a.Status == http.StatusOK, "%s", a)
		}
		p.Eventually(InReview)
		p.HistoryReads("researcher draft", "researcher submitted", "system in_review")
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// Links go on record and compete with decisions for the request's row; none may be lost. Those that one person asks for
// in a row are one link, and one record.
func TestManyLinksWhileThingsMove(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		tries := make([]func() Answer, 12)
		for i := range tries {
			tries[i] = func() Answer { return p.As(Researcher).Tries("link") }
		}
		tries = append(tries, func() Answer { return p.As(Researcher).Tries("submit") })
		links, issued := map[string]bool{}, 0
		for _, a := range together(p, tries...) {
			var link struct{ ContainerURL string }
			if a.Status == http.StatusOK {
				issued++
				p.Holds(a.Into(&link) == nil, "not an answer: %s", a)
			}
			if link.ContainerURL != "" {
				links[link.ContainerURL] = true
			}
		}
		p.Holds(issued >= 1, "nobody got anywhere")
		p.Holds(len(links) == 1, "%d links live", len(links))
		p.Eventually(InReview)
		recorded := 0
		for _, r := range p.Trail() {
			if r.Action == "link_issued" {
				recorded++
			}
		}
		p.Holds(recorded == 1, "one link, and %d on record", recorded)
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// A copy that storage refuses halfway goes on when it can.
func TestACopyThatFailsHalfway(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 6*time.Minute, func(p *Play) {
		p.As(Researcher).Creates(Import).UploadsFiles(Noise("genome.bam", severalBlocks, 8))
		refuse := url.Values{"op": {"PutBlockFromURL"}, "match": {"stalimiplocal/" + p.ID}, "skip": {"3"}, "do": {"500"}, "n": {"5"}}
		p.Holds(p.Cloud.Break(p.Context(), refuse) == nil, "no rule set")
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("large")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	})
}

func TestOldEventsChangeNothing(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong()
		settles(p)
		before := p.Now()
		p.Holds(p.Cloud.Replay(p.Context(), "") == nil, "no replay")
		settles(p)
		p.Holds(p.Now().Version == before.Version, "old events have moved the request to version %d", p.Now().Version)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}
