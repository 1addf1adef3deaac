package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// Find returns the workspace of a request that the caller created or may review, with no
// more than the request's id at hand. For everybody else, as for an id that nobody knows,
// it is airlock.ErrNotFound: who has no part in a request must not learn that it is there.
// Errors: also *airlock.Fault.
func (s *Service) Find(ctx context.Context, p airlock.Principal, id airlock.RequestID) (airlock.WorkspaceID, error) {
	ws, err := s.locate(ctx, "", id)
	if errors.Is(err, airlock.ErrNoWorkspace) { // it was given up
		err = airlock.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	r, _, err := s.config.Requests.Load(ctx, ws.ID, id)
	if err != nil {
		return "", err
	}
	if r.CreatedBy.ID == p.ID {
		return ws.ID, nil
	}
	manager, err := s.config.Directory.Holds(ctx, ws, p.ID, airlock.RoleManager)
	if err == nil && !manager {
		err = airlock.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return ws.ID, nil
}

// People returns who holds the roles of a workspace, as the directory knew some minutes
// ago, without their addresses. Errors: *airlock.RefusedError, *airlock.Fault.
func (s *Service) People(ctx context.Context, p airlock.Principal, ws airlock.Workspace) (airlock.Contacts, error) {
	if err := readable(p, ws); err != nil {
		return airlock.Contacts{}, err
	}
	var found airlock.Contacts
	for role, people := range map[airlock.Role]*[]airlock.Person{
		airlock.RoleOwner: &found.Owners, airlock.RoleManager: &found.AirlockManagers, airlock.RoleResearcher: &found.Researchers,
	} {
		members, err := s.config.Directory.Members(ctx, ws, role)
		if err != nil {
			return airlock.Contacts{}, err
		}
		for _, m := range members {
			*people = append(*people, airlock.Person{ID: m.ID, Name: m.Name})
		}
	}
	return found, nil
}
