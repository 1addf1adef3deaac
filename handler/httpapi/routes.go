package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// route is one row of the table of routes.
type route struct {
	method   string
	path     string // without the prefix
	function string // folder under functions/
	audience audience
	action   airlock.Action // for workspaceToken: what the access table calls it
	roles    []airlock.Role // for coreToken and memberToken: one of these
	body     bool           // takes a JSON body, maybe an empty one
	success  int
	summary  string
	// codes are the problems beside those that follow from the rest of the row.
	codes    []string
	register func(*API, route)
}

// Paths that several routes share.
const (
	pathWorkspaces = "/workspaces"
	pathWorkspace  = "/workspaces/{workspace_id}"
	pathRequests   = "/workspaces/{workspace_id}/requests"
	pathRequest    = "/workspaces/{workspace_id}/requests/{airlock_request_id}"
)

// changes are the problems of every route that changes a request.
var changes = []string{codeHeader, codeWrongStatus, codeNotPermitted, codeChanged, codePrecondition, codeRecordTooLarge}

var adminOnly = []airlock.Role{airlock.RoleTREAdmin}

// routes is the whole table. What it does not list does not exist.
func (a *API) routes() []route {
	return []route{
		{http.MethodPost, pathRequests, "CreateRequest", workspaceToken, airlock.ActionCreate, nil, true, http.StatusCreated,
			"Create a request in draft", []string{codeHeader, codeNotPermitted, codeDisabled, codeIdempotency, codeRecordTooLarge, codeChanged}, on(a.create)},
		{http.MethodGet, pathRequests, "ListRequests", workspaceToken, airlock.ActionRead, nil, false, http.StatusOK,
			"List a workspace's requests", []string{codeNotPermitted, codeInvalid, codeBadPage, codeTooManyToSort}, on(a.list)},
		{http.MethodGet, pathRequest, "GetRequest", workspaceToken, airlock.ActionRead, nil, false, http.StatusOK,
			"Get a request", []string{codeNotPermitted}, on(a.get)},
		{http.MethodGet, pathRequest + "/link", "IssueLink", workspaceToken, airlock.ActionLink, nil, false, http.StatusOK,
			"Get a link to the request's files", []string{codeNotNow, codeNotPermitted, codeChanged, codeIntegrity}, on(a.link)},
		{http.MethodPost, pathRequest + "/link", "IssueLink", workspaceToken, airlock.ActionLink, nil, true, http.StatusOK,
			"Get a link to the request's files", []string{codeNotNow, codeNotPermitted, codeChanged, codeIntegrity}, on(a.linkByPost)},
		{http.MethodPost, pathRequest + "/submit", "SubmitRequest", workspaceToken, airlock.ActionSubmit, nil, true, http.StatusOK,
			"Submit a draft: its files are frozen", with(changes, codePolicy, codeIntegrity), on(a.submit)},
		{http.MethodPost, pathRequest + "/review", "ReviewRequest", workspaceToken, airlock.ActionReview, nil, true, http.StatusOK,
			"Approve or reject a request", changes, on(a.review)},
		{http.MethodPost, pathRequest + "/cancel", "CancelRequest", workspaceToken, airlock.ActionCancel, nil, true, http.StatusOK,
			"Cancel a draft or a request in review: its data is deleted", changes, on(a.cancel)},
		{http.MethodPost, pathRequest + "/revoke", "RevokeRequest", workspaceToken, airlock.ActionRevoke, nil, true, http.StatusOK,
			"Revoke an approved request: the approved data is deleted", changes, on(a.revoke)},
		{http.MethodPost, pathRequest + "/retry", "RetryRequest", workspaceToken, airlock.ActionRetry, nil, true, http.StatusOK,
			"Run the step again in which a request failed", with(changes, codeNotNow), on(a.retry)},
		{http.MethodGet, pathRequest + "/history", "GetHistory", workspaceToken, airlock.ActionRead, nil, false, http.StatusOK,
			"Get a request's audit trail, verified", []string{codeNotPermitted}, on(a.history)},
		{http.MethodGet, pathRequest + "/receipt", "GetReceipt", workspaceToken, airlock.ActionRead, nil, false, http.StatusOK,
			"Get the signed receipt of an approved request", []string{codeNotPermitted, codeNoReceipt}, on(a.receipt)},

		{http.MethodGet, "/requests", "ListMyRequests", coreToken, "", airlock.CoreRoles, false, http.StatusOK,
			"List one's own requests of all workspaces, or those of the workspaces one manages", []string{codeInvalid}, on(a.mine)},
		{http.MethodGet, pathWorkspaces, "ListWorkspaces", coreToken, "", airlock.CoreRoles, false, http.StatusOK,
			"List the workspaces", nil, on(a.workspaces)},
		{http.MethodGet, pathWorkspace, "GetWorkspace", memberToken, "", airlock.CoreRoles, false, http.StatusOK,
			"Get a workspace", nil, on(a.workspace)},
		{http.MethodPut, pathWorkspace, "PutWorkspace", coreToken, airlock.ActionOperate, adminOnly, true, http.StatusOK,
			"Register or change a workspace and its policy", []string{codeHeader, codeNotPermitted, codeWorkspaceExists, codePrecondition, codeRecordTooLarge, codePolicy}, on(a.putWorkspace)},
		{http.MethodGet, pathWorkspace + "/scopeid", "GetWorkspaceScope", memberToken, "", airlock.CoreRoles, false, http.StatusOK,
			"Get the scope to ask a workspace's tokens for", nil, on(a.workspaceScope)},

		{http.MethodGet, "/.metadata", "GetMetadata", noToken, "", nil, false, http.StatusOK, "Get what clients need to log in", nil, on(a.metadata)},
		{http.MethodGet, "/health", "GetHealth", noToken, "", nil, false, http.StatusOK, "Get the service's health", nil, on(a.health)},
		{http.MethodGet, "/receipt-keys", "GetReceiptKeys", noToken, "", nil, false, http.StatusOK, "Get the public keys that receipts and anchors are signed with", []string{codeStorage}, on(a.receiptKeys)},
		{http.MethodGet, "/openapi.json", "GetOpenAPI", noToken, "", nil, false, http.StatusOK, "Get this description", nil, on(a.openapi)},

		{http.MethodPost, "/operations/reconcile", "RunReconcile", coreToken, airlock.ActionOperate, adminOnly, true, http.StatusOK,
			"Do now what is due, and look for orphaned containers", []string{codeNotPermitted}, on(a.reconcile)},
		{http.MethodGet, "/operations/parked-events", "ListParkedEvents", coreToken, airlock.ActionOperate, adminOnly, false, http.StatusOK,
			"List the events that could not be handled", []string{codeNotPermitted}, on(a.parked)},
		{http.MethodPost, "/operations/parked-events/{event_id}/redrive", "RedriveParkedEvent", coreToken, airlock.ActionOperate, adminOnly, true, http.StatusOK,
			"Hand a parked event to its function once more", []string{codeNotPermitted, codeNoEvent, codeNotNow, codeNoWorkspace, codeChanged, codeIntegrity}, on(a.redrive)},
	}
}

// with is a list of codes with some more.
func with(codes []string, more ...string) []string { return append(slices.Clone(codes), more...) }

// on wraps a handler for the table: it registers the route with huma and turns
// the handler's errors into problems.
func on[I, O any](f func(context.Context, *call, *I) (*O, error)) func(*API, route) {
	return func(a *API, rt route) {
		op := operation(rt)
		op.Middlewares = huma.Middlewares{a.admit(rt)}
		huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := f(ctx, callOf(ctx), in)
			if err != nil {
				a.report(ctx, err)
				return nil, problemFor(err)
			}
			return out, nil
		})
	}
}
