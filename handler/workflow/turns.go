package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// Turns returns a request with those of its turns that have ended, the first one first.
// Errors: as Get.
func (s *Service) Turns(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.EndedTurn, error) {
	r, err := s.Get(ctx, p, ws, id)
	if err != nil {
		return airlock.Request{}, nil, err
	}
	turns, err := s.Requests.Turns(ctx, ws.ID, id)
	return r, turns, err
}
