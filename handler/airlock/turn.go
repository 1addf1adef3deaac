package airlock

import "time"

// EndedTurn is a turn of a request that a reviewer, or a gate, sent back. It is a row of
// its own, so that the request's row does not grow with its turns.
type EndedTurn struct {
	Turn  int       `json:"turn"`
	Ended time.Time `json:"ended"`
	// Why is the reason told to the requestor.
	Why     string   `json:"why,omitempty"`
	Files   []File   `json:"files"`
	Reviews []Review `json:"reviews"`
	Answers Answers  `json:"answers,omitempty"`
	// Gates are the gates' words.
	Gates []GateRun `json:"gates,omitempty"`
}

// RowText is the text of the turn's row.
func (t EndedTurn) RowText() []byte { return rowText(t) }

// Hash is the lower-case hex SHA-256 of the turn's row, which the trail has.
func (t EndedTurn) Hash() string { return hexSum(t.RowText()) }

// EndTurn returns the present turn as it ends at a moment.
func (r Request) EndTurn(why string, at time.Time) EndedTurn {
	c := r.Clone()
	return EndedTurn{Turn: r.Turn(), Ended: at, Why: why, Files: c.Files, Reviews: c.Reviews, Answers: c.Answers, Gates: c.Gates}
}

// TurnChange counts the files' changes since the turn before, and names the files
// that are gone as far as there is room.
type TurnChange struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Renamed   int `json:"renamed"`
	Removed   int `json:"removed"`
	// Gone are the first of the removed names.
	Gone []string `json:"gone,omitempty"`
}

// maxOldNames bounds the characters of earlier names in a request's row. The answer
// about a turn has all of them.
const maxOldNames = 20_000

// HoldAgainst notes each file's change since an earlier turn, and returns
// the names that are gone.
func (r *Request) HoldAgainst(before EndedTurn) (removed []string) {
	compared := Compare(before.Files, r.Files)
	for i, f := range compared.Files {
		r.Files[i].Change, r.Files[i].From = f.Change, f.From
	}
	return compared.Removed
}

// NoteChanges compares the files with those of the turn before and notes with each file what
// became of it.
func (r *Request) NoteChanges(before EndedTurn) {
	compared, room := Compare(before.Files, r.Files), maxOldNames
	fits := func(name string) bool {
		room -= len(name)
		return room >= 0
	}
	t := TurnChange{Removed: len(compared.Removed)}
	for i, f := range compared.Files {
		r.Files[i].Change, r.Files[i].From = f.Change, ""
		switch f.Change {
		case FileNew:
			t.New++
		case FileChanged:
			t.Changed++
		case FileUnchanged:
			t.Unchanged++
		case FileRenamed:
			t.Renamed++
			if fits(f.From) {
				r.Files[i].From = f.From
			}
		}
	}
	for _, name := range compared.Removed {
		if !fits(name) {
			break
		}
		t.Gone = append(t.Gone, name)
	}
	r.Changed = &t
}
