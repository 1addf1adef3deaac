package workflow

import (
	"time"

	"example.org/airlock/handler/airlock"
)

// due says when the reconciler looks at a request next: the moment at which an
// event that should have come has not, a deadline, or the end of retention.
// Zero means never: nothing is left to do.
func (s *Service) due(c *change) time.Time {
	switch {
	case c.Archived():
		return time.Time{}
	case !c.retryAt.IsZero():
		return c.retryAt
	case len(c.Work.Delete) > 0, c.OwesDocument():
		return c.at.Add(s.config.Grace)
	case c.Status == airlock.Submitted && c.Copied():
		return earliest(c.gateDue(s.config.Grace), c.overdueAt())
	case c.Status == airlock.Submitted && c.Arrived() && c.LeavingQuarantine():
		return c.at.Add(max(c.clearing(), time.Second))
	case onHold(c.Request):
		return c.overdueAt()
	case c.Status.Moving():
		return c.at.Add(s.config.Grace)
	case c.Status.Final():
		keep := c.ws.Policy.KeepFor(c.Status)
		if keep == 0 || !c.Work.DataDeleted.IsZero() {
			return time.Time{}
		}
		return c.StatusSince.Add(keep)
	}
	return earliest(earliest(c.overdueAt(), c.expiryDue()), c.claimEnds())
}

// overdueAt is when the present status passes its deadline; zero when it has
// none or was reported already.
func (c *change) overdueAt() time.Time {
	limit := c.ws.Policy.Deadline(c.Status)
	if limit == 0 || c.Work.Overdue {
		return time.Time{}
	}
	return c.StatusSince.Add(limit)
}

// gateDue is when the gate is looked at again: when its judgement changes by itself,
// and shortly when it calls for a step. On hold it is not.
func (c *change) gateDue(grace time.Duration) time.Time {
	g := c.gate()
	switch {
	case len(c.Holds) > 0 && g.Step == airlock.GateWaits && len(c.Gates) == 0:
		return time.Time{}
	case !c.waits():
		return c.at.Add(grace)
	}
	return g.Next
}

// waits reports whether the gate calls for no step now.
func (c *change) waits() bool {
	g := c.gate()
	return g.Step == airlock.GateWaits && len(g.Again) == 0 && !g.Moves() && !g.Inspect
}

// earliest returns the earlier of two moments; zero counts as never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// backoff is the wait after n failed tries: doubling from grace up to 15 min.
func backoff(n int, grace time.Duration) time.Duration {
	const longest = 15 * time.Minute
	wait := grace
	for range n - 1 {
		if wait *= 2; wait >= longest {
			return longest
		}
	}
	return wait
}
