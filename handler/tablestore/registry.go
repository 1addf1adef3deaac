package tablestore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.org/airlock/handler/airlock"
)

// registryPartition is the partition all workspaces are in, and the generation.
const registryPartition = "workspaces"

// Workspace returns a workspace of the registry, from memory if it was read in
// the last seconds. Each caller gets a copy of their own.
//
// Errors: airlock.ErrNoWorkspace, *airlock.Fault; its code is
// airlock.UnreadableRow for a row that is no valid workspace.
func (s *Store) Workspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	const operation = "read workspace"
	r, err := s.workspaces.Get(ctx, id, func(ctx context.Context) (registryRow, error) { return s.usableRow(ctx, operation, id) })
	if err != nil {
		return airlock.Workspace{}, s.noWorkspace(operation, err)
	}
	w, err := r.decoded()
	if err != nil {
		return airlock.Workspace{}, s.unreadable(operation, err)
	}
	return w.Clone(), nil
}

// CurrentWorkspace is Workspace without the memory. Of a row that is no valid
// workspace it returns what can be made out, at least its id and version, beside
// the error, so that it can be replaced.
func (s *Store) CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	const operation = "read workspace"
	r, err := s.readWorkspace(ctx, operation, id)
	if err != nil {
		return airlock.Workspace{}, s.noWorkspace(operation, err)
	}
	w, err := r.decoded()
	w.ID, w.ETag = id, version(r.etag)
	if err != nil {
		return w.Clone(), s.unreadable(operation, err)
	}
	return w.Clone(), nil
}

// Workspaces returns all workspaces, ordered by id, from memory if they were
// read in the last seconds. One row that is no valid workspace must not stop the
// work of all others: the error then names the row, and the valid ones are
// returned beside it.
//
// Errors: *airlock.Fault, several joined.
func (s *Store) Workspaces(ctx context.Context) ([]airlock.Workspace, error) {
	const operation = "list workspaces"
	rows, err := s.allWorkspaces.Get(ctx, struct{}{}, func(ctx context.Context) ([]registryRow, error) { return s.usableRows(ctx, operation) })
	if err != nil {
		return nil, s.noWorkspace(operation, err)
	}
	all := make([]airlock.Workspace, 0, len(rows))
	var bad []error
	for _, r := range rows {
		w, err := r.decoded()
		if err != nil {
			bad = append(bad, s.unreadable(operation, err))
			continue
		}
		all = append(all, w.Clone())
	}
	return all, errors.Join(bad...)
}

// usableRow reads a row and has it admitted where nobody did so yet.
func (s *Store) usableRow(ctx context.Context, operation string, id airlock.WorkspaceID) (registryRow, error) {
	r, err := s.readWorkspace(ctx, operation, id)
	if err != nil {
		return registryRow{}, err
	}
	return s.admit(ctx, r)
}

func (s *Store) usableRows(ctx context.Context, operation string) ([]registryRow, error) {
	rows, err := s.readWorkspaces(ctx, operation)
	for i := range rows {
		if err == nil {
			rows[i], err = s.admit(ctx, rows[i])
		}
		if errors.Is(err, airlock.ErrNotFound) { // removed meanwhile: the next listing is without it
			rows[i], err = refused(rows[i], err), nil
		}
	}
	return rows, err
}

func (s *Store) readWorkspace(ctx context.Context, operation string, id airlock.WorkspaceID) (registryRow, error) {
	found, err := s.registry.GetEntity(ctx, registryPartition, string(id), nil)
	if err != nil {
		return registryRow{}, s.faultOf(operation, err)
	}
	r, err := s.read(ctx, workspacesTable, found.Value)
	if err != nil {
		return registryRow{}, err
	}
	r.etag = found.ETag
	return s.registryRow(r), nil
}

// readWorkspaces reads all rows, but not the generation.
func (s *Store) readWorkspaces(ctx context.Context, operation string) ([]registryRow, error) {
	var all []registryRow
	q := query{filter: "PartitionKey eq " + quoted(registryPartition) + " and RowKey lt " + quoted(generationKey), etags: true}
	for r, err := range s.rows(ctx, operation, s.registry, q) {
		if err != nil {
			return nil, err
		}
		all = append(all, s.registryRow(r))
	}
	return all, nil
}

// registryRow reads a row. What is wrong with it is told when it is decoded,
// which is done once.
func (s *Store) registryRow(stored *stored) registryRow {
	r, err := readRegistryRow(stored)
	r.decoded = sync.OnceValues(func() (airlock.Workspace, error) {
		if err != nil {
			return airlock.Workspace{}, err
		}
		return r.workspace(s.reserved)
	})
	return r
}

// refused is a row that cannot be used, whatever is in it.
func refused(r registryRow, why error) registryRow {
	decoded := r.decoded
	r.decoded = func() (airlock.Workspace, error) {
		w, _ := decoded()
		return w, why
	}
	return r
}

// noWorkspace says ErrNotFound in the registry's own words, and makes a fault
// of a caller's end.
func (s *Store) noWorkspace(operation string, err error) error {
	var fault *airlock.Fault
	switch {
	case errors.Is(err, airlock.ErrNotFound):
		return fmt.Errorf("tablestore: %s: %w", operation, airlock.ErrNoWorkspace)
	case errors.As(err, &fault):
		return err
	}
	return s.faultOf(operation, err)
}

func (s *Store) forget(id airlock.WorkspaceID) {
	s.workspaces.Forget(id)
	s.allWorkspaces.Forget(struct{}{})
}
