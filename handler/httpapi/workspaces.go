package httpapi

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// WorkspacesAnswer is the answer of ListWorkspaces.
type WorkspacesAnswer struct{ Body WorkspaceList }

// WorkspaceList lists the workspaces.
type WorkspaceList struct {
	Workspaces []Workspace `json:"workspaces" nullable:"false"`
}

// WorkspaceAnswer is the answer of the routes on one workspace.
type WorkspaceAnswer struct {
	ETag string `header:"ETag" doc:"The workspace's _etag, quoted."`
	Body WorkspaceEnvelope
}

// WorkspaceEnvelope holds one workspace.
type WorkspaceEnvelope struct {
	Workspace Workspace `json:"workspace"`
}

// ScopeAnswer is the answer of GetWorkspaceScope.
type ScopeAnswer struct{ Body WorkspaceAuth }

// WorkspaceAuth holds the settings that a client needs to log in to a workspace.
type WorkspaceAuth struct {
	WorkspaceAuth ScopeID `json:"workspaceAuth"`
}

// ScopeID names a scope.
type ScopeID struct {
	ScopeID string `json:"scopeId"`
}

func (a *API) workspaces(ctx context.Context, c *call, _ *struct{}) (*WorkspacesAnswer, error) {
	all, err := a.config.Operations.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	out := &WorkspacesAnswer{Body: WorkspaceList{Workspaces: []Workspace{}}}
	for _, w := range all {
		out.Body.Workspaces = append(out.Body.Workspaces, workspaceView(c.principal, w))
	}
	return out, nil
}

func workspaceAnswer(c *call, w airlock.Workspace) *WorkspaceAnswer {
	return &WorkspaceAnswer{ETag: quotedTag(string(w.ETag)), Body: WorkspaceEnvelope{Workspace: workspaceView(c.principal, w)}}
}

func (a *API) workspace(_ context.Context, c *call, _ *WorkspacePath) (*WorkspaceAnswer, error) {
	return workspaceAnswer(c, c.workspace), nil
}

func (a *API) workspaceScope(_ context.Context, c *call, _ *WorkspacePath) (*ScopeAnswer, error) {
	return &ScopeAnswer{Body: WorkspaceAuth{WorkspaceAuth: ScopeID{ScopeID: c.workspace.ScopeID}}}, nil
}

func (a *API) putWorkspace(ctx context.Context, c *call, in *PutWorkspaceInput) (*WorkspaceAnswer, error) {
	tag, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	w := in.Body.workspace(airlock.WorkspaceID(in.WorkspaceID))
	if w.ETag, err = a.versionToReplace(ctx, w.ID, tag); err != nil {
		return nil, err
	}
	stored, err := a.config.Operations.PutWorkspace(ctx, c.principal, w)
	switch {
	case errors.Is(err, airlock.ErrStale), errors.Is(err, airlock.ErrExists) && in.IfNoneMatch == "*":
		return nil, airlock.ErrPrecondition
	case err != nil:
		return nil, err
	}
	return workspaceAnswer(c, stored), nil
}

// versionToReplace is the version a PUT may replace: "" to create the workspace,
// the present one for "*", else the one the caller names.
func (a *API) versionToReplace(ctx context.Context, id airlock.WorkspaceID, tag string) (airlock.Version, error) {
	switch tag {
	case "":
		return "", nil
	case "*":
		present, err := a.config.Operations.CurrentWorkspace(ctx, id)
		if errors.Is(err, airlock.ErrNoWorkspace) {
			err = airlock.ErrPrecondition
		}
		return present.ETag, err
	}
	return airlock.Version(tag), nil
}
