package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// hold stops the release of the request that an unclear scan result names, until an
// operator has looked at the parked event. A request that is not there, or an account
// that is not where its sealed bytes lie, concerns nobody.
func (s *Service) hold(ctx context.Context, p airlock.Parked) error {
	ws, err := s.locate(ctx, "", p.Concerns.Name.Request())
	if errors.Is(err, airlock.ErrNotFound) || errors.Is(err, airlock.ErrNoWorkspace) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, ws, p.Concerns.Name.Request(), airlock.SystemPrincipal("scan gate"), func(c *change) error {
		place, _ := c.PlaceOf(*p.Concerns)
		inProgress, _ := airlock.StageOf(c.Type, airlock.Submitted)
		if place.Stage != inProgress || !c.ScanRequired || !c.releasable() || !c.AddHold(airlock.Hold{Event: p.ID, Reason: p.Reason, Since: c.at}) {
			return errUnchanged
		}
		if !c.Status.Final() && c.Status != airlock.BlockingInProgress { // else it says why it ended
			c.StatusMessage = messageHeld
		}
		rec := c.record(audit.Held)
		rec.From, rec.To, rec.Reason, rec.Security = c.Status, c.Status, p.Reason, true
		rec.Detail = map[string]string{"event": p.ID}
		return nil
	})
	return err
}

// onHold reports whether a request waits for an operator before its release.
func onHold(r airlock.Request) bool {
	return len(r.Holds) > 0 && r.Status == airlock.ApprovalInProgress
}

// endHold lets the request go on that waited for a parked event. by is the operator
// who looked.
func (s *Service) endHold(ctx context.Context, by airlock.Principal, p airlock.Parked) error {
	if p.Concerns == nil {
		return nil
	}
	ws, err := s.locate(ctx, "", p.Concerns.Name.Request())
	if errors.Is(err, airlock.ErrNotFound) || errors.Is(err, airlock.ErrNoWorkspace) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, ws, p.Concerns.Name.Request(), by, func(c *change) error {
		if !c.EndHold(p.ID) {
			return errUnchanged
		}
		if len(c.Holds) == 0 && c.StatusMessage == messageHeld {
			c.StatusMessage = ""
		}
		rec := c.record(audit.HoldEnded)
		rec.From, rec.To = c.Status, c.Status
		rec.Detail = map[string]string{"event": p.ID}
		if c.Status.Moving() {
			c.emitContinue()
		}
		return nil
	})
	return err
}
