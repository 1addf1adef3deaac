package story

import (
	"net/http"
	"slices"
)

// Decides reviews with any of the decisions: approve, reject, request_changes. more are further members of the body. The
// request may have moved on from the review by the time the answer was written.
func (a *Person) Decides(decision, why string, more map[string]any) *Person {
	body := map[string]any{"decision": decision, "decisionExplanation": why}
	for name, value := range more {
		body[name] = value
	}
	r := a.act("review", body)
	a.told = ""
	a.tell("", a.Persona, "decides %s: %q", decision, why)
	a.Holds(r.ID == a.ID, "the answer is about another request")
	return a
}

// AsksForChanges sends the request back.
func (a *Person) AsksForChanges(why string) *Person {
	return a.Decides("request_changes", why, nil)
}

// IsReturned waits until the requestor has the files back, in a container of their own that no earlier link opens.
func (p *Play) IsReturned() *Play {
	r := p.Eventually(Returned)
	p.turn = r.Turn + 1
	p.draftLink = ""
	return p
}

// Removes deletes files of the draft with the draft's link.
func (a *Person) Removes(names ...string) *Person {
	for _, name := range names {
		status := a.Sends(http.MethodDelete, name, "", nil, nil)
		a.Holds(status == http.StatusAccepted, "deleting %q is answered with %d", name, status)
		a.files = slices.DeleteFunc(a.files, func(f File) bool { return f.Name == name })
	}
	a.tell("", a.Persona, "removes %d files", len(names))
	return a
}

// Renames gives the bytes of a file another name.
func (a *Person) Renames(from, to string) *Person {
	f := a.files[slices.IndexFunc(a.files, func(f File) bool { return f.Name == from })]
	f.Name = to
	return a.Removes(from).UploadsFiles(f)
}

// Path is a path of the API below the request's own.
func (p *Play) Path(rest string) string { return p.path(rest) }

// Comments says something about the request, to everyone or to reviewers.
func (a *Person) Comments(text, visibility string) *Person {
	a.wants(http.StatusCreated, http.MethodPost, a.path("/comments"), nil, map[string]string{"text": text, "visibility": visibility})
	a.tell("", a.Persona, "comments for %s: %q", visibility, text)
	return a
}

// Claims says that the reviewer is on it.
func (a *Person) Claims() *Person {
	a.act("claim", nil)
	a.tell("", a.Persona, "claims the request")
	return a
}

// LeftBehind expects that a file does not arrive with the others.
func (a *Person) LeftBehind(name string) *Person {
	a.files = slices.DeleteFunc(a.files, func(f File) bool { return f.Name == name })
	a.holdsUploads(a.link())
	a.tell("", a.Persona, "does not find %s among the released files", name)
	return a
}

// TrailVerifiesFor is TrailVerifies as somebody else sees it.
func (p *Play) TrailVerifiesFor(persona string) *Play {
	creator := p.creator
	p.creator = persona
	defer func() { p.creator = creator }()
	return p.TrailVerifies()
}
