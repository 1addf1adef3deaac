package airlock

import (
	"slices"
	"time"
)

const (
	// LinkStands is how long an issued link stands for others of its kind, but
	// never longer than half its life.
	LinkStands = 10 * time.Minute
	// maxLinks bounds what links add to a row.
	maxLinks = 20
)

// IssuedLink is a link that somebody got: everything but its signature, which no
// record holds.
type IssuedLink struct {
	By      UserID    `json:"by"`
	Stage   Stage     `json:"stage"`
	Write   bool      `json:"write,omitempty"`
	From    time.Time `json:"from"`
	Expires time.Time `json:"expires"`
}

// LinkFor returns the link that stands for one that the same person asks for at a
// moment, and false when there is none. A link that outlives the policy's lifetime
// counted from then, because that was shortened, stands for nothing.
func (w Work) LinkFor(by UserID, stage Stage, write bool, at time.Time, lifetime time.Duration) (IssuedLink, bool) {
	for _, l := range w.Links {
		stands := min(LinkStands, l.Expires.Sub(l.From)/2)
		if l.By == by && l.Stage == stage && l.Write == write && !at.Before(l.From) && at.Sub(l.From) < stands && !l.Expires.After(at.Add(lifetime)) {
			return l, true
		}
	}
	return IssuedLink{}, false
}

// NoteLink notes an issued link, in the place of an earlier one of its kind.
func (w *Work) NoteLink(l IssuedLink) {
	others := slices.DeleteFunc(slices.Clone(w.Links), func(o IssuedLink) bool {
		return o.By == l.By && o.Stage == l.Stage && o.Write == l.Write
	})
	others = append(others, l)
	w.Links = others[max(0, len(others)-maxLinks):]
}
