package workflow

import (
	"context"
	"fmt"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// codeGivenUp is the failure of a request that somebody gave up.
const codeGivenUp = "given_up"

// GiveUp ends a request that the system is at, as failed. It asks nothing outside,
// so the request may be waiting for anything. The half-made copies of its step are
// deleted. The bytes that a retry resumes from stay until a cancel. Repeating it by
// the same person answers the present state. Errors: airlock.ErrNotFound,
// airlock.ErrPrecondition, *airlock.RefusedError, *airlock.TransitionError,
// *airlock.Fault.
func (s *Service) GiveUp(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, reason, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if c.Failure != nil && c.Failure.Code == codeGivenUp && c.UpdatedBy.ID == p.ID {
			return errUnchanged
		}
		access, err := c.allow(airlock.ActionGiveUp)
		if err != nil {
			return err
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		// The row may be full: it holds the beginning of the reason, the trail all of it.
		cause := fmt.Sprintf("given up by %s: %s", clipped(p.Name, 100), clipped(strings.Join(strings.Fields(reason), " "), 300))
		rec, err := c.failBy(airlock.TriggerGiveUp, unrecoverable{code: codeGivenUp, operation: "give up", cause: cause}, "The request was "+cause)
		if err != nil {
			return err
		}
		rec.Reason = reason
		if access.ByApplication {
			rec.Detail["application"] = audit.AllowedByPolicy
		}
		s.askDeletion(c)
		return nil
	})
}

// clipped is the beginning of a text, at most n characters of it.
func clipped(text string, n int) string {
	if all := []rune(text); len(all) > n {
		return string(all[:n-1]) + "…"
	}
	return text
}
