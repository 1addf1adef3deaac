package story_test

import (
	"net/http"
	"strings"
	"testing"

	. "example.org/airlock/localcloud/story"
)

// A requestor answers the workspace's questions, mends the answers between turns, and
// sends files along that only help the reviewers.
func TestAnswersAndSupportingFiles(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("asks a question, and takes supporting files", func(policy map[string]any) {
			Member(policy, "form")["export"] = []map[string]any{{"name": "smallest", "label": "The smallest count?", "kind": "number", "required": true}}
			Member(policy, "files")["supportingFolder"] = "supporting/"
		})
		p.As(Researcher).Creates(Export).Uploads("supporting/how.txt", []byte("rounded to ten\n"))
		p.Holds(strings.Contains(string(p.As(Researcher).Tries("submit").Body), "answer_missing"), "it was submitted without the answer")
		edit := func(body map[string]any) Answer { return p.As(Researcher).Ask(http.MethodPatch, p.Path(""), nil, body) }
		for _, wrong := range []map[string]any{{"answers": map[string]any{"smallest": "ten"}}, {"answers": map[string]any{"other": 1}}, {"title": " "}, {"title": "a\nb"}} {
			p.Holds(edit(wrong).Status == http.StatusUnprocessableEntity, "%v is taken", wrong)
		}
		answered := edit(map[string]any{"title": "Counts", "answers": map[string]any{"smallest": 3}})
		p.Holds(answered.Status == http.StatusOK, "the answer: %s", answered)
		p.Holds(strings.Contains(string(p.As(Researcher).Tries("submit").Body), "only_supporting"), "nothing to release was submitted")
		p.As(Researcher).Uploads("counts.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Reads().AsksForChanges("Three is too small.")
		p.IsReturned()
		p.Holds(p.As(Researcher2).Ask(http.MethodPatch, p.Path(""), nil, map[string]any{"title": "Mine"}).Status == http.StatusForbidden, "a stranger edits")
		p.Holds(edit(map[string]any{"answers": map[string]any{"smallest": 12}}).Status == http.StatusOK, "the second answer")
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.Holds(strings.Contains(string(p.As(Manager).Tries("read").Body), `"smallest":12`), "the reviewer does not see the answer")
		p.Holds(edit(map[string]any{"title": "Late"}).Status == http.StatusBadRequest, "it is edited in review")
		p.As(Manager).Approves("Fine.")
		p.Eventually(Approved)
		p.As(Researcher).LeftBehind("supporting/how.txt")
		p.BytesLieWhereTheyBelong().TrailVerifies()
		bornOut(t, p)
		p.TrailHas("the edit", func(r AuditRecord) bool {
			return r.Action == "request_edited" && r.Detail["before"] != r.Detail["after"]
		})
	})
}

func TestARequestTakesThePlaceOfAnEndedOne(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		old, requests := p.ID, strings.TrimSuffix(p.Path(""), "/"+p.ID)
		body := map[string]string{"type": Import, "title": "Again", "businessJustification": "Mended.", "replaces": old}
		p.Holds(p.As(Researcher).Ask(http.MethodPost, requests, nil, body).Status == http.StatusUnprocessableEntity, "an open request is replaced")
		p.As(Researcher).Cancels()
		p.Holds(p.As(Researcher2).Ask(http.MethodPost, requests, nil, body).Status == http.StatusUnprocessableEntity, "a stranger's request is replaced")
		answer := p.As(Researcher).Ask(http.MethodPost, requests, nil, body)
		p.Holds(answer.Status == http.StatusCreated && strings.Contains(string(answer.Body), `"replaces":"`+old+`"`), "the new request: %s", answer)
		p.Holds(strings.Contains(string(p.As(Researcher).Tries("read").Body), `"replacedBy":"`), "the old one does not know")
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestCommentsAndClaims(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Comments("The public part.", "everyone").Submits()
		p.Eventually(InReview)
		p.As(Manager).Claims().Comments("Which data set?", "everyone").Comments("It is the old one.", "reviewers")
		comment := func(persona string, body map[string]any) int {
			return p.As(persona).Ask(http.MethodPost, p.Path("/comments"), nil, body).Status
		}
		p.Holds(comment(Researcher, map[string]any{"text": "x", "visibility": "reviewers"}) == http.StatusForbidden, "a requestor comments for reviewers")
		p.Holds(comment(Researcher2, map[string]any{"text": "x"}) == http.StatusForbidden, "a stranger comments")
		p.Holds(comment(Manager, map[string]any{"text": " "}) == http.StatusUnprocessableEntity, "a blank comment")
		p.Holds(comment(Manager, map[string]any{"text": "x", "file": "b.csv"}) == http.StatusUnprocessableEntity, "a comment on no file")
		p.Holds(comment(Owner, map[string]any{"text": "on a file", "file": "a.csv"}) == http.StatusCreated, "an owner's comment")

		list := func(persona string) (texts []string, ids []string) {
			var page struct{ Comments []struct{ ID, Text string } }
			p.Holds(p.As(persona).Ask(http.MethodGet, p.Path("/comments"), nil, nil).Into(&page) == nil, "no comments")
			for _, c := range page.Comments {
				texts, ids = append(texts, c.Text), append(ids, c.ID)
			}
			return texts, ids
		}
		theirs, _ := list(Researcher)
		p.Holds(len(theirs) == 3, "the requestor reads %q", theirs)
		all, ids := list(Manager2)
		p.Holds(len(all) == 4, "a reviewer reads %q", all)
		p.Holds(p.As(Researcher2).Ask(http.MethodGet, p.Path("/comments"), nil, nil).Status == http.StatusForbidden, "a stranger reads comments")
		retract := func(persona, id string) int {
			return p.As(persona).Ask(http.MethodDelete, p.Path("/comments/"+id), nil, nil).Status
		}
		p.Holds(retract(Manager2, ids[1]) == http.StatusForbidden, "somebody else retracts")
		p.Holds(retract(Researcher, ids[2]) == http.StatusNotFound, "the requestor learns of a reviewers' comment")
		for range 2 { // a repeated call changes nothing
			p.Holds(retract(Manager, ids[1]) == http.StatusOK, "the author cannot retract")
		}
		all, _ = list(Manager2)
		p.Holds(all[1] == "", "a retracted comment reads %q", all[1])

		p.As(Manager2).Claims()
		p.Holds(strings.Contains(string(p.As(Manager).Tries("read").Body), `"claim":`), "no claim is shown")
		p.Holds(p.As(Manager2).Ask(http.MethodDelete, p.Path("/claim"), nil, nil).Status == http.StatusOK, "the claim stands")
		p.Holds(!strings.Contains(string(p.As(Manager).Tries("read").Body), `"claim":`), "the claim is still shown")
		p.Holds(p.As(Researcher).Ask(http.MethodPost, p.Path("/claim"), nil, nil).Status == http.StatusForbidden, "a requestor claims")
		p.As(Manager).Rejects("The old one.")
		p.Eventually(Rejected)
		p.Holds(comment(Researcher, map[string]any{"text": "Why?"}) == http.StatusBadRequest, "a requestor comments on an ended request")
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}
