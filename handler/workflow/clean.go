package workflow

import (
	"context"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// deleteGivenUp deletes the containers a decision gave up, and records that they
// are gone. A container that is not there is recorded as such: an earlier call that was
// interrupted may have deleted it, or somebody else.
func (s *Service) deleteGivenUp(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	r := at.Request
	var done []airlock.Place
	found := map[airlock.Removal][]string{}
	for _, place := range r.Work.Delete {
		if r.MayHold(place) { // a decision after the one that gave it up needs it again
			done = append(done, place)
			continue
		}
		con, err := r.ContainerAt(place)
		if err != nil {
			return false, err
		}
		// Whenever this call arrives, it finds the container that was given up or none.
		what, err := s.Blobs.DeleteContainer(ctx, con, r.Work.GivenUp.Add(clockSkew))
		if err != nil {
			return false, err
		}
		done, found[what] = append(done, place), append(found[what], con.Site())
	}
	if len(done) == 0 {
		return false, nil
	}
	return s.decided(s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("deletion"), func(c *change) error {
		// Given up once more since: what is there now may be younger than the deletion.
		if !c.Work.GivenUp.Equal(r.Work.GivenUp) {
			return errUnchanged
		}
		before := len(c.Work.Delete)
		c.Work.Delete = slices.DeleteFunc(c.Work.Delete, func(place airlock.Place) bool { return slices.Contains(done, place) })
		if len(c.Work.Delete) == before {
			return errUnchanged
		}
		c.Work.Attempts = 0
		c.recordDeleted(found)
		return nil
	}))
}

// recordDeleted tells what was found of the containers that were to go.
func (c *change) recordDeleted(found map[airlock.Removal][]string) {
	for _, kind := range []struct {
		action audit.Action
		found  []string
	}{{audit.DataDeleted, found[airlock.Removed]}, {audit.DataAbsent, found[airlock.Absent]}, {audit.DataKept, found[airlock.Kept]}} {
		if len(kind.found) > 0 {
			rec := c.record(kind.action)
			rec.From, rec.To = c.Status, c.Status
			rec.Detail = map[string]string{"accounts": strings.Join(kind.found, " ")}
		}
	}
}

// DataDeletion takes a deletion event as a hint: what the request's own state
// gave up is deleted, nothing else, whatever the event names. Errors:
// airlock.ErrNotFound for an unknown request; others mean "deliver again".
func (s *Service) DataDeletion(ctx context.Context, account string, id airlock.RequestID) error {
	return s.Advance(ctx, "", id, "deletion asked for "+account)
}
