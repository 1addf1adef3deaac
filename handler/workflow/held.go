package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// held is a request as one call has it in hand: as it was read, or as the call's
// own commit left it.
type held struct {
	airlock.Request
	version airlock.Version
	// own is true for a state that a commit of this call has just left: to go on, nothing
	// need be read.
	own bool
}

// decideHeld is decide for a step that has the request in hand, which spares a
// read; the row that the commit leaves takes the place of at. A faster writer has
// changed the row's version, so nothing is written on old news. An error of f, or its
// word that there is nothing to do, may be old news, so f is asked again about the
// row as it is.
func (s *Service) decideHeld(ctx context.Context, ws airlock.Workspace, at *held, by airlock.Principal, f func(c *change) error) (airlock.Request, error) {
	from := *at
	from.own = false
	if now, err := s.decideOn(ctx, ws, from, by, f); err == nil && now.own {
		*at = now
		return now.Request, nil
	}
	return s.decide(ctx, ws, at.ID, by, f)
}
