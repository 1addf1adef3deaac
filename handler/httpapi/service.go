package httpapi

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/doctor"
	"example.org/airlock/handler/identity"
	"example.org/airlock/handler/workflow"
)

// Service is the part of the workflow that the routes call. It decides by the rules of
// package airlock whether the caller may; its errors are listed in problems.go.
// ifMatch is the version the caller named, "" for none, "*" for any.
type Service interface {
	Create(ctx context.Context, p airlock.Principal, ws airlock.Workspace, in workflow.NewRequest) (airlock.Request, error)
	Get(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error)
	List(ctx context.Context, p airlock.Principal, ws airlock.Workspace, q airlock.Query) (airlock.Page, error)
	Submit(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error)
	Cancel(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error)
	Retry(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error)
	Review(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in workflow.ReviewInput, ifMatch string) (airlock.Request, error)
	Revoke(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, reason, ifMatch string) (airlock.Request, error)
	GiveUp(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, reason, ifMatch string) (airlock.Request, error)
	EditRequest(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in workflow.Edit, ifMatch string) (airlock.Request, error)
	Claim(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error)
	Unclaim(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error)
	Comment(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in workflow.NewComment) (airlock.Request, airlock.Comment, error)
	// ReadComments returns the comments that the caller may read; Retract is airlock.ErrGone
	// without the comment.
	ReadComments(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.Comment, error)
	Retract(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, comment string) (airlock.Request, airlock.Comment, error)
	// Link returns a link to the request's files, or to read the one that file names.
	Link(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, file string) (workflow.Link, error)
	// Files returns the request with the files it has now; of a draft they are listed.
	Files(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (r airlock.Request, fromDraft bool, err error)
	// Seen returns, by SHA-256, which other requests have the same bytes.
	Seen(ctx context.Context, p airlock.Principal, ws airlock.Workspace, r airlock.Request) (map[string][]workflow.Earlier, error)
	// Findings returns the gates' findings in the present turn, Excerpt the bytes around one.
	Findings(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []workflow.GateFindings, error)
	Excerpt(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, at workflow.ExcerptAt) (workflow.Excerpt, error)
	// GateTask, GateLink and GateSpeaks are for external gates.
	GateTask(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string) (airlock.Request, airlock.GateRun, error)
	GateLink(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string) (workflow.Link, error)
	GateSpeaks(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string, say func(airlock.Request) (workflow.GateWord, error)) (airlock.Request, error)
	// Turns returns the request with its turns that have ended, the first one first.
	Turns(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.EndedTurn, error)
	History(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (workflow.Trail, error)
	WorkspaceHistory(ctx context.Context, p airlock.Principal, ws airlock.Workspace) (workflow.Trail, error)
	Receipt(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) ([]byte, error)
	// ExportEvidence returns export.json and the documents that render makes: airlock.ErrGone
	// while there is no receipt.
	ExportEvidence(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID,
		render func(workflow.ReleaseEvidence) ([]audit.Document, error)) ([]audit.Document, error)
	// Refused records a refusal that needed no look at the request; without the
	// request it does nothing.
	Refused(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, action airlock.Action, rule string) error
	// Find returns the workspace of a request that p created or may review.
	Find(ctx context.Context, p airlock.Principal, id airlock.RequestID) (airlock.WorkspaceID, error)
	// People returns who holds the roles of a workspace, without addresses.
	People(ctx context.Context, p airlock.Principal, ws airlock.Workspace) (airlock.Contacts, error)
	// Mine and Managed look across workspaces, newest first, at most q.Limit.
	Mine(ctx context.Context, p airlock.Principal, q airlock.Query) ([]airlock.Request, error)
	Managed(ctx context.Context, p airlock.Principal, q airlock.Query) ([]airlock.Request, error)
}

// Operations is the part of the workflow for TRE administrators and monitors.
type Operations interface {
	Workspaces(ctx context.Context) ([]airlock.Workspace, error)
	// CurrentWorkspace is for a caller that replaces a workspace. It uses no cache,
	// and returns the readable parts of a row that is no valid workspace.
	CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error)
	PutWorkspace(ctx context.Context, p airlock.Principal, w airlock.Workspace) (airlock.Workspace, error)
	// AcceptWorkspace shows what somebody else wrote of a workspace and, unless look,
	// puts it in force: with a digest that row and no other.
	AcceptWorkspace(ctx context.Context, p airlock.Principal, id airlock.WorkspaceID, look bool, digest *string) (workflow.Acceptance, error)
	// Simulate judges the last requests of a workspace by a draft of its policy.
	Simulate(ctx context.Context, p airlock.Principal, id airlock.WorkspaceID, draft airlock.Policy, last int) (workflow.Simulation, error)
	// SealRows seals rows that were written before rows were sealed, as far as the anchored
	// trails bear it out, or without that at the administrator's word.
	SealRows(ctx context.Context, p airlock.Principal, unanchored bool) (workflow.SealReport, error)
	Health(ctx context.Context) workflow.Health
	RunReconcile(ctx context.Context, p airlock.Principal) (workflow.Report, workflow.SweepReport, error)
	// ReceiptKeys are the public keys of all signatures, the oldest first.
	ReceiptKeys(ctx context.Context) ([]airlock.PublicKey, error)
	ListParked(ctx context.Context, p airlock.Principal) ([]airlock.Parked, error)
}

// Doctor examines the deployment. It ends with ctx and never fails.
type Doctor interface {
	Examine(ctx context.Context) doctor.Report
}

// Registry finds the workspace of a path. It returns airlock.ErrNoWorkspace for
// an unknown id and may answer from a cache.
type Registry interface {
	Workspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error)
}

// Verifier says whether an Authorization header carries a genuine token; its
// errors are those of identity.Verifier.
type Verifier interface {
	Verify(ctx context.Context, authorization string) (identity.Token, error)
}
