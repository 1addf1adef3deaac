package airlock

import (
	"slices"
	"time"
)

const (
	// RefusalsKept is how long a refused attempt stands for others of its kind.
	RefusalsKept = 10 * time.Minute
	// maxRefusals bounds the refusals kept in a row.
	maxRefusals = 20
)

// Refusal is a refused attempt.
type Refusal struct {
	By UserID    `json:"by"`
	Do Action    `json:"do"`
	At time.Time `json:"at"`
}

// NoteRefusal notes an attempt and reports whether it is to be recorded: it is
// not when the same person's attempt at the same action was noted less than
// RefusalsKept before.
func (w *Work) NoteRefusal(by UserID, do Action, at time.Time) bool {
	recent := slices.DeleteFunc(slices.Clone(w.Refusals), func(r Refusal) bool { return at.Sub(r.At) >= RefusalsKept })
	if slices.ContainsFunc(recent, func(r Refusal) bool { return r.By == by && r.Do == do }) {
		return false
	}
	recent = append(recent, Refusal{By: by, Do: do, At: at})
	w.Refusals = recent[max(0, len(recent)-maxRefusals):]
	return true
}
