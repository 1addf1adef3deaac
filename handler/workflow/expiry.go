package workflow

import (
	"context"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// expiryDue is when something is to be done about a draft's age: first its
// requestor is told, then it ends. It never ends before they had the time that they
// were told, also when the policy has changed meanwhile. Zero means never.
func (c *change) expiryDue() time.Time {
	life, notice := c.ws.Policy.DraftLife()
	switch {
	case !c.Status.Open() || life == 0:
		return time.Time{}
	case c.Work.ExpiryTold.IsZero():
		return c.StatusSince.Add(life - notice)
	}
	end := c.StatusSince.Add(life)
	if told := c.Work.ExpiryTold.Add(notice); told.After(end) {
		return told
	}
	return end
}

func (c *change) old() bool {
	at := c.expiryDue()
	return !at.IsZero() && !c.at.Before(at)
}

// expire takes the step that a draft's age calls for.
func (s *Service) expire(ctx context.Context, ws airlock.Workspace, r airlock.Request) (airlock.Request, error) {
	return s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("retention"), func(c *change) error {
		if !c.old() {
			return errUnchanged
		}
		if c.Work.ExpiryTold.IsZero() {
			c.Work.ExpiryTold = c.at
			rec := c.record(audit.DraftExpiring)
			rec.From, rec.To = c.Status, c.Status
			rec.Detail = map[string]string{"expires": c.expiryDue().Format(time.RFC3339)}
			c.emitNotice(airlock.NoticeDraftExpiring)
			return nil
		}
		c.giveUpStage(c.stage())
		if _, err := c.move(airlock.TriggerExpire, fmt.Sprintf("It was not submitted within %d days.", ws.Policy.Retention.DraftDays)); err != nil {
			return err
		}
		s.askDeletion(c)
		return nil
	})
}
