package story_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

// marked is a table with small cells. Its markers are looked for everywhere.
const marked = "Zanzibar-marker,count\nQuokka-marker,3\nAxolotl-marker,120\nNarwhal-marker,85\nPangolin-marker,97\nOkapi-marker,410\n"

// gates sets the policy's gates of exports until the story is over.
func gates(p *Play, gates ...map[string]any) {
	p.Policy("exports have to pass gates", func(policy map[string]any) {
		Member(policy, "gates")["export"] = gates
	})
}

// judging is a content gate with one action for small cells.
func judging(action string) map[string]any {
	return map[string]any{"id": "content", "kind": "content", "rules": map[string]any{
		"sdc.small_count": map[string]any{"action": action}, "sdc.unrounded": map[string]any{"action": "note"}}}
}

// external is an external gate that the application engine speaks for.
func external(more map[string]any) map[string]any {
	g := map[string]any{"id": "dlp", "kind": "external", "callers": []string{"66666666-6666-4666-8666-666666666661"}}
	for name, value := range more {
		g[name] = value
	}
	return g
}

// A reviewer sees what a gate found, looks at an excerpt, says why it may leave, and the
// request is released. No value of the file is in evidence, audit, mails or answers.
func TestFindingsAreAcknowledged(t *testing.T) {
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		gates(p, judging("review"))
		p.As(Researcher).Creates(Export).Uploads("counts.csv", []byte(marked)).Submits()
		r := p.Eventually(InReview)
		p.Holds(strings.Contains(r.Message(), "sdc.small_count"), "nobody is told: %q", r.Message())
		answer := p.As(Manager).Ask(http.MethodGet, below(p, "/findings"), nil, nil)
		var found struct {
			Gates []struct {
				Groups   []string
				Findings []struct {
					Number int
					Rule   string
				}
			}
		}
		p.Holds(answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &found) == nil && len(found.Gates) == 1, "findings: %s", answer)
		p.Holds(!strings.Contains(string(answer.Body), "-marker"), "findings hold data")
		approval := map[string]any{"decision": "approve", "decisionExplanation": "agreed"}
		refused := p.As(Manager).Ask(http.MethodPost, below(p, "/review"), nil, approval)
		p.Holds(refused.Status == http.StatusConflict && strings.Contains(string(refused.Body), "findings_not_acknowledged"), "approved without a look: %s", refused)
		for _, f := range found.Gates[0].Findings {
			if f.Rule == "sdc.small_count" {
				excerpt := p.As(Manager).Ask(http.MethodGet, below(p, fmt.Sprintf("/gates/content/findings/%d/excerpt", f.Number)), nil, nil)
				p.Holds(excerpt.Status == http.StatusOK && strings.Contains(string(excerpt.Body), "Quokka-marker"), "excerpt: %s", excerpt)
			}
		}
		p.TrailHasSoon("the look", func(r AuditRecord) bool { return r.Action == "excerpt_read" })
		var said []map[string]any
		for _, group := range found.Gates[0].Groups {
			said = append(said, map[string]any{"gate": "content", "group": group, "reason": "Agreed with the data owner."})
		}
		approval["acknowledgements"] = said
		approved := p.As(Manager).Ask(http.MethodPost, below(p, "/review"), nil, approval)
		p.Holds(approved.Status == http.StatusOK, "approve: %s", approved)
		p.Eventually(Approved)
		p.TrailVerifies().BytesLieWhereTheyBelong()
		receipted(p)
		if said, ok := stranger(t, p); !ok || !strings.Contains(said, "gates passed (content for their content), then 1 approval") {
			p.Holds(false, "airlock-verify says:\n%s", said)
		}
		holdsNoMarkers(p)
		triedAnew(p, judging("block"), "acknowledge", "block")
		triedAnew(p, judging("note"), "acknowledge", "review")
		p.Holds(p.As(Manager).Ask(http.MethodPost, "/workspaces/"+p.WorkspaceID()+"/policy/simulate", nil, map[string]any{"policy": map[string]any{}}).Status == http.StatusUnauthorized, "airlock managers try policies")
	})
}

// triedAnew tries a policy with a gate of exports on what is on record of the request.
func triedAnew(p *Play, gate map[string]any, was, would string) {
	policy := map[string]any{"files": map[string]any{"maxFiles": 500}, "gates": map[string]any{"export": []map[string]any{gate}}}
	answer := p.As(Admin).WithTokenOf("").Ask(http.MethodPost, "/workspaces/"+p.WorkspaceID()+"/policy/simulate", nil, map[string]any{"policy": policy})
	var said struct {
		Turns []struct {
			RequestID  string
			Was, Would string
			Complete   bool
		}
	}
	p.Holds(answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &said) == nil, "simulate: %s", answer)
	for _, turn := range said.Turns {
		if turn.RequestID == p.ID {
			p.Holds(turn.Was == was && turn.Would == would && turn.Complete, "the request is judged anew as %+v", turn)
			p.Holds(!strings.Contains(string(answer.Body), "-marker") && !strings.Contains(string(answer.Body), "counts.csv"), "a simulation names files or data")
			return
		}
	}
	p.Holds(false, "the request is not among those that the policy was tried on: %s", answer)
}

