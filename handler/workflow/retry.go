package workflow

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
)

// clockSkew is how far the clocks of storage and of this service may differ. A retry
// may make a container anew when settled has passed since it was given up: a late
// deletion must not meet the new one.
const (
	clockSkew = 10 * time.Second
	settled   = clockSkew + 5*time.Second
)

// clearing is how long it takes until the containers that the last step gave up are gone,
// and until a late deletion misses the next container of the same name. They hold the
// leftovers of a failed step, the copies in progress of a request that was blocked, or
// the copies in quarantine of one that came back from there.
func (c *change) clearing() time.Duration {
	var cleared time.Time
	switch {
	case c.Failure != nil:
		cleared = c.Failure.Cleared
	case c.Status == airlock.BlockedByScan, c.LeavingQuarantine():
		cleared = c.Work.GivenUp
	}
	if cleared.IsZero() {
		return 0
	}
	wait := cleared.Add(settled).Sub(c.at)
	if len(c.Work.Delete) > 0 {
		wait = max(wait, 5*time.Second)
	}
	return wait
}

// Retry runs the step again in which a request failed, and has the files of a blocked
// one scanned anew in which nobody found malware. Repeating a retry by the same person
// answers the present state. Errors: airlock.ErrNotFound, airlock.ErrPrecondition,
// *airlock.RefusedError, *airlock.StatusError, *airlock.TransitionError, *airlock.Fault.
func (s *Service) Retry(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if c.retriedBy(p.ID) {
			return errUnchanged
		}
		if _, err := c.allow(airlock.ActionRetry); err != nil {
			return err
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		if !c.Work.DataDeleted.IsZero() {
			return &airlock.StatusError{Rule: "data_deleted", Reason: "The data of this airlock request was deleted when its retention ended; create a new request."}
		}
		if wait := c.clearing(); wait > 0 {
			return &airlock.Fault{Kind: airlock.Transient, Code: airlock.ClearingUp, Operation: "retry", Account: "airlock", After: wait,
				Err: errors.New("the last step's leftovers are being deleted")}
		}
		c.RetryGates()
		if c.Status == airlock.BlockedByScan {
			return c.bringBack()
		}
		for i := range c.Files {
			// A scan that was given up starts anew: one fresh copy is made in spite of
			// the policy's number, since only new bytes get a new verdict.
			c.Files[i].Rescans, c.Files[i].CopiedWhen = -1, c.at
		}
		if _, err := c.move(airlock.TriggerRetry, ""); err != nil {
			return err
		}
		// A verdict that came meanwhile counts.
		if c.stopsForMalware() {
			_, err := c.blockMalware()
			return err
		}
		return nil
	})
}

// retriedBy reports whether the last that a person did with the request was a retry by
// that person, and the request goes on since.
func (c *change) retriedBy(id airlock.UserID) bool {
	if c.Status.Final() && c.Status != airlock.Approved {
		return false
	}
	by := c.UpdatedBy
	for _, before := range slices.Backward(c.History) {
		if by.ID != airlock.SystemID {
			return by.ID == id && (before.Status == airlock.Failed || before.Status == airlock.BlockedByScan)
		}
		by = before.By
	}
	return false
}

// bringBack sends a blocked request's files on their way back from quarantine.
func (c *change) bringBack() error {
	c.BringBack()
	if _, err := c.move(airlock.TriggerRetry, ""); err != nil {
		return err
	}
	if c.StatusMessage == "" {
		c.StatusMessage = messageLeavingQuarantine
	}
	return nil
}
