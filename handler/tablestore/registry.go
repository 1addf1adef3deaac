package tablestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// registryPartition is the partition all workspaces are in, their trails, and the generation.
const registryPartition = "workspaces"

// Workspace returns a workspace of the registry as it is in force, from memory if it
// was read in the last seconds. Each caller gets a copy of their own. A workspace that
// is new is admitted (registryadmit.go).
//
// Errors: airlock.ErrNoWorkspace, *airlock.Fault; its code is
// airlock.UnreadableRow for a row that is no valid workspace, airlock.StateDamaged for
// one that somebody else put in force.
func (s *Store) Workspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	const operation = "read workspace"
	e, err := s.workspaces.Get(ctx, id, func(ctx context.Context) (registryEntry, error) { return s.usableEntry(ctx, operation, id) })
	if err != nil {
		return airlock.Workspace{}, s.noWorkspace(operation, err)
	}
	w, err := e.decoded()
	if err != nil {
		return airlock.Workspace{}, s.unreadable(operation, err)
	}
	return w.Clone(), nil
}

// CurrentWorkspace is Workspace without the memory. Of a row that is no valid
// workspace it returns the readable part, at least its id and version, beside
// the error, so that it can be replaced.
func (s *Store) CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	const operation = "read workspace"
	e, err := s.readEntry(ctx, operation, id)
	if err != nil {
		return airlock.Workspace{}, s.noWorkspace(operation, err)
	}
	w, err := e.decoded()
	w.ID, w.ETag = id, version(e.etag())
	if err != nil {
		return w.Clone(), s.unreadable(operation, err)
	}
	return w.Clone(), nil
}

// Workspaces returns all workspaces as they are in force, ordered by id, from memory
// if they were read in the last seconds. One row that is no valid workspace must not
// stop the work of all others: the error then names the row, and the valid ones are
// returned beside it.
//
// Errors: *airlock.Fault, several joined.
func (s *Store) Workspaces(ctx context.Context) ([]airlock.Workspace, error) {
	const operation = "list workspaces"
	entries, err := s.allWorkspaces.Get(ctx, struct{}{}, func(ctx context.Context) ([]registryEntry, error) { return s.usableEntries(ctx, operation) })
	if err != nil {
		return nil, s.noWorkspace(operation, err)
	}
	all := make([]airlock.Workspace, 0, len(entries))
	var bad []error
	for _, e := range entries {
		w, err := e.decoded()
		if err != nil {
			bad = append(bad, s.unreadable(operation, err))
			continue
		}
		all = append(all, w.Clone())
	}
	return all, errors.Join(bad...)
}

// usableEntry reads a workspace and has it admitted where nobody did so yet.
func (s *Store) usableEntry(ctx context.Context, operation string, id airlock.WorkspaceID) (registryEntry, error) {
	e, err := s.readEntry(ctx, operation, id)
	if err != nil {
		return registryEntry{}, err
	}
	return s.admitRow(ctx, e)
}

func (s *Store) usableEntries(ctx context.Context, operation string) ([]registryEntry, error) {
	entries, err := s.readEntries(ctx, operation)
	for i := range entries {
		if err == nil {
			entries[i], err = s.admitRow(ctx, entries[i])
		}
		if errors.Is(err, airlock.ErrNotFound) { // removed meanwhile: the next listing is without it
			entries[i], err = refused(entries[i], err), nil
		}
	}
	return entries, err
}

// readEntry reads both rows of a workspace with one call: their keys are neighbours.
// Errors: airlock.ErrNotFound, *airlock.Fault.
func (s *Store) readEntry(ctx context.Context, operation string, id airlock.WorkspaceID) (registryEntry, error) {
	entries, err := s.entries(ctx, operation, rangeFilter(registryPartition, string(id), string(id)+"}"))
	if err != nil {
		return registryEntry{}, err
	}
	if i := slices.IndexFunc(entries, func(e registryEntry) bool { return e.id == string(id) }); i >= 0 {
		return entries[i], nil
	}
	return registryEntry{}, fmt.Errorf("tablestore: %s: %w", operation, airlock.ErrNotFound)
}

// readEntries reads all workspaces, but neither trails nor the generation.
func (s *Store) readEntries(ctx context.Context, operation string) ([]registryEntry, error) {
	return s.entries(ctx, operation, "PartitionKey eq "+odataText(registryPartition)+" and RowKey lt "+odataText(workspaceTrail))
}

// entries puts the rows of a listing together. Errors of a row are told when its entry
// is decoded, which is done once.
func (s *Store) entries(ctx context.Context, operation, filter string) ([]registryEntry, error) {
	var all []registryEntry
	for r, err := range s.rows(ctx, operation, s.registry, query{filter: filter, etags: true}) {
		if err != nil {
			return nil, err
		}
		id, inForce := strings.CutSuffix(r.key, inForceSuffix)
		if len(all) == 0 || all[len(all)-1].id != id {
			all = append(all, registryEntry{id: id})
		}
		last := &all[len(all)-1]
		if inForce {
			last.inForce = readInForce(r)
		} else {
			last.outside = readOutside(r)
		}
	}
	for i := range all {
		all[i] = all[i].once(s.reserved)
	}
	return all, nil
}

// WorkspaceTrail returns the audit rows of a workspace as they lie in the table, in
// the order of their keys, also those that are damaged.
//
// Errors: *airlock.Fault.
func (s *Store) WorkspaceTrail(ctx context.Context, id airlock.WorkspaceID) ([]audit.Row, error) {
	from, to := between(workspaceTrail, string(id))
	return s.trail(ctx, s.registry, registryPartition, from, to)
}

// refused is an entry that cannot be used, with any content.
func refused(e registryEntry, why error) registryEntry {
	decoded := e.decoded
	e.decoded = func() (airlock.Workspace, error) {
		w, _ := decoded()
		return w, why
	}
	return e
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
