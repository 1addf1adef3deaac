package tablestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
)

// registryPartition is the partition all workspaces are in.
const registryPartition = "workspaces"

// Workspace returns a workspace of the registry, from memory if it was read in
// the last seconds. Each caller gets a copy of their own.
//
// Errors: airlock.ErrNoWorkspace, *airlock.Fault.
func (s *Store) Workspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	const operation = "read workspace"
	r, err := s.workspaces.get(ctx, id, func(ctx context.Context) (registryRow, error) { return s.readWorkspace(ctx, operation, id) })
	if err != nil {
		return airlock.Workspace{}, s.noWorkspace(operation, err)
	}
	w, err := r.decoded()
	if err != nil {
		return airlock.Workspace{}, s.unreadable(operation, err)
	}
	return w.Clone(), nil
}

// Workspaces returns all workspaces, ordered by id, from memory if they were
// read in the last seconds. One row nobody can read must not stop the work of
// all others: the error then names the row, and the readable ones are returned
// beside it.
//
// Errors: *airlock.Fault, several joined.
func (s *Store) Workspaces(ctx context.Context) ([]airlock.Workspace, error) {
	const operation = "list workspaces"
	rows, err := s.everyone.get(ctx, struct{}{}, func(ctx context.Context) ([]registryRow, error) { return s.readWorkspaces(ctx, operation) })
	if err != nil {
		return nil, s.noWorkspace(operation, err)
	}
	all := make([]airlock.Workspace, 0, len(rows))
	var bad []error
	for _, r := range rows {
		w, err := r.workspace()
		if err != nil {
			bad = append(bad, s.unreadable(operation, err))
			continue
		}
		all = append(all, w)
	}
	return all, errors.Join(bad...)
}

// Put writes a workspace: it creates the row when w.ETag is empty and else
// replaces the one at that version, counting PolicyVersion up from what is
// stored. It returns what was stored. What is valid is the caller's business.
//
// Errors: airlock.ErrExists, airlock.ErrStale, airlock.ErrTooLarge, *airlock.Fault.
func (s *Store) Put(ctx context.Context, w airlock.Workspace) (airlock.Workspace, error) {
	const name = "write workspace"
	defer s.forget(w.ID)
	at, version, err := s.putAt(ctx, name, w)
	if err != nil {
		return airlock.Workspace{}, err
	}
	w.PolicyVersion = version
	mark := rand.Text()
	r, err := workspaceRow(w, mark)
	if err != nil {
		return airlock.Workspace{}, err
	}
	write := insert(r)
	if at != "" {
		write = replace(r, at)
	}
	at, _, err = s.submit(ctx, s.registry, name, []operation{write})
	if err == nil && at != "" {
		return stamped(w, at), nil
	}
	if err != nil && !conflict(err) {
		return airlock.Workspace{}, err
	}
	// A refusal may be our own work, repeated by the SDK after a lost answer.
	found, unconfirmed := s.readWorkspace(ctx, "confirm workspace", w.ID)
	switch {
	case unconfirmed == nil && found.mark == mark:
		return stamped(w, found.etag), nil
	case unconfirmed != nil && !errors.Is(unconfirmed, airlock.ErrNotFound):
		return airlock.Workspace{}, unconfirmed
	case errors.Is(err, airlock.ErrExists):
		return airlock.Workspace{}, err
	}
	return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrStale)
}

func stamped(w airlock.Workspace, at azcore.ETag) airlock.Workspace {
	w.ETag = version(at)
	return w
}

// putAt returns the ETag to write over, "" to create, and the row's new version.
func (s *Store) putAt(ctx context.Context, operation string, w airlock.Workspace) (azcore.ETag, int, error) {
	if w.ETag == "" {
		return "", 1, nil
	}
	found, err := s.readWorkspace(ctx, operation, w.ID)
	if errors.Is(err, airlock.ErrNotFound) || err == nil && version(found.etag) != w.ETag {
		return "", 0, fmt.Errorf("tablestore: %s: %w", operation, airlock.ErrStale)
	}
	return found.etag, found.version + 1, err
}

func (s *Store) readWorkspace(ctx context.Context, operation string, id airlock.WorkspaceID) (registryRow, error) {
	found, err := s.registry.GetEntity(ctx, registryPartition, string(id), nil)
	if err != nil {
		return registryRow{}, s.judge(operation, err)
	}
	r, err := readRegistryRow(parse(found.Value))
	if err != nil {
		return registryRow{}, s.unreadable(operation, err)
	}
	r.etag = found.ETag
	r.decoded = sync.OnceValues(r.workspace)
	return r, nil
}

func (s *Store) readWorkspaces(ctx context.Context, operation string) ([]registryRow, error) {
	var all []registryRow
	q := query{filter: "PartitionKey eq " + quoted(registryPartition), etags: true}
	for r, err := range s.rows(ctx, operation, s.registry, q) {
		if err != nil {
			return nil, err
		}
		row, err := readRegistryRow(r)
		if err != nil {
			row.damage = err
		}
		all = append(all, row)
	}
	return all, nil
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
	return s.judge(operation, err)
}

func (s *Store) forget(id airlock.WorkspaceID) {
	s.workspaces.forget(id)
	s.everyone.forget(struct{}{})
}
