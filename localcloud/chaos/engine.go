package chaos

import (
	"net/http"
	"slices"
	"strings"

	"example.org/airlock/localcloud/story"
)

// engine is story.Engine, which speaks for the external gate about the request in play. It needs no event: it asks until
// there is work.
type engine struct {
	*story.Person
	task struct {
		Digest string           `json:"contentDigest"`
		Files  []map[string]any `json:"files"`
	}
}

// callEngine waits until the gate is at work.
func callEngine(p *story.Play) *engine {
	e := &engine{Person: p.As(story.Engine).WithTokenOf("")}
	e.looks()
	return e
}

func (e *engine) path(rest string) string { return e.Path("/gates/" + externalGate + rest) }

// looks reads what the gate is to look at.
func (e *engine) looks() {
	e.Until(func() string {
		answer := e.Ask(http.MethodGet, e.path(""), nil, nil)
		if answer.Status != http.StatusOK || answer.Into(&e.task) != nil || e.task.Digest == "" {
			return "there is no task for the gate: " + answer.String()
		}
		return ""
	})
}

// reads gets a link, as an engine does that reads the files.
func (e *engine) reads() *engine {
	link := e.Ask(http.MethodPost, e.path("/link"), nil, map[string]any{})
	e.Holds(link.Status == http.StatusOK, "no link for the gate: %s", link)
	return e
}

// says puts a verdict and expects one of the statuses for an answer. Where a scan has made fresh copies of the same bytes, the
// task is read once more.
func (e *engine) says(outcome string, want ...int) *engine {
	e.Until(func() string {
		answer := e.puts(e.task.Digest, outcome)
		if answer.Status == http.StatusConflict && strings.Contains(string(answer.Body), "other_bytes") {
			e.looks()
			return "the gate speaks about copies that are there no more"
		}
		e.Holds(slices.Contains(want, answer.Status), "the gate says %s: %s", outcome, answer)
		return ""
	})
	return e
}

// puts a verdict about a digest.
func (e *engine) puts(digest, outcome string) story.Answer {
	verdict := map[string]any{"contentDigest": digest, "outcome": outcome, "engine": map[string]any{"name": "chaos"}, "files": e.task.Files}
	if outcome == "findings" || outcome == "blocked" {
		verdict["findings"] = []any{map[string]any{"rule": "dlp.person", "severity": "high", "file": e.task.Files[0]["name"], "count": 2}}
	}
	return e.Ask(http.MethodPut, e.path("/verdict"), nil, verdict)
}

// errs speaks about bytes that nobody has submitted.
func (e *engine) errs() *engine {
	answer := e.puts("sha256:"+strings.Repeat("0", 64), "passed")
	e.Holds(answer.Status == http.StatusConflict, "a word about other bytes: %s", answer)
	return e
}

// wavers says one thing twice and then others. Of contradictory words the graver holds; once the request is in review only one
// that blocks is heard.
func (e *engine) wavers() *engine {
	return e.says("passed", http.StatusOK).says("passed", http.StatusOK).
		says("findings", http.StatusOK, http.StatusGone).says("inconclusive", http.StatusGone)
}
