package workflow

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// standing is the state of a container by the records.
type standing int

const (
	unclaimed standing = iota
	// claimed: a request has bytes there, or is about to delete them.
	claimed
	// begun: it is a draft's, by the intent that create writes first, and there is
	// no request.
	begun
)

// standing reports the state by the records of a container with the name of one of the
// request's. Its stage is the records' word: the names that the request can have there
// are made from them and compared. Errors: *airlock.Fault.
func (s *Service) standing(ctx context.Context, id airlock.RequestID, con airlock.Container) (standing, airlock.Workspace, error) {
	ws, err := s.locate(ctx, "", id)
	if errors.Is(err, airlock.ErrNotFound) || errors.Is(err, airlock.ErrNoWorkspace) {
		return unclaimed, airlock.Workspace{}, nil
	}
	if err != nil {
		return unclaimed, airlock.Workspace{}, err
	}
	r, _, err := s.config.Requests.Load(ctx, ws.ID, id)
	switch {
	case errors.Is(err, airlock.ErrNotFound):
		if s.beginsDraft(ws, id, con) {
			return begun, ws, nil
		}
		return unclaimed, ws, nil
	case err != nil:
		return unclaimed, ws, err
	}
	if place, known := r.PlaceOf(con); known && (r.MayHold(place) || slices.Contains(r.Work.Delete, place)) {
		return claimed, ws, nil
	}
	return unclaimed, ws, nil
}

// beginsDraft reports whether a container is the one that create would make for a
// request of the workspace.
func (s *Service) beginsDraft(ws airlock.Workspace, id airlock.RequestID, con airlock.Container) bool {
	return slices.ContainsFunc([]airlock.RequestType{airlock.Import, airlock.Export}, func(t airlock.RequestType) bool {
		stage, _ := airlock.StageOf(t, airlock.Draft)
		draft, err := s.accounts(ws).Container(id, airlock.Place{Stage: stage, Turn: 1})
		return err == nil && draft == con
	})
}

// recordSweep puts into the workspace's trail that a container is about to be deleted
// which belongs to no request's.
func (s *Service) recordSweep(ctx context.Context, con airlock.Container, ws airlock.WorkspaceID, changed time.Time) error {
	record := s.registryRecord(airlock.SystemPrincipal("sweep"), audit.ContainerSwept)
	record.Detail = map[string]string{"account": con.Account, "container": string(con.Name), "changed": changed.UTC().Format(time.RFC3339)}
	return s.config.Registry.Record(ctx, ws, record)
}
