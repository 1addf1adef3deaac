package httpapi

import (
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// Filters narrow a list of requests. The store itself knows the statuses; for the others
// at most 1,000 requests are looked at.
type Filters struct {
	Status       []Status `query:"status,explode" nullable:"false" doc:"Only these statuses; may be repeated."`
	HeldBy       Holder   `query:"held_by" doc:"Only requests that these have to act on, by their status."`
	Words        string   `query:"q" maxLength:"200" doc:"Only requests with all these words, or beginnings or parts of words, in the title or the requestor's name."`
	UpdatedSince float64  `query:"updated_since" minimum:"0" doc:"Only requests that were changed then or later, in seconds since 1970."`
}

// statuses are those that a request may have. none is true if there are none at all.
func (f Filters) statuses() (statuses []airlock.Status, none bool) {
	for _, s := range f.Status {
		if !slices.Contains(statuses, airlock.Status(s)) {
			statuses = append(statuses, airlock.Status(s))
		}
	}
	if f.HeldBy == "" {
		return statuses, false
	}
	held := wording.StatusesOf(string(f.HeldBy))
	if len(statuses) == 0 {
		return held, len(held) == 0
	}
	statuses = slices.DeleteFunc(statuses, func(s airlock.Status) bool { return !slices.Contains(held, s) })
	return statuses, len(statuses) == 0
}

// narrow reports whether keep has anything to do.
func (f Filters) narrow() bool { return f.HeldBy != "" || f.Words != "" || f.UpdatedSince > 0 }

// keep returns the requests that fit the filters unknown to the store.
func (f Filters) keep(requests []airlock.Request) []airlock.Request {
	words := strings.Fields(strings.ToLower(f.Words))
	return slices.DeleteFunc(slices.Clone(requests), func(r airlock.Request) bool {
		text := strings.ToLower(r.Title + "\n" + r.CreatedBy.Name)
		lacks := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		return lacks || seconds(r.UpdatedWhen) < f.UpdatedSince || f.HeldBy != "" && wording.Now(r).HeldBy != string(f.HeldBy)
	})
}
