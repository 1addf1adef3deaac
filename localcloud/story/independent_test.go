package story_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	. "example.org/airlock/localcloud/story"
)

// independently has exports of the story reviewed by some independent reviewers.
func independently(p *Play, approvals int, onDisagreement string) {
	p.Policy("asks for independent reviewers", func(policy map[string]any) {
		review := Member(policy, "review")
		review["exportApprovals"], review["independent"], review["onDisagreement"] = approvals, true, onDisagreement
	})
}

// inReview brings a request with two files into review.
func inReview(p *Play) {
	p.As(Researcher).Creates(Export).Uploads("table.csv", data).Uploads("names.csv", []byte("name\nAda\n")).Submits()
	p.Eventually(InReview)
}

func TestIndependentReviewersDiffer(t *testing.T) {
	for _, tt := range []struct {
		on   string
		rest func(p *Play)
		end  string
	}{
		{"strictest", func(*Play) {}, Rejected},
		{"third_reviewer", func(p *Play) { p.As(Manager3).Decides("approve", "I see nothing wrong.", nil) }, Approved},
		{"discuss", func(p *Play) {
			p.Holds(strings.Contains(p.Now().Message(), "discuss"), "the request says %q", p.Now().Message())
			p.As(Manager2).Decides("approve", "You are right.", nil)
		}, Approved},
	} {
		t.Run(tt.on, func(t *testing.T) {
			play(t, func(p *Play) {
				independently(p, 2, tt.on)
				inReview(p)
				p.As(Manager).Decides("approve", "Fine.", nil)
				p.Holds(p.Now().Status == InReview, "one of two has ended the review")
				p.As(Manager2).Decides("reject", "Names of people.", nil)
				tt.rest(p)
				p.Eventually(tt.end)
				p.BytesLieWhereTheyBelong().TrailVerifies()
				p.TrailHas("the end of hiding", func(r AuditRecord) bool { return r.Action == "unblinded" })
				if tt.end == Approved {
					bornOut(t, p)
				}
			})
		})
	}
}

// moving are the members of answers that change by themselves.
var moving = regexp.MustCompile(`"(exportedAt|expires|containerUrl)":"[^"]*"`)

// A hidden decision, and a hidden comment, change nothing that anybody else can see but
// the number of those who decided.
func TestAHiddenDecisionIsSeenNowhere(t *testing.T) {
	play(t, func(p *Play) {
		independently(p, 2, "strictest")
		inReview(p)
		others := []string{Researcher, Researcher2, Owner, Manager2, Manager3, ResearcherManager, Admin}
		base := "/workspaces/" + p.WorkspaceID() + "/requests"
		paths := []string{p.Path(""), p.Path("/history"), p.Path("/turns"), p.Path("/turns/1"), p.Path("/comments"), p.Path("/receipt"), p.Path("/evidence"), base + "?status=in_review&limit=1", "/requests?limit=1", "/requests?airlock_manager=true&limit=1"}
		look := func() map[string]string {
			seen := map[string]string{}
			for _, persona := range others {
				for _, path := range paths {
					a := p.As(persona).Ask(http.MethodGet, path, nil, nil)
					if strings.HasPrefix(path, "/requests") {
						a = p.As(persona).WithTokenOf("").Ask(http.MethodGet, path, nil, nil)
					}
					text := strings.NewReplacer(`"decided":1,`, "", "1 of 2 reviewers have decided", "", "0 of 2 reviewers have decided", "").Replace(moving.ReplaceAllString(string(a.Body), ""))
					// The version stands before the dot; what follows, and the tag of a list, are of the text.
					version, _, versioned := strings.Cut(a.Header.Get("ETag"), ".")
					if !versioned {
						version = ""
					}
					seen[persona+" "+path] = fmt.Sprint(a.Status, version, text)
				}
			}
			return seen
		}
		before := look()
		p.As(Manager).Decides("reject", "SECRET-REASON", map[string]any{"files": []map[string]string{{"name": "names.csv", "decision": "change", "comment": "SECRET-COMMENT"}}})
		p.As(Manager).Comments("SECRET-REMARK", "reviewers")
		for where, text := range look() {
			p.Holds(!strings.Contains(text, "SECRET"), "%s shows what is hidden: %s", where, text)
			if !strings.Contains(where, "/history") {
				p.Holds(text == before[where], "%s has changed\n  from %s\n  to   %s", where, before[where], text)
			}
		}
		own := p.As(Manager).Ask(http.MethodGet, p.Path(""), nil, nil)
		p.Holds(strings.Contains(string(own.Body), "SECRET-REASON"), "its author does not see it: %s", own)
		p.Holds(p.Now().Message() == "1 of 2 reviewers have decided", "the requestor reads %q", p.Now().Message())

		p.As(Manager2).Decides("approve", "Fine.", nil)
		p.Eventually(Rejected)
		theirs := p.As(Researcher).Ask(http.MethodGet, p.Path(""), nil, nil)
		p.Holds(strings.Contains(string(theirs.Body), "SECRET-REASON"), "the decision stays hidden after the end: %s", theirs)
		for _, path := range []string{"", "/history", "/comments"} {
			theirs := p.As(Researcher).Ask(http.MethodGet, p.Path(path), nil, nil)
			p.Holds(!strings.Contains(string(theirs.Body), "SECRET-REMARK"), "the requestor sees a reviewers' remark: %s", theirs)
		}
		p.Holds(strings.Contains(string(p.As(Manager2).Ask(http.MethodGet, p.Path("/comments"), nil, nil).Body), "SECRET-REMARK"), "a reviewer does not see the remark after the end")
		p.TrailVerifies()
	})
}

