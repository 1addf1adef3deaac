package story

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Person is one persona acting in a story. Its steps return it again, so that they can be chained.
type Person struct {
	*Play
	Persona   string
	workspace string // of the token
}

// As lets a persona act.
func (p *Play) As(persona string) *Person { return &Person{p, persona, p.options.Workspace} }

// WithTokenOf makes the person come with the token of another workspace.
func (a *Person) WithTokenOf(workspace string) *Person { return &Person{a.Play, a.Persona, workspace} }

// Ask makes one call and returns whatever the answer is. Patient people repeat it while the service is in trouble.
func (a *Person) Ask(method, path string, header http.Header, body any) Answer {
	until := time.Now().Add(a.options.Within)
	for {
		answer, err := a.Cloud.Call(a.ctx, a.Persona, a.workspace, method, path, header, body)
		troubled := err != nil || answer.troubled()
		if !troubled || !a.options.Patient || time.Now().After(until) || a.ctx.Err() != nil {
			if err != nil {
				a.Fail("%s asks %s %s: %v", a.Persona, method, path, err)
			}
			return answer
		}
		a.rest(30 * time.Millisecond)
	}
}

// Rests lets time pass, in which something must not happen.
func (p *Play) Rests(d time.Duration) { p.rest(d) }

// rest waits between two looks; the wait ends with the story's context.
func (p *Play) rest(d time.Duration) {
	select {
	case <-p.ctx.Done():
	case <-time.After(d):
	}
}

func (a *Person) wants(status int, method, path string, header http.Header, body any) Answer {
	answer := a.Ask(method, path, header, body)
	if answer.Status != status {
		a.Fail("%s asks %s %s: want %d, got %s", a.Persona, method, path, status, answer)
	}
	return answer
}

func (p *Play) requests() string { return "/workspaces/" + p.workspaceID + "/requests" }

// path is a path below the request's own.
func (p *Play) path(rest string) string { return p.requests() + "/" + p.ID + rest }

// Creates opens a new request, which is from now on the one in play.
func (a *Person) Creates(direction string) *Person {
	a.key++
	// With a key the call may be repeated when its answer gets lost.
	header := http.Header{"Idempotency-Key": {fmt.Sprintf("story-%d-%d", a.began.UnixNano(), a.key)}}
	body := map[string]string{"type": direction, "title": "Story", "businessJustification": "To see whether it holds."}
	answer := a.wants(http.StatusCreated, http.MethodPost, a.requests(), header, body)
	var e envelope
	a.must(answer.Into(&e))
	a.ID, a.direction, a.creator, a.files, a.draftLink, a.turn = e.Request.ID, direction, a.Persona, nil, "", 1
	a.shared.Store(a.ID)
	a.tell(Draft, a.Persona, "opens an %s request", direction)
	a.told = Draft
	a.Holds(e.Request.Status == Draft, "a new request is %q", e.Request.Status)
	return a
}

// Takes makes a draft of the persona's, which somebody else has put there, the request in play.
func (a *Person) Takes(id, direction string) *Person {
	a.ID, a.direction, a.creator, a.files, a.draftLink, a.turn = id, direction, a.Persona, nil, "", 1
	a.shared.Store(id)
	a.told = Draft
	return a
}

// act posts one of the request's actions and returns the request as it is then.
func (a *Person) act(action string, body any) Request {
	answer := a.wants(http.StatusOK, http.MethodPost, a.path("/"+action), nil, body)
	var e envelope
	a.must(answer.Into(&e))
	return e.Request
}

// Submits hands the draft in.
func (a *Person) Submits() *Person { return a.acted(a.act("submit", nil), "submits", Submitted) }

// Approves reviews with yes.
func (a *Person) Approves(why string) *Person {
	r := a.act("review", map[string]any{"approval": true, "decisionExplanation": why})
	last := r.Reviews[len(r.Reviews)-1]
	a.Holds(last.Explanation == why && last.Decision == "approved", "the review says %q %q", last.Decision, last.Explanation)
	return a.acted(r, fmt.Sprintf("approves: %q", why), ApprovalInProgress)
}

