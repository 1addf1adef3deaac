package audit

import "example.org/airlock/handler/airlock"

// Commit is one decision and one write: the new state of a request with everything
// that must be written with it or not at all.
type Commit struct {
	// Request is the new state. Its Chain is the head after Records.
	Request airlock.Request
	// Was is the state that Version was read with; nil creates the request.
	Was     *airlock.Request
	Version airlock.Version
	Records []Sealed
	Events  []airlock.Event
	// Unsealed says that Was was read from a row without a seal: all rows of the request
	// are written anew.
	Unsealed bool
	// Turn is written to a row of its own, nil when none ends.
	Turn *airlock.EndedTurn
	// Comment is written to a row of its own, nil for none; a retracted one over itself.
	Comment *airlock.Comment
	// Verdicts are written to rows of their own. One takes the place of an earlier one of
	// the same file, ETag and outcome.
	Verdicts []airlock.KeptVerdict
}
