package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// WorkspaceHistoryAnswer is the answer of GetWorkspaceHistory.
type WorkspaceHistoryAnswer struct{ Body WorkspaceTrail }

// WorkspaceTrail is a workspace's own audit trail as it is stored, with the result of
// verifying it.
type WorkspaceTrail struct {
	WorkspaceID  string            `json:"workspaceId" format:"uuid"`
	ExportedAt   time.Time         `json:"exportedAt" doc:"When this was answered."`
	Head         AuditHead         `json:"head"`
	Verification AuditVerification `json:"verification"`
	Records      []AuditRecord     `json:"records" nullable:"false" doc:"Each has in document what was put in force."`
}

func (a *API) workspaceHistory(ctx context.Context, c *call, _ *WorkspacePath) (*WorkspaceHistoryAnswer, error) {
	trail, err := a.config.Service.WorkspaceHistory(ctx, c.principal, c.workspace)
	if err != nil {
		return nil, err
	}
	v := trailView(trail)
	return &WorkspaceHistoryAnswer{Body: WorkspaceTrail{WorkspaceID: v.WorkspaceID, ExportedAt: v.ExportedAt, Head: v.Head, Verification: v.Verification, Records: v.Records}}, nil
}

// AcceptInput is the input of AcceptWorkspace.
type AcceptInput struct {
	WorkspacePath
	Body *AcceptOptions
}

// AcceptOptions say how to accept.
type AcceptOptions struct {
	Look   bool    `json:"look,omitempty" doc:"Only show the difference."`
	Digest *string `json:"digest,omitempty" maxLength:"64" doc:"Take the row with this digest and no other; the digest is in the answer of a look."`
}

// AcceptAnswer is the answer of AcceptWorkspace.
type AcceptAnswer struct{ Body Acceptance }

// Acceptance shows what somebody else changed in the registry row of a workspace.
type Acceptance struct {
	Workspace   Workspace             `json:"workspace" doc:"What is in force."`
	Taken       bool                  `json:"taken" doc:"The change is in force now."`
	Removed     bool                  `json:"removed" doc:"The row was removed. Accepted, the workspace takes no new requests."`
	Digest      string                `json:"digest" doc:"Names the row, for digest in the body."`
	Differences []WorkspaceDifference `json:"differences" nullable:"false"`
}

// WorkspaceDifference is one member that differs.
type WorkspaceDifference struct {
	Member string          `json:"member" doc:"Path of the member, e.g. policy.review.allowSelfReview; empty for a row that is no document."`
	Was    json.RawMessage `json:"was" doc:"What was in force; null for nothing."`
	Is     json.RawMessage `json:"is" doc:"What somebody else wrote; null for nothing."`
}

func (a *API) acceptWorkspace(ctx context.Context, c *call, in *AcceptInput) (*AcceptAnswer, error) {
	options := AcceptOptions{}
	if in.Body != nil {
		options = *in.Body
	}
	done, err := a.config.Operations.AcceptWorkspace(ctx, c.principal, airlock.WorkspaceID(in.WorkspaceID), options.Look, options.Digest)
	if errors.Is(err, airlock.ErrStale) {
		err = airlock.ErrPrecondition
	}
	if err != nil {
		return nil, err
	}
	return &AcceptAnswer{Body: acceptanceView(c.principal, done)}, nil
}

func acceptanceView(p airlock.Principal, done workflow.Acceptance) Acceptance {
	out := Acceptance{Workspace: workspaceView(p, done.Workspace), Taken: done.Taken, Removed: done.Removed, Digest: done.Digest, Differences: []WorkspaceDifference{}}
	for _, d := range done.Differences {
		out.Differences = append(out.Differences, WorkspaceDifference{Member: d.Member, Was: asJSON(d.Was), Is: asJSON(d.Is)})
	}
	return out
}
