package doctor

import (
	"cmp"
	"slices"
)

// State is the outcome of a check.
type State string

// The outcomes.
const (
	OK    State = "ok"
	Wrong State = "wrong"
	// CannotTell means that the check could not be made. Often another finding
	// says why.
	CannotTell State = "cannot tell"
)

// Finding is the outcome of one check of one thing.
type Finding struct {
	Check string `json:"check" doc:"What is checked, e.g. account, topic, key."`
	About string `json:"about" doc:"The thing it is about, e.g. an account's name."`
	State State  `json:"state" enum:"ok,wrong,cannot tell"`
	Says  string `json:"says" doc:"What was found."`
	Fix   string `json:"fix,omitempty" doc:"What mends it."`
}

// Report holds the findings of an examination: faults first, then things that nobody
// can tell, then things that are well; within that by check and thing.
type Report []Finding

// Well reports whether nothing is wrong.
func (r Report) Well() bool {
	return !slices.ContainsFunc(r, func(f Finding) bool { return f.State == Wrong })
}

var order = []State{Wrong, CannotTell, OK}

func (r Report) sort() {
	slices.SortStableFunc(r, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)), cmp.Compare(a.Check, b.Check), cmp.Compare(a.About, b.About))
	})
}
