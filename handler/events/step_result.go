package events

import "context"

// onStepResult takes the news that a step or a gate has ended as a reason to
// look at the request.
func onStepResult(ctx context.Context, s Service, e event) error {
	ws, id, err := hintOf(e)
	if err != nil {
		return err
	}
	return s.Advance(ctx, ws, id, e.because())
}