// A file leaves only if every approval that counts includes it.
func TestAWithheldFileIsNeverReleased(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("asks for two approvals of exports", func(policy map[string]any) { Member(policy, "review")["exportApprovals"] = 2 })
		inReview(p)
		withhold := map[string]any{"files": []map[string]string{{"name": "names.csv", "decision": "withhold", "comment": "Names of people."}}}
		for _, wrong := range []map[string]any{
			{"files": []map[string]string{{"name": "other.csv", "decision": "fine"}}},
			{"files": []map[string]string{{"name": "names.csv", "decision": "change"}}},
			{"files": []map[string]string{{"name": "names.csv", "decision": "withhold"}, {"name": "table.csv", "decision": "withhold"}}},
			{"files": []map[string]string{{"name": "names.csv", "decision": "fine"}, {"name": "names.csv", "decision": "withhold"}}},
		} {
			wrong["decision"], wrong["decisionExplanation"] = "approve", "fine"
			answer := p.As(Manager).Ask(http.MethodPost, p.Path("/review"), nil, wrong)
			p.Holds(answer.Status == http.StatusUnprocessableEntity, "%v: %s", wrong, answer)
		}
		p.As(Manager).Decides("approve", "Without the names.", withhold)
		p.As(Manager2).Decides("approve", "All of it.", nil)
		r := p.Eventually(Approved)
		p.As(Researcher).LeftBehind("names.csv")
		p.BytesLieWhereTheyBelong().TrailVerifies()
		p.Holds(len(r.Files) == 2, "the request forgets what was withheld: %+v", r.Files)
		p.TrailHas("what was withheld", func(r AuditRecord) bool { return r.Action == "withheld" })
		var receipt struct{ Payload []byte }
		p.Until(func() string {
			answer := p.As(Researcher).Tries("receipt")
			if answer.Status != http.StatusOK || answer.Into(&receipt) != nil {
				return "no receipt"
			}
			return ""
		})
		var says struct{ Files, Withheld []struct{ Name string } }
		p.Holds(json.Unmarshal(receipt.Payload, &says) == nil && len(says.Files) == 1 && len(says.Withheld) == 1 && says.Withheld[0].Name == "names.csv", "the receipt says %s", receipt.Payload)
		bornOut(t, p)
	})
}

func TestMoreApprovalsForSomeRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		review map[string]any
		why    string
	}{
		"by size":       {map[string]any{"more": []map[string]any{{"when": map[string]any{"type": "export", "filesOver": 1}, "approvals": 2, "why": "more than one file"}}}, "more than one file"},
		"a second look": {map[string]any{"secondLookPercent": 100}, "second look"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(p *Play) {
				p.Policy("asks for more approvals of some requests", func(policy map[string]any) {
					for member, value := range tt.review {
						Member(policy, "review")[member] = value
					}
				})
				inReview(p)
				p.Holds(strings.Contains(string(p.As(Researcher).Tries("read").Body), tt.why), "nobody says why")
				p.As(Manager).Approves("fine")
				p.Holds(p.Now().Status == InReview, "one approval was enough")
				p.As(Manager2).Approves("fine")
				p.Eventually(Approved)
				p.BytesLieWhereTheyBelong().TrailVerifies()
				p.TrailHas("why so many", func(r AuditRecord) bool {
					return r.Action == "approvals_set" && r.Reason == tt.why && r.Detail["approvals"] == "2"
				})
			})
		})
	}
}

// Who reviews is nothing for the requestor where the policy says so, in no answer.
func TestReviewersWhoAreNotNamed(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("keeps reviewers anonymous", func(policy map[string]any) { Member(policy, "review")["anonymous"] = true })
		inReview(p)
		p.As(Manager).Claims().Comments("Why so many names?", "everyone").AsksForChanges("Fewer names.")
		p.IsReturned()
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("Fine.")
		p.Eventually(Approved)
		p.Until(func() string {
			if p.As(Researcher).Tries("receipt").Status != http.StatusOK {
				return "no receipt"
			}
			return ""
		})
		for _, path := range []string{"", "/history", "/turns", "/comments", "/receipt"} {
			for _, persona := range []string{Researcher, Researcher2} {
				answer := p.As(persona).Ask(http.MethodGet, p.Path(path), nil, nil)
				text := string(answer.Body)
				var receipt struct{ Payload []byte }
				if answer.Into(&receipt) == nil {
					text += string(receipt.Payload)
				}
				p.Holds(!strings.Contains(text, "Grace") && !strings.Contains(text, "manager@tre") && !strings.Contains(text, "a0000000-0000-4000-8000-000000000004"), "%s learns from %q who reviewed: %s", persona, path, text)
			}
		}
		p.Holds(p.As(Researcher).Ask(http.MethodGet, p.Path("/evidence"), nil, nil).Status == http.StatusForbidden, "the evidence names the reviewers")
		p.Holds(strings.Contains(string(p.As(Owner).Tries("history").Body), "Grace"), "an owner does not see who reviewed")
		p.TrailVerifiesFor(Owner)
		bornOut(t, p)
	})
}

func TestWhoHoldsAnotherRoleDoesNotReviewWhereRolesAreSeparate(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("separates roles", func(policy map[string]any) { Member(policy, "review")["separateRoles"] = true })
		inReview(p)
		p.As(ResearcherManager).IsRefused("review", http.StatusForbidden).IsRefused("reject", http.StatusForbidden)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
	})
}
