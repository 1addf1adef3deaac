package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// leftQuarantine lets a request to the gate whose files came back from quarantine: once the
// container there is gone, and no deletion of it is under way that could meet the files
// if they are quarantined once more.
func (s *Service) leftQuarantine(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	again := false
	_, err := s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("scan gate"), func(c *change) error {
		again = c.leftQuarantine()
		if !again {
			return errUnchanged
		}
		c.LeftQuarantine()
		if err := s.adopt(ctx, c); err != nil {
			return err
		}
		return s.passWithTags(ctx, c)
	})
	return again && err == nil, err
}

// leftQuarantine reports whether the way back from quarantine is over.
func (c *change) leftQuarantine() bool {
	return c.Status == airlock.Submitted && c.Arrived() && c.LeavingQuarantine() && c.clearing() <= 0
}
