package workflow

import (
	"context"
	"slices"

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
	c.emitDeletion(containers, s.config.BlobHost)
}