// A gate that blocks ends in quarantine, from where nothing comes back.
func TestAGateBlocks(t *testing.T) {
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		gates(p, judging("block"))
		p.As(Researcher).Creates(Export).Uploads("counts.csv", []byte(marked)).Submits()
		r := p.Eventually(BlockedByScan)
		p.Holds(strings.Contains(r.Message(), "sdc.small_count"), "nobody is told why: %q", r.Message())
		p.TrailVerifies().BytesLieWhereTheyBelong()
		p.As(Owner).IsRefused("retry", http.StatusBadRequest)
	})
}

// An external gate reads its task, looks at the files by a link of its own, and its
// verdict counts for these bytes alone.
func TestAnExternalGateIsAsked(t *testing.T) {
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		gates(p, external(nil))
		p.As(Researcher).Creates(Export).Uploads("a.csv", []byte("a,b\n1,2\n")).Submits()
		engine := p.As(Engine).WithTokenOf("")
		var task struct {
			ContentDigest string
			Files         []map[string]any
		}
		p.Until(func() string {
			answer := engine.Ask(http.MethodGet, below(p, "/gates/dlp"), nil, nil)
			if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &task) != nil || task.ContentDigest == "" {
				return "no task: " + answer.String()
			}
			return ""
		})
		link := engine.Ask(http.MethodPost, below(p, "/gates/dlp/link"), nil, map[string]any{})
		p.Holds(link.Status == http.StatusOK && strings.Contains(string(link.Body), "containerUrl"), "link: %s", link)
		verdict := map[string]any{"contentDigest": "sha256:" + strings.Repeat("0", 64), "outcome": "passed", "engine": map[string]any{"name": "test"}, "files": task.Files}
		other := engine.Ask(http.MethodPut, below(p, "/gates/dlp/verdict"), nil, verdict)
		p.Holds(other.Status == http.StatusConflict && strings.Contains(string(other.Body), "other_bytes"), "a verdict about other bytes: %s", other)
		for _, who := range []string{Admin, Robot} {
			refused := p.As(who).WithTokenOf("").Ask(http.MethodPut, below(p, "/gates/dlp/verdict"), nil, verdict)
			p.Holds(refused.Status == http.StatusForbidden, "%s spoke for a gate: %s", who, refused)
		}
		verdict["contentDigest"] = task.ContentDigest
		said := engine.Ask(http.MethodPut, below(p, "/gates/dlp/verdict"), nil, verdict)
		p.Holds(said.Status == http.StatusOK, "verdict: %s", said)
		p.Eventually(InReview)
		p.TrailVerifies()
		p.Holds(engine.Ask(http.MethodGet, below(p, ""), nil, nil).Status == http.StatusUnauthorized, "a gate reads requests")
	})
}

// A gate that never answers holds a request up until its deadline and no longer. People are
// told, the policy says what follows, and what the gate says then comes too late.
func TestASilentGate(t *testing.T) {
	id := ""
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		gates(p, external(map[string]any{"deadlineMinutes": 1, "retries": 1, "inconclusive": "review"}))
		p.As(Researcher).Creates(Export).Uploads("a.csv", []byte("a,b\n1,2\n")).Submits()
		p.Until(func() string {
			if now := p.As(Researcher).Ask(http.MethodGet, below(p, ""), nil, nil); !strings.Contains(string(now.Body), "Waiting for the security gates: dlp.") {
				return "nobody is told what the request waits for: " + now.String()
			}
			return ""
		})
		id = p.ID
	})
	t.Parallel() // the policy is unchanged: the gate is frozen in the request
	playIn(t, "genomics", 3*time.Minute, func(p *Play) {
		p.As(Researcher).Takes(id, Export)
		engine := p.As(Engine).WithTokenOf("")
		var task map[string]any
		read := engine.Ask(http.MethodGet, below(p, "/gates/dlp"), nil, nil)
		p.Holds(read.Status == http.StatusOK && json.Unmarshal(read.Body, &task) == nil, "task: %s", read)
		r := p.Eventually(InReview)
		p.Holds(strings.Contains(r.Message(), "The gate dlp could not come to a word about the files (it did not answer in time)."), "nobody is told why: %q", r.Message())
		p.TrailHasSoon("the silence", func(r AuditRecord) bool { return r.Action == "gate_inconclusive" })
		verdict := map[string]any{"contentDigest": task["contentDigest"], "outcome": "passed", "engine": map[string]any{"name": "test"}, "files": task["files"]}
		late := engine.Ask(http.MethodPut, below(p, "/gates/dlp/verdict"), nil, verdict)
		p.Holds(late.Status == http.StatusGone && strings.Contains(string(late.Body), "gate_decided"), "a word that comes too late: %s", late)
		p.As(Manager).Approves("looked at by hand")
		p.Eventually(Approved)
		p.TrailVerifies()
	})
}
