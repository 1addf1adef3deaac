package workflow

import (
	"context"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// deleteGivenUp deletes the containers a decision gave up, and records that they
// are gone. A container that is not there counts as deleted.
func (s *Service) deleteGivenUp(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	r := at.Request
	var done []airlock.Stage
	var accounts []string
	for _, stage := range r.Work.Delete {
		if r.MayHold(stage) { // a decision after the one that gave it up needs it again
			done = append(done, stage)
			continue
		}
		con, err := s.container(ws, stage, r.ID)
		if err != nil {
			return false, err
		}
		// Whenever this call arrives, it finds the container that was given up or none.
		if err := s.Blobs.DeleteContainer(ctx, con, r.Work.GivenUp.Add(clockSkew)); err != nil {
			return false, err
		}
		done, accounts = append(done, stage), append(accounts, con.Account)
	}
	if len(done) == 0 {
		return false, nil
	}
	return s.decided(s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("deletion"), func(c *change) error {
		// Given up once more since: what is there now may be younger than the deletion.
		if !c.Work.GivenUp.Equal(r.Work.GivenUp) {
			return errUnchanged
		}
		before := len(c.Work.Delete)
		c.Work.Delete = slices.DeleteFunc(c.Work.Delete, func(stage airlock.Stage) bool { return slices.Contains(done, stage) })
		if len(c.Work.Delete) == before {
			return errUnchanged
		}
		c.Work.Attempts = 0
		if len(accounts) == 0 {
			return nil
		}
		rec := c.record(audit.DataDeleted)
		rec.From, rec.To = c.Status, c.Status
		rec.Detail = map[string]string{"accounts": strings.Join(accounts, " ")}
		return nil
	}))
}

// DataDeletion takes a deletion event as a hint: what the request's own state
// gave up is deleted, nothing else, whatever the event names. Errors:
// airlock.ErrNotFound for an unknown request; others mean "deliver again".
func (s *Service) DataDeletion(ctx context.Context, account string, id airlock.RequestID) error {
	return s.Advance(ctx, "", id, "deletion asked for "+account)
}
