package workflow

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// deleteGivenUp deletes the containers a decision gave up, and records that they
// are gone. A container that is not there is recorded as such: an earlier call that was
// interrupted may have deleted it, or somebody else.
func (s *Service) deleteGivenUp(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	gone, err := s.removeGivenUp(ctx, at.Request)
	if err != nil || len(gone.places) == 0 {
		return false, err
	}
	return s.decided(s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("deletion"), func(c *change) error {
		if !c.noteGone(gone) {
			return errUnchanged
		}
		return nil
	}))
}

// gone is the state of the containers that were given up at a moment.
type gone struct {
	givenUp time.Time
	places  []airlock.Place
	found   map[airlock.Removal][]string
}

// removeGivenUp deletes the containers that were given up. Safe to repeat: whenever the
// call arrives, it finds the container that was given up or none.
func (s *Service) removeGivenUp(ctx context.Context, r airlock.Request) (gone, error) {
	g := gone{givenUp: r.Work.GivenUp, found: map[airlock.Removal][]string{}}
	for _, place := range r.Work.Delete {
		if r.MayHold(place) { // a decision after the one that gave it up needs it again
			g.places = append(g.places, place)
			continue
		}
		con, err := r.ContainerAt(place)
		if err != nil {
			return gone{}, err
		}
		what, err := s.config.Blobs.DeleteContainer(ctx, con, r.Work.GivenUp.Add(clockSkew))
		if err != nil {
			return gone{}, err
		}
		g.places, g.found[what] = append(g.places, place), append(g.found[what], con.Site())
	}
	return g, nil
}

// noteGone records what became of containers that were given up, and reports whether that
// is news.
func (c *change) noteGone(g gone) bool {
	// Given up once more since: the container there now may be younger than the deletion.
	if !c.Work.GivenUp.Equal(g.givenUp) {
		return false
	}
	before := len(c.Work.Delete)
	c.Work.Delete = slices.DeleteFunc(c.Work.Delete, func(place airlock.Place) bool { return slices.Contains(g.places, place) })
	if len(c.Work.Delete) == before {
		return false
	}
	c.Work.Attempts = 0
	c.recordDeleted(g.found)
	return true
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
