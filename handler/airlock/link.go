package airlock

import (
	"slices"
	"time"
)

const (
	// LinkStands is how long an issued link stands for others of its kind, but
	// never longer than half its life.
	LinkStands = 10 * time.Minute
	// maxLinks bounds the links kept in a row.
	maxLinks = 20
)

// IssuedLink is a link that somebody got: everything but its signature, which no
// record holds. The links to single files that a person got stand together as one.
type IssuedLink struct {
	By      UserID    `json:"by"`
	Stage   Stage     `json:"stage"`
	Turn    int       `json:"turn,omitempty"`
	Write   bool      `json:"write,omitempty"`
	From    time.Time `json:"from"`
	Expires time.Time `json:"expires"`
	// Files has a bit for each file of the manifest, set where there is a link to that
	// file. It is nil for a link to the container.
	Files []byte `json:"files,omitempty"`
}

// sameKind reports whether one of the links takes the place of the other.
func (l IssuedLink) sameKind(o IssuedLink) bool {
	return l.By == o.By && l.Stage == o.Stage && l.Turn == o.Turn && l.Write == o.Write && (l.Files == nil) == (o.Files == nil)
}

// For reports whether there is a link to the file at an index of the manifest.
func (l IssuedLink) For(file int) bool {
	return file/8 < len(l.Files) && l.Files[file/8]&(1<<(file%8)) != 0
}

// With returns the link with one to the file at an index of the manifest.
func (l IssuedLink) With(file int) IssuedLink {
	files := make([]byte, max(len(l.Files), file/8+1))
	copy(files, l.Files)
	files[file/8] |= 1 << (file % 8)
	l.Files = files
	return l
}

// LinkFor returns the link that stands for one of a kind that the same person asks for
// at a moment, and false when there is none. A link that outlives the policy's lifetime
// counted from then, because that was shortened, stands for nothing.
func (w Work) LinkFor(kind IssuedLink, at time.Time, lifetime time.Duration) (IssuedLink, bool) {
	for _, l := range w.Links {
		stands := min(LinkStands, l.Expires.Sub(l.From)/2)
		if l.sameKind(kind) && !at.Before(l.From) && at.Sub(l.From) < stands && !l.Expires.After(at.Add(lifetime)) {
			return l, true
		}
	}
	return IssuedLink{}, false
}

// NoteLink notes an issued link, in the place of an earlier one of its kind.
func (w *Work) NoteLink(l IssuedLink) {
	others := append(slices.DeleteFunc(slices.Clone(w.Links), l.sameKind), l)
	w.Links = others[max(0, len(others)-maxLinks):]
}
