package workflow

import (
	"context"
	"strconv"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// sendBack moves the request towards the requestor by a trigger, and ends its turn. reason
// is for the record, why for the requestor. It returns the record of the decision.
func (c *change) sendBack(on airlock.Trigger, reason, why string) (*audit.Record, error) {
	turn := c.EndTurn(why, c.at)
	c.turn, c.Reopened = &turn, true
	if _, err := c.move(on, reason); err != nil {
		return nil, err
	}
	at := len(c.records) - 1
	ended := c.record(audit.TurnEnded)
	ended.From, ended.To = c.Status, c.Status
	ended.Detail = map[string]string{"turn": strconv.Itoa(turn.Turn), "sha256": turn.Hash()}
	return &c.records[at], nil
}

// startTurn prepares the submit of a request that was returned: reviews, and what was
// said of the files, are with the turn that ended.
func (c *change) startTurn() {
	if c.Status != airlock.Returned {
		return
	}
	c.Resubmits++
	c.Reopened, c.Changed, c.Reviews = false, nil, []airlock.Review{}
	c.SelfReviewed, c.ApprovalsRequired, c.Rule, c.Work.Verdicts = false, 0, airlock.ReviewRule{Anonymous: c.Rule.Anonymous}, 0
}

// recordTurnStarted records that another turn than the first has begun.
func (c *change) recordTurnStarted() {
	if c.Resubmits == 0 {
		return
	}
	rec := c.record(audit.TurnStarted)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"turn": strconv.Itoa(c.Turn())}
}

// noteChanges holds the files, whose hashes are known by now, against the turn before.
func (s *Service) noteChanges(ctx context.Context, c *change) error {
	if c.Resubmits == 0 {
		return nil
	}
	turns, err := s.config.Requests.Turns(ctx, c.Workspace, c.ID)
	if err != nil {
		return err
	}
	for _, t := range turns {
		if t.Turn == c.Turn()-1 {
			c.NoteChanges(t)
		}
	}
	return nil
}
