package workflow

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
)

// Cancel ends a draft, a request in review or one that failed; its containers are
// deleted.
// Repeating a cancel by the same person answers the present state. Errors:
// airlock.ErrNotFound, airlock.ErrPrecondition, *airlock.RefusedError,
// *airlock.TransitionError, *airlock.Fault.
func (s *Service) Cancel(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error) {
	return s.end(ctx, p, ws, id, ending{airlock.ActionCancel, airlock.TriggerCancel, airlock.Cancelled, ""}, ifMatch)
}

// Revoke withdraws an approved request: the approved data is deleted, so links
// that are out stop working. Errors as Cancel.
func (s *Service) Revoke(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, reason, ifMatch string) (airlock.Request, error) {
	return s.end(ctx, p, ws, id, ending{airlock.ActionRevoke, airlock.TriggerRevoke, airlock.Revoked, reason}, ifMatch)
}

// ending is a person's step that ends a request and its data.
type ending struct {
	action  airlock.Action
	trigger airlock.Trigger
	to      airlock.Status
	reason  string
}

func (s *Service) end(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, e ending, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if c.Status == e.to && c.UpdatedBy.ID == p.ID {
			return errUnchanged
		}
		if _, err := c.allow(e.action); err != nil {
			return err
		}
		if err := checkTexts(said{"reason", e.reason, airlock.CheckText}); err != nil {
			return err
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		if c.Status == airlock.Failed {
			c.giveUp(c.Held()...)
			c.Failure = nil
		} else {
			c.giveUpStage(c.stage())
		}
		if e.to == airlock.Revoked {
			c.addReview(airlock.DecisionRevoked, e.reason, nil, false)
		}
		if _, err := c.move(e.trigger, e.reason); err != nil {
			return err
		}
		s.askDeletion(c)
		return nil
	})
}

// giveUp notes that the containers in some places must go.
func (c *change) giveUp(places ...airlock.Place) {
	for _, place := range places {
		if !slices.Contains(c.Work.Delete, place) {
			c.Work.Delete, c.Work.GivenUp = append(c.Work.Delete, place), c.at
		}
	}
}

// giveUpStage notes that the present container of a stage must go; "" is none.
func (c *change) giveUpStage(stage airlock.Stage) {
	if stage != "" {
		c.giveUp(c.Place(stage))
	}
}

// askDeletion publishes a deletion event for every container given up. The events
// are hints: where an account is not known, the deletion finds that out, and no
// decision has to wait for it.
func (s *Service) askDeletion(c *change) {
	var containers []airlock.Container
	for _, place := range c.Work.Delete {
		if con, err := c.ContainerAt(place); err == nil {
			containers = append(containers, con)
		}
	}
	c.emitDeletion(containers, s.BlobHost)
}

// clockSkew is how far the clocks of storage and of this service may differ, and
// settled how long after giving a container up a retry may make it anew: a
// deletion that is still on its way must not meet the new one.
const (
	clockSkew = 10 * time.Second
	settled   = clockSkew + 5*time.Second
)

// clearing is how long it takes until what the last step gave up is gone, and until a
// deletion of it that is still on its way misses what comes next under the same name:
// the leftovers of a failed step, the copies in progress of a request that was blocked,
// and the copies in quarantine of one that came back from there.
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
// one scanned anew in which nobody found malware. Errors: airlock.ErrNotFound,
// airlock.ErrPrecondition, *airlock.RefusedError, *airlock.StatusError,
// *airlock.TransitionError, *airlock.Fault.
func (s *Service) Retry(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
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
		if c.Status == airlock.BlockedByScan {
			return c.bringBack()
		}
		for i := range c.Files {
			// A scan that was given up starts anew: one fresh copy is made whatever
			// the policy's number, since only new bytes get a new verdict.
			c.Files[i].Rescans, c.Files[i].CopiedWhen = -1, c.at
		}
		if _, err := c.move(airlock.TriggerRetry, ""); err != nil {
			return err
		}
		// What the scanner said meanwhile counts.
		if c.stopsForMalware() {
			_, err := c.blockMalware()
			return err
		}
		return nil
	})
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
