package tablestore

import (
	"context"
	"errors"
	"fmt"

	"example.org/airlock/handler/airlock"
)

const workspaceKey = "workspace"

// Register notes which workspace a request belongs to, and reports whether that was on
// record. Repeating it is safe; it returns airlock.ErrExists for an id that belongs to
// another workspace.
func (s *Store) Register(ctx context.Context, id airlock.RequestID, ws airlock.WorkspaceID) (known bool, err error) {
	r := newRow(string(id), workspaceKey)
	r.columns["Workspace"] = string(ws)
	_, _, err = s.submit(ctx, s.requestWorkspaces, "register request", []operation{insert(r)})
	if !errors.Is(err, airlock.ErrExists) {
		return false, err
	}
	found, err := s.WorkspaceOf(ctx, id)
	if err != nil {
		return false, err
	}
	if found != ws {
		return false, fmt.Errorf("tablestore: register request %s: it belongs to another workspace: %w", id, airlock.ErrExists)
	}
	return true, nil
}

// WorkspaceOf returns the workspace of a request, or airlock.ErrNotFound for an
// id that was never registered. The request itself may not exist.
func (s *Store) WorkspaceOf(ctx context.Context, id airlock.RequestID) (airlock.WorkspaceID, error) {
	const operation = "find workspace of request"
	found, err := s.requestWorkspaces.GetEntity(ctx, string(id), workspaceKey, nil)
	if err != nil {
		return "", s.faultOf(operation, err)
	}
	r, err := s.read(ctx, requestWorkspacesTable, found.Value)
	if err != nil {
		return "", err
	}
	r.known()
	ws := airlock.WorkspaceID(r.text("Workspace"))
	if err := r.done(); err != nil {
		return "", s.unreadable(operation, err)
	}
	return ws, nil
}
