package story_test

import (
	"net/http"
	"net/url"
	"testing"

	. "example.org/airlock/localcloud/story"
)

// The reviewer is shown exactly how the files changed since the turn before.
func TestReturnedTwiceAndApprovedInTheThirdTurn(t *testing.T) {
	t.Parallel()
	for _, direction := range []string{Import, Export} {
		t.Run(direction, func(t *testing.T) {
			t.Parallel()
			play(t, func(p *Play) {
				p.As(Researcher).Creates(direction).Uploads("kept.csv", data).Uploads("small.csv", []byte("n\n3\n")).Uploads("old name.csv", []byte("x\n1\n")).Uploads("raw.csv", []byte("id\n7\n"))
				first := p.As(Researcher).Keeps()
				p.As(Researcher).Submits()
				p.Eventually(InReview)
				p.As(Manager).Reads().AsksForChanges("Small numbers in the second table.")
				p.IsReturned()
				p.BytesLieWhereTheyBelong()
				p.Holds(first() == http.StatusNotFound, "the first turn's link opens something")
				p.As(Manager).IsRefused("link", http.StatusForbidden).IsRefused("review", http.StatusBadRequest)
				p.As(Researcher).Uploads("small.csv", []byte("n\n<10\n"))
				second := p.As(Researcher).Keeps()
				p.As(Researcher).Submits()
				r := p.Eventually(InReview)
				p.Holds(r.Turn == 2 && r.Changes != nil && r.Changes.Changed == 1 && r.Changes.Unchanged == 3, "turn %d: %+v", r.Turn, r.Changes)
				p.Holds(len(r.Reviews) == 0, "reviews of the first turn are carried over: %+v", r.Reviews)
				p.As(Manager2).AsksForChanges("The raw data has to stay.")
				p.IsReturned()
				p.As(Researcher).Removes("raw.csv").Renames("old name.csv", "new name.csv").Submits()
				r = p.Eventually(InReview)
				p.Holds(r.Turn == 3 && r.Changes.Unchanged == 2 && r.Changes.Renamed == 1 && r.Changes.Removed == 1, "turn %d: %+v", r.Turn, r.Changes)
				p.Holds(second() == http.StatusNotFound, "the second turn's link opens something")
				p.As(Manager).Reads().Approves("Fine now.")
				p.Eventually(Approved)
				p.As(Researcher).Reads()
				p.BytesLieWhereTheyBelong().TrailVerifies()
				p.TrailHas("the end of the first turn", func(r AuditRecord) bool { return r.Action == "turn_ended" && r.Detail["turn"] == "1" })
				p.TrailHas("the third turn", func(r AuditRecord) bool { return r.Action == "turn_started" && r.Detail["turn"] == "3" })
				p.MailsReach(Researcher)
				bornOut(t, p)
			})
		})
	}
}

// Everybody sees the turns; an approval, or a link, of an earlier turn counts for nothing.
func TestTurnsStandBesideTheRequest(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Decides("request_changes", "Round to ten.", map[string]any{"files": []map[string]string{{"name": "a.csv", "decision": "fine", "comment": "As agreed."}}})
		p.IsReturned()
		p.As(Researcher).Uploads("b.csv", []byte("more\n")).Submits()
		p.Eventually(InReview)
		var got struct {
			Turns []struct {
				Turn  int
				Ended *float64
				Why   string
				Files []struct {
					Name, Change string
					Earlier      []struct{ Decision, Comment string }
				}
				Reviews []struct{ ReviewDecision, DecisionExplanation string }
			}
		}
		answer := p.As(Manager2).Ask(http.MethodGet, p.Path("/turns"), nil, nil)
		p.Holds(answer.Status == http.StatusOK && answer.Into(&got) == nil && len(got.Turns) == 2, "the turns: %s", answer)
		first, second := got.Turns[0], got.Turns[1]
		p.Holds(first.Why == "Round to ten." && first.Ended != nil && len(first.Files) == 1 && first.Reviews[0].ReviewDecision == "changes_requested", "the first turn: %+v", first)
		p.Holds(second.Ended == nil && len(second.Files) == 2 && second.Files[1].Change == "new" && len(second.Reviews) == 0, "the second turn: %+v", second)
		p.Holds(len(second.Files[0].Earlier) == 1 && second.Files[0].Earlier[0].Comment == "As agreed.", "what was said of the same bytes: %+v", second.Files[0])
		p.TrailHas("what has changed", func(r AuditRecord) bool {
			return r.Action == "gates_passed" && r.Detail["changes"] == "1 new, 0 changed, 0 renamed, 0 removed, 1 unchanged"
		})
		p.Holds(p.As(Manager2).Ask(http.MethodGet, p.Path("/turns/2"), nil, nil).Status == http.StatusOK, "no second turn")
		p.Holds(p.As(Manager2).Ask(http.MethodGet, p.Path("/turns/3"), nil, nil).Status == http.StatusNotFound, "there is a third turn")
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestReturnedThenCancelled(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).AsksForChanges("The wrong file.")
		p.IsReturned()
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
		p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "manager return_in_progress", "system returned", "researcher cancelled")
	})
}

// In the last turn somebody has to decide.
func TestTheLastTurnEndsTheReview(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("allows two turns", func(policy map[string]any) { Member(policy, "review")["maxTurns"] = 2 })
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).AsksForChanges("Once more.")
		p.IsReturned()
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		answer := p.As(Manager).Ask(http.MethodPost, p.Path("/review"), nil, map[string]any{"decision": "request_changes", "decisionExplanation": "And again."})
		p.Holds(answer.Status == http.StatusBadRequest, "a third turn: %s", answer)
		p.As(Manager).Rejects("Not this way.")
		p.Eventually(Rejected)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// bornOut has a stranger verify the release of the request in play.
func bornOut(t *testing.T, p *Play) {
	t.Helper()
	p.Until(func() string {
		if p.As(Manager).Tries("receipt").Status != http.StatusOK {
			return "there is no receipt"
		}
		return ""
	})
	reconciled(p)
	said, ok := stranger(t, p)
	p.Holds(ok, "airlock-verify says:\n%s", said)
}

// Malware that comes late stops a return like a release: the bytes go into quarantine.
func TestMalwareThatComesWhileARequestIsReturned(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		account := Account(Import, InReview, "genomics")
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
		p.Holds(err == nil && len(blobs) == 1, "%d blobs are under review (%v)", len(blobs), err)
		slow := url.Values{"op": {"CreateContainer"}, "match": {"stalimexlocal/" + p.ID + "-2"}, "do": {"delay"}, "for": {"2s"}}
		p.Holds(p.Cloud.Break(p.Context(), slow) == nil, "the return is not slowed down")
		p.As(Manager).AsksForChanges("Another file, please.")
		p.Holds(p.Cloud.Say(p.Context(), "malicious", account, p.ID, "a.csv", blobs[0].ETag) == nil, "the scan says nothing")
		p.Eventually(BlockedByScan)
		p.As(Researcher).IsRefused("link", http.StatusBadRequest)
		p.BytesLieWhereTheyBelong().TrailVerifies()
		p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "manager return_in_progress", "system blocking_in_progress", "system blocked_by_scan")
	})
}
