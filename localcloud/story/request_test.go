package story_test

import (
	"net/http"
	"strings"
	"testing"

	. "example.org/airlock/localcloud/story"
)

func TestCreateCanBeRepeated(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		key := http.Header{"Idempotency-Key": {"a key of " + t.Name()}}
		body := map[string]string{"type": Import, "title": "once", "businessJustification": "b"}
		path := "/workspaces/" + p.Cloud.Workspaces["genomics"] + "/requests"
		var first, second, other struct{ AirlockRequest Request }
		for _, into := range []any{&first, &second} {
			answer := p.As(Researcher).Ask(http.MethodPost, path, key, body)
			p.Holds(answer.Status == http.StatusCreated, "%s", answer)
			p.Holds(answer.Into(into) == nil, "%s", answer)
		}
		p.Holds(first.AirlockRequest.ID == second.AirlockRequest.ID, "two requests from one key")
		body["title"] = "another"
		answer := p.As(Researcher).Ask(http.MethodPost, path, key, body)
		p.Holds(answer.Status == http.StatusConflict, "one key, another body: %s", answer)
		answer = p.As(Researcher2).Ask(http.MethodPost, path, key, body)
		p.Holds(answer.Status == http.StatusCreated && answer.Into(&other) == nil, "somebody else's same key: %s", answer)
		p.Holds(other.AirlockRequest.ID != first.AirlockRequest.ID, "a key reaches another person's request")
	})
}

func TestIfMatchGuardsEveryChange(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		draft := p.Now().ETag
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		review := map[string]any{"approval": true, "decisionExplanation": "fine"}
		path := "/workspaces/" + p.Cloud.Workspaces["genomics"] + "/requests/" + p.ID + "/review"
		answer := p.As(Manager).Ask(http.MethodPost, path, http.Header{"If-Match": {`"` + draft + `"`}}, review)
		p.Holds(answer.Status == http.StatusPreconditionFailed, "a review of an old version: %s", answer)
		look := strings.TrimSuffix(path, "/review")
		seen := p.As(Manager).Ask(http.MethodGet, look, nil, nil).Header.Get("ETag")
		again := p.As(Manager).Ask(http.MethodGet, look, http.Header{"If-None-Match": {seen}}, nil)
		p.Holds(again.Status == http.StatusNotModified && len(again.Body) == 0, "who has the answer gets %s", again)
		others := p.As(Researcher).Ask(http.MethodGet, look, http.Header{"If-None-Match": {seen}}, nil)
		p.Holds(others.Status == http.StatusOK, "who may do other things gets %s", others)
		answer = p.As(Manager).Ask(http.MethodPost, path, http.Header{"If-Match": {seen}}, review)
		p.Holds(answer.Status == http.StatusOK, "a review of the present version: %s", answer)
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestAnEmptyDraftIsNotTaken(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).IsRefused("submit", http.StatusUnprocessableEntity)
		p.Holds(p.Now().Status == Draft, "a refused submit changes the request")
		p.As(Researcher).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}
