package workflow

import (
	"context"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Claim says that the caller is on a request in review. It takes the place of another's
// claim, and keeps nobody from reviewing. Repeating it while it stands changes nothing.
// Errors: airlock.ErrNotFound, *airlock.RefusedError, *airlock.TransitionError,
// *airlock.Fault.
func (s *Service) Claim(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if _, err := c.allow(airlock.ActionClaim); err != nil {
			return err
		}
		if now := c.ClaimAt(c.at); now != nil && now.By.ID == p.ID {
			return errUnchanged
		}
		c.Touch(p, c.at)
		c.Claim = &airlock.Claim{By: p, Since: c.at, Until: c.at.Add(ws.Policy.ClaimLife())}
		rec := c.recordInPlace(audit.Claimed)
		rec.Detail = map[string]string{"until": c.Claim.Until.Format(time.RFC3339)}
		return nil
	})
}

// Unclaim ends the caller's claim. Without one it changes nothing. Errors as Claim.
func (s *Service) Unclaim(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if _, err := c.allow(airlock.ActionClaim); err != nil {
			return err
		}
		if now := c.ClaimAt(c.at); now == nil || now.By.ID != p.ID {
			return errUnchanged
		}
		c.endClaim()
		return nil
	})
}

func (c *change) endClaim() {
	c.Touch(c.by, c.at)
	rec := c.recordInPlace(audit.ClaimEnded)
	rec.Detail = map[string]string{"until": c.Claim.Until.Format(time.RFC3339)}
	c.Claim = nil
}

// claimRunOut reports whether a claim has ended by itself, which is not recorded yet.
func (c *change) claimRunOut() bool {
	return c.Claim != nil && c.Status == airlock.InReview && !c.at.Before(c.Claim.Until)
}

// claimEnds is when the present claim ends by itself, zero for never.
func (c *change) claimEnds() time.Time {
	if c.Claim == nil || c.Status != airlock.InReview {
		return time.Time{}
	}
	return c.Claim.Until
}

// endClaimRunOut records the end of a claim, and tells reviewers that nobody is on it.
func (s *Service) endClaimRunOut(ctx context.Context, ws airlock.Workspace, r airlock.Request) (airlock.Request, error) {
	return s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("reconciler"), func(c *change) error {
		if !c.claimRunOut() {
			return errUnchanged
		}
		c.endClaim()
		c.emitNotice(airlock.NoticeClaimExpired)
		return nil
	})
}
