package events

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// onStepResult takes the news that a step or a gate has ended as a reason to
// look at the request. A canary event is about none.
func onStepResult(ctx context.Context, s Service, e event) error {
	if e.Subject == airlock.CanarySubject {
		err := s.CanaryReturned(ctx, e.ID)
		if errors.Is(err, airlock.ErrNotFound) { // nobody waits for it any more
			return errForeign
		}
		return err
	}
	h, err := hintOf(e)
	if err != nil {
		return err
	}
	return s.Heed(ctx, h)
}
