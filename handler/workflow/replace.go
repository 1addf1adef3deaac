package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// replace notes on an ended request of the caller's that another one takes its place. It
// comes before that one is created: an interrupted create leaves a name that leads
// nowhere, until it is repeated. Errors: *airlock.InvalidError, *airlock.Fault.
func (s *Service) replace(ctx context.Context, p airlock.Principal, ws airlock.Workspace, old, by airlock.RequestID) error {
	_, err := s.decide(ctx, ws, old, p, func(c *change) error {
		switch {
		case !c.MadeBy(p.ID):
			return airlock.ErrNotFound
		case !c.Status.Final():
			return &airlock.InvalidError{Violations: []airlock.Violation{{Rule: "not_ended", Member: "replaces", Message: "The request to be replaced has not ended; cancel it first, or submit it again if it was returned."}}}
		case c.Archived():
			return &airlock.InvalidError{Violations: []airlock.Violation{{Rule: "imported", Member: "replaces", Message: "The request to be replaced was imported from the airlock that was used before, and nothing changes it. Create yours without replaces, and name it in the justification."}}}
		case c.ReplacedBy == by:
			return errUnchanged
		}
		c.ReplacedBy = by
		c.Touch(p, c.at)
		rec := c.recordInPlace(audit.Replaced)
		rec.Detail = map[string]string{"by": string(by)}
		return nil
	})
	if errors.Is(err, airlock.ErrNotFound) {
		return &airlock.InvalidError{Violations: []airlock.Violation{{Rule: "unknown_request", Member: "replaces", Message: "You have no request with that id in this workspace."}}}
	}
	return err
}
