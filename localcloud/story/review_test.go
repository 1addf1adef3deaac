package story_test

import (
	"net/http"
	"strings"
	"testing"

	. "example.org/airlock/localcloud/story"
)

var data = []byte("sample,value\n1,2\n")

func TestTwoApprovalsAreNeeded(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("asks for two approvals of exports", func(policy map[string]any) { Member(policy, "review")["exportApprovals"] = 2 })
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("first look")
		p.As(Manager).Approves("first look") // once more counts no second time
		r := p.Now()
		p.Holds(r.Status == InReview, "one manager's approval suffices where two are needed: %s", r.Status)
		p.Holds(strings.Contains(r.Message(), "1 of 2"), "nobody is told that one more is needed: %q", r.Message())
		p.As(ResearcherManager).Approves("second look")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
		p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "researcher-manager approval_in_progress", "system approved")
	})
}

func TestOneRejectionIsAVeto(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("asks for two approvals of imports", func(policy map[string]any) { Member(policy, "review")["importApprovals"] = 2 })
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.As(Manager2).Rejects("not fine")
		p.Eventually(Rejected)
		p.As(ResearcherManager).IsRefused("review", http.StatusBadRequest)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestSelfReviewOnlyWhereThePolicyAllowsIt(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("allows self-review", func(policy map[string]any) { Member(policy, "review")["allowSelfReview"] = true })
		p.As(ResearcherManager).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(ResearcherManager).Approves("mine, and fine")
		p.Eventually(Approved)
		p.TrailHas("the self-review", func(r AuditRecord) bool { return r.Action == "approve" && r.Detail["ownRequest"] != "" })
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestSelfReviewIsRefusedAndRecorded(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(ResearcherManager).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(ResearcherManager).IsRefused("review", http.StatusForbidden).IsRefused("reject", http.StatusForbidden)
		p.TrailHas("the refusal", func(r AuditRecord) bool {
			return r.Security && r.Action == "refused" && r.Detail["rule"] == "own_request"
		})
		p.As(Manager).Approves("four eyes")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestAPersonAndARobotAreNotTwo(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("asks for two approvals of exports", func(policy map[string]any) { Member(policy, "review")["exportApprovals"] = 2 })
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("first look")
		p.As(Robot).IsRefused("review", http.StatusForbidden).IsRefused("reject", http.StatusForbidden)
		p.TrailHas("the refusal", func(r AuditRecord) bool {
			return r.Security && r.Action == "refused" && r.Detail["rule"] == "application" && r.Actor.Kind == "application"
		})
		p.Holds(p.Now().Status == InReview, "a robot's approval counts")
		p.As(Manager2).Approves("second look")
		p.Eventually(Approved)
		p.As(Robot).IsRefused("revoke", http.StatusForbidden)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestARobotReviewsWhereThePolicyAllowsIt(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("lets applications review", func(policy map[string]any) { Member(policy, "review")["applications"] = true })
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Robot).Approves("all tests pass")
		p.Eventually(Approved)
		p.TrailHas("whose approval it was", func(r AuditRecord) bool { return r.Action == "approve" && r.Detail["application"] != "" })
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestNobodyActsWithoutTheRole(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		p.As(Researcher2).IsRefused("link", http.StatusForbidden).IsRefused("submit", http.StatusForbidden).IsRefused("cancel", http.StatusForbidden)
		p.As(Manager).IsRefused("link", http.StatusForbidden).IsRefused("submit", http.StatusForbidden).IsRefused("cancel", http.StatusForbidden)
		p.As(Owner).IsRefused("submit", http.StatusForbidden).IsRefused("link", http.StatusForbidden)
		p.As(Researcher).IsRefused("review", http.StatusForbidden).IsRefused("revoke", http.StatusForbidden)
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Researcher).IsRefused("link", http.StatusForbidden)
		p.As(Owner).IsRefused("review", http.StatusForbidden)
		p.As(Manager).IsRefused("revoke", http.StatusBadRequest)
		p.As(Researcher).IsRefused("submit", http.StatusOK) // again: it has taken effect
		p.As(Owner).Cancels()
		p.As(Manager).IsRefused("review", http.StatusBadRequest)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// researcher2 and manager belong to both workspaces: the token decides, not the person.
func TestAnotherWorkspaceKnowsNothing(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		for _, action := range []string{"read", "link", "history", "receipt", "submit", "cancel", "review", "reject", "revoke", "retry", "give-up"} {
			for _, persona := range []string{Researcher2, Manager} {
				answer := p.As(persona).WithTokenOf("imaging").Tries(action)
				p.Holds(answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.Status == http.StatusNotFound,
					"%s may %s with a token of another workspace: %s", persona, action, answer)
				foreign := p.As(persona).WithTokenOf("imaging").TriesIn("imaging", action)
				p.Holds(foreign.Status == http.StatusNotFound || foreign.Status == http.StatusForbidden, "%s may %s through another workspace: %s", persona, action, foreign)
			}
		}
		p.Holds(p.Now().Status == InReview, "a stranger has moved the request")
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// Researchers of one study work on one request where the policy says so, each under
// their own name; whoever touched the draft is no reviewer of it.
func TestColleaguesShareARequestWhereThePolicySaysSo(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("lets colleagues work on drafts", func(policy map[string]any) { Member(policy, "access")["colleagues"] = "full" })
		p.As(Researcher).Creates(Import)
		p.As(ResearcherManager).Uploads("a.csv", data)
		p.As(Researcher2).Submits()
		p.Eventually(InReview)
		p.As(ResearcherManager).IsRefused("review", http.StatusForbidden)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.Holds(p.As(Researcher2).Tries("link").Status == http.StatusOK, "a colleague gets no link to approved data")
		p.HistoryReads("researcher draft", "researcher2 submitted", "system in_review", "manager approval_in_progress", "system approved")
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestColleaguesWhoMayReadMayNotWrite(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("lets colleagues read", func(policy map[string]any) { Member(policy, "access")["colleagues"] = "read" })
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		p.As(Researcher2).IsRefused("link", http.StatusForbidden).IsRefused("submit", http.StatusForbidden).IsRefused("cancel", http.StatusForbidden)
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.Holds(p.As(Researcher2).Tries("link").Status == http.StatusOK, "a colleague gets no link to approved data")
		p.Holds(p.As(Manager).Tries("link").Status == http.StatusForbidden, "a manager gets a link to approved data")
	})
}
