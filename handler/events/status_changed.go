package events

import "context"

// onStatusChanged takes the news that a request has a new status as a reason to
// look at it. The status in the event is not read: the row says what is true.
func onStatusChanged(ctx context.Context, s Service, e event) error {
	h, err := hintOf(e)
	if err != nil {
		return err
	}
	return s.Heed(ctx, h)
}
