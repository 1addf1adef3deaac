package notices_test

import (
	"testing"

	. "example.org/airlock/localcloud/story"
)

// Independent reviewers who differ are asked to discuss, or one more is asked.
func reviewersDiffer(t *testing.T, c *Cloud, seen map[string]bool) {
	for kind, on := range map[string]string{"disagreement": "discuss", "third_reviewer": "third_reviewer"} {
		play(t, c, "genomics", func(p *Play) {
			p.Policy("asks two independent reviewers", func(policy map[string]any) {
				review := Member(policy, "review")
				review["importApprovals"], review["independent"], review["onDisagreement"] = 2, true, on
			})
			p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
			p.Eventually(InReview)
			p.As(Manager).Decides("approve", "fine", nil)
			p.As(Manager2).Decides("reject", "names of people", nil)
			arrived(p, due(genomics, Researcher, Draft, Submitted, InReview, kind))
		})
		seen[kind] = true
	}
}
