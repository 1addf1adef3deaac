package wording

import "example.org/airlock/handler/airlock"

// Text is what people read: in a few words and in a sentence what has happened, then what
// happens next and who holds the request. In the tables its placeholders in braces are
// still to be filled. A link to files is never in a text, only the way to get one: texts
// are read by mail servers and forwarded by people.
type Text struct {
	Short   string // for a subject line
	Message string
	Next    string
	HeldBy  string // who has to act: Requestor, Manager, System or Nobody
	Calls   []Call // how to act
}

// Call is something the holder does, and the call of the API that does it.
type Call struct{ What, Method, Path string }

// The holders of a request.
const (
	Requestor = "requestor"
	Manager   = "airlock_manager"
	System    = "system"
	Nobody    = "nobody"
)

// Holders lists them.
func Holders() []string { return []string{Requestor, Manager, System, Nobody} }

// For returns the text about a request of a workspace, with nothing left to fill.
func (t Text) For(r airlock.Request, ws airlock.Workspace) Text {
	t.Short, t.Message, t.Next = fill(t.Short, r, ws), fill(t.Message, r, ws), fill(t.Next, r, ws)
	return t
}

// NextFor is For's Next alone: a list needs no more.
func (t Text) NextFor(r airlock.Request, ws airlock.Workspace) string { return fill(t.Next, r, ws) }
