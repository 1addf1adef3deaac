package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// standing is what the records say of a container.
type standing int

const (
	unclaimed standing = iota
	// claimed: a request has bytes there, or is about to delete them.
	claimed
	// begun: it is a draft's, by the intent that create writes first, and there is
	// no request.
	begun
)

// standing reports what the records say of a container with the name of one of the
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
	r, _, err := s.Requests.Load(ctx, ws.ID, id)
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

// sweptFormat is the version of the notes about what a sweep deleted.
const sweptFormat = "airlock-swept/1"

// sweptNote is the evidence that a container was deleted that belongs to no
// request's trail. It is written before.
type sweptNote struct {
	Format    string                `json:"format"`
	At        time.Time             `json:"at"`
	Actor     audit.Actor           `json:"actor"`
	Account   string                `json:"account"`
	Container airlock.ContainerName `json:"container"`
	Workspace airlock.WorkspaceID   `json:"workspace"` // by the intent of the create
	Changed   time.Time             `json:"changed"`   // the container, last
}

func (s *Service) noteSwept(ctx context.Context, con airlock.Container, ws airlock.WorkspaceID, changed time.Time) error {
	at := s.Now().UTC()
	body, err := json.Marshal(sweptNote{Format: sweptFormat, At: at, Actor: actorOf(airlock.SystemPrincipal("sweep")),
		Account: con.Account, Container: con.Name, Workspace: ws, Changed: changed.UTC()})
	if err != nil {
		return err
	}
	name := "swept/" + con.Account + "/" + string(con.Name) + "-" + at.Format("20060102T150405.000000000Z") + ".json"
	return s.Evidence.Append(ctx, anchorsContainer, name, append(body, '\n'))
}
