package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// timeouts takes the steps that only time calls for: drafts expire, data past its retention is
// deleted.
func (s *Service) timeouts(ctx context.Context, ws airlock.Workspace, r airlock.Request) (bool, error) {
	c := &change{Request: r, ws: ws, at: s.config.Now().UTC()}
	switch {
	case c.claimRunOut():
		return s.decided(s.endClaimRunOut(ctx, ws, r))
	case c.old():
		return s.decided(s.expire(ctx, ws, r))
	case c.pastRetention():
		return s.decided(s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("retention"), func(c *change) error {
			if !c.pastRetention() {
				return errUnchanged
			}
			c.giveUp(c.Held()...)
			c.Work.DataDeleted = c.at
			rec := c.record(audit.RetentionEnded)
			rec.From, rec.To = c.Status, c.Status
			s.askDeletion(c)
			return nil
		}))
	case !r.Work.Due.IsZero() && !c.at.Before(r.Work.Due):
		// The index row is stale: compute the due time anew.
		_, err := s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("reconciler"), func(c *change) error {
			if next := s.due(c); next.Equal(c.Work.Due) || !next.IsZero() && !next.After(c.at) {
				return errUnchanged
			}
			return nil
		})
		return false, err
	}
	return false, nil
}

// reportOverdue tells people and operators, once, that a request has been in its
// status longer than the policy allows.
func (s *Service) reportOverdue(ctx context.Context, ws airlock.Workspace, r airlock.Request) (airlock.Request, error) {
	now, err := s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("reconciler"), func(c *change) error {
		if !c.late() {
			return errUnchanged
		}
		c.Work.Overdue = true
		rec := c.record(audit.Overdue)
		rec.From, rec.To = c.Status, c.Status
		c.emitNotice("overdue")
		return nil
	})
	if err == nil {
		s.config.Log.ErrorContext(ctx, "request is overdue", "alert", logging.RequestOverdue, "request", r.ID, "status", r.Status, "since", r.StatusSince)
	}
	return now, err
}

func (c *change) late() bool {
	at := c.overdueAt()
	return !at.IsZero() && !c.at.Before(at)
}

func (c *change) pastRetention() bool {
	keep := c.ws.Policy.KeepFor(c.Status)
	return keep > 0 && c.Work.DataDeleted.IsZero() && !c.at.Before(c.StatusSince.Add(keep))
}