// Rejects reviews with no.
func (a *Person) Rejects(why string) *Person {
	return a.acted(a.act("review", map[string]any{"approval": false, "decisionExplanation": why}), fmt.Sprintf("rejects: %q", why), RejectionInProgress)
}

// Cancels withdraws the request.
func (a *Person) Cancels() *Person { return a.acted(a.act("cancel", nil), "cancels", Cancelled) }

// Revokes takes an approval back.
func (a *Person) Revokes(why string) *Person {
	return a.acted(a.act("revoke", map[string]any{"reason": why}), fmt.Sprintf("revokes: %q", why), Revoked)
}

// GivesUp ends a request that the system is at.
func (a *Person) GivesUp(why string) *Person {
	return a.acted(a.act("give-up", map[string]any{"reason": why}), fmt.Sprintf("gives it up: %q", why), Failed)
}

// Retries has a failed request go on. While the service clears away the failed step's leftovers it asks for patience.
func (a *Person) Retries() *Person {
	var answer Answer
	a.Until(func() string {
		if answer = a.Tries("retry"); answer.Status == http.StatusServiceUnavailable {
			return "the failed step's leftovers are being cleared away"
		}
		return ""
	})
	a.Holds(answer.Status == http.StatusOK, "retry: %s", answer)
	var e envelope
	a.must(answer.Into(&e))
	return a.acted(e.Request, "retries", "")
}

// acted tells of a step; the request may have moved on from the status by the time the answer was written.
func (a *Person) acted(r Request, what, status string) *Person {
	if status != "" && r.Status != status {
		later := map[string][]string{
			Submitted:           {InReview, BlockingInProgress, BlockedByScan},
			ApprovalInProgress:  {Approved, InReview},
			RejectionInProgress: {Rejected},
		}[status]
		a.Holds(slices.Contains(later, r.Status), "%s %s, and the request is %q", a.Persona, what, r.Status)
		if r.Status == InReview {
			status = "" // an approval that was not the last one needed
		}
	}
	a.tell(status, a.Persona, "%s", what)
	a.told = status
	return a
}

// attempts are the actions a person may be refused.
var attempts = map[string]struct {
	method, path string
	body         any
}{
	"read":    {http.MethodGet, "", nil},
	"link":    {http.MethodGet, "/link", nil},
	"history": {http.MethodGet, "/history", nil},
	"receipt": {http.MethodGet, "/receipt", nil},
	"submit":  {http.MethodPost, "/submit", nil},
	"cancel":  {http.MethodPost, "/cancel", nil},
	"review":  {http.MethodPost, "/review", map[string]any{"approval": true, "decisionExplanation": "let it pass"}},
	"reject":  {http.MethodPost, "/review", map[string]any{"approval": false, "decisionExplanation": "no"}},
	"revoke":  {http.MethodPost, "/revoke", map[string]any{"reason": "no"}},
	"retry":   {http.MethodPost, "/retry", nil},
	"give-up": {http.MethodPost, "/give-up", map[string]any{"reason": "it takes too long"}},
}

// Tries attempts an action and returns the answer.
func (a *Person) Tries(action string) Answer {
	try, known := attempts[action]
	if !known {
		panic("story: no action " + action) // a mistake in the story's text
	}
	return a.Ask(try.method, a.path(try.path), nil, try.body)
}

// TriesIn attempts an action on the request in play as if it belonged to another workspace.
func (a *Person) TriesIn(workspace, action string) Answer {
	try := attempts[action]
	return a.Ask(try.method, "/workspaces/"+a.Cloud.Workspaces[workspace]+"/requests/"+a.ID+try.path, nil, try.body)
}

// IsRefused attempts an action that must be answered with this status.
func (a *Person) IsRefused(action string, status int) *Person {
	answer := a.Tries(action)
	if answer.Status != status {
		a.Fail("%s tries to %s: want %d, got %s", a.Persona, action, status, answer)
	}
	a.tell("", a.Persona, "may not %s: %d", action, status)
	return a
}
