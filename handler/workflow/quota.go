package workflow

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"example.org/airlock/handler/airlock"
)

// register notes the intent of a create, and makes sure that the person has room
// for one more draft. Looking for that takes no time of its own, but for those who
// had none within the hour: they must not leave an intent with every try. known is whether
// the intent was on record. Errors: *airlock.QuotaError, *airlock.Fault.
func (s *Service) register(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (known bool, err error) {
	full := s.full.count(ws.ID, p.ID, s.config.Now()) > 0
	if full {
		if err := s.mayDraft(ctx, p, ws); err != nil {
			return false, err
		}
		return s.config.Requests.Register(ctx, id, ws.ID)
	}
	room := make(chan error, 1)
	go func() { room <- s.mayDraft(ctx, p, ws) }()
	known, err = s.config.Requests.Register(ctx, id, ws.ID)
	return known, errors.Join(<-room, err)
}

// mayDraft reports whether a person has room for one more draft. Calls that come
// together may all find the last place free: the bound keeps a store in order, it
// protects nobody's data. Errors: *airlock.QuotaError, *airlock.Fault.
func (s *Service) mayDraft(ctx context.Context, p airlock.Principal, ws airlock.Workspace) error {
	most := ws.Policy.Quotas.OpenDrafts
	page, err := s.config.Requests.List(ctx, airlock.Query{Workspace: ws.ID, CreatedBy: p.ID, Statuses: []airlock.Status{airlock.Draft}, Limit: most})
	if err != nil {
		return err
	}
	if len(page.Requests) < most {
		return nil
	}
	s.full.take(ws.ID, p.ID, math.MaxInt, s.config.Now())
	return &airlock.QuotaError{Rule: "too_many_drafts",
		Reason: fmt.Sprintf("You have %d drafts in this workspace, as many as its policy allows. Submit or cancel one of them.", len(page.Requests))}
}

// maySubmit counts a submit. Errors: *airlock.QuotaError.
func (s *Service) maySubmit(p airlock.Principal, ws airlock.Workspace) error {
	most := ws.Policy.Quotas.SubmitsPerHour
	wait := s.submits.take(ws.ID, p.ID, most, s.config.Now())
	if wait == 0 {
		return nil
	}
	return &airlock.QuotaError{Rule: "too_many_submits", After: wait,
		Reason: fmt.Sprintf("You have submitted %d times within an hour, as often as the workspace's policy allows. Try again in %s.", most, wait.Round(time.Minute))}
}
