package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// route is one row of the table of routes.
type route struct {
	method   string
	path     string // without the prefix
	function string // folder under functions/
	id       string // in the document; "": the function's name
	summary  string

	audience audience
	action   airlock.Action // for workspaceToken: its name in the access table
	roles    []airlock.Role // for coreToken and memberToken: one of these

	body    bool          // takes a JSON body, maybe an empty one
	maxBody int           // bytes; 0: the usual
	bare    bool          // needs no body: null and blanks count as none; on sets it
	tagged  bool          // its answers have a tag that clients may poll with
	noHead  bool          // a GET that leaves a record, which HEAD must not
	within  time.Duration // how long a call may take; 0: as long as existing clients wait
	success int           // 0: 200
	// codes are the problems beside those that follow from the rest of the row.
	codes []string
	// describe adds to the document what the handler's types do not show.
	describe func(*huma.Operation)
	handler  func(*API, huma.API, huma.Operation, route)
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

// routes is the whole table. A route that it does not list does not exist.
func (a *API) routes() []route {
	return slices.Concat(a.requestRoutes(), a.gateRoutes(), a.workspaceRoutes(), a.openRoutes(), a.operatorRoutes())
}

func (a *API) requestRoutes() []route {
	return []route{
		{method: http.MethodPost, path: pathRequests, function: "CreateRequest",
			summary:  "Create a request in draft",
			audience: workspaceToken, action: airlock.ActionCreate, body: true, success: http.StatusCreated,
			codes: []string{codeHeader, codeNotPermitted, codeDisabled, codeDrafts, codeIdempotency, codeRecordTooLarge, codeChanged}, handler: on(a.create)},
		{method: http.MethodGet, path: pathRequests, function: "ListRequests",
			summary:  "List a workspace's requests",
			audience: workspaceToken, action: airlock.ActionRead,
			tagged: true,
			codes:  []string{codeNotPermitted, codeInvalid, codeBadPage, codeTooManyToSort}, handler: on(a.list)},
		{method: http.MethodGet, path: pathRequest, function: "GetRequest",
			summary:  "Get a request",
			audience: workspaceToken, action: airlock.ActionRead,
			tagged: true,
			codes:  []string{codeNotPermitted}, handler: on(a.get)},
		{method: http.MethodGet, path: pathRequest + "/link", function: "IssueLink",
			summary:  "Get a link to the request's files",
			audience: workspaceToken, action: airlock.ActionLink, noHead: true,
			codes: []string{codeNotNow, codeNotPermitted, codeChanged, codeIntegrity}, handler: on(a.link)},
		{method: http.MethodPost, path: pathRequest + "/link", function: "IssueLink", id: "IssueLinkByPost",
			summary:  "Get a link to the request's files, or to one of them",
			audience: workspaceToken, action: airlock.ActionLink, body: true,
			codes: []string{codeNotNow, codeNotPermitted, codeChanged, codeIntegrity, codeNoFile}, handler: on(a.linkByPost)},
		{method: http.MethodGet, path: pathRequest + "/files", function: "ListFiles",
			summary:  "List a request's files as they are now, those of a draft too",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted, codeInvalid, codePolicy}, handler: on(a.files)},
		{method: http.MethodPost, path: pathRequest + "/submit", function: "SubmitRequest",
			summary:  "Submit a draft: its files are frozen",
			audience: workspaceToken, action: airlock.ActionSubmit, body: true,
			codes: with(changes, codePolicy, codeRate, codeIntegrity), handler: on(a.submit)},
		{method: http.MethodPost, path: pathRequest + "/review", function: "ReviewRequest",
			summary:  "Approve or reject a request",
			audience: workspaceToken, action: airlock.ActionReview, body: true,
			codes: with(changes, codeUnacknowledged), handler: on(a.review)},
		{method: http.MethodPost, path: pathRequest + "/cancel", function: "CancelRequest",
			summary:  "Cancel a draft, a request in review or a failed one: its data is deleted",
			audience: workspaceToken, action: airlock.ActionCancel, body: true,
			codes: changes, handler: on(a.cancel)},
		{method: http.MethodPost, path: pathRequest + "/revoke", function: "RevokeRequest",
			summary:  "Revoke an approved request: the approved data is deleted",
			audience: workspaceToken, action: airlock.ActionRevoke, body: true,
			codes: changes, handler: on(a.revoke)},
		{method: http.MethodPost, path: pathRequest + "/give-up", function: "GiveUpRequest",
			summary:  "End a request that the airlock is at, as failed",
			audience: workspaceToken, action: airlock.ActionGiveUp, body: true,
			codes: changes, handler: on(a.giveUp)},
		{method: http.MethodPost, path: pathRequest + "/retry", function: "RetryRequest",
			summary:  "Run the step again in which a request failed, or scan a blocked one anew in which no malware was found",
			audience: workspaceToken, action: airlock.ActionRetry, body: true,
			codes: with(changes, codeNotNow), handler: on(a.retry)},
		{method: http.MethodPatch, path: pathRequest, function: "EditRequest",
			summary:  "Change the title, the justification or the answers of a draft or a returned request",
			audience: workspaceToken, action: airlock.ActionEdit, body: true,
			codes: with(changes, codeNotNow, codeInvalid), handler: on(a.edit)},
		{method: http.MethodPost, path: pathRequest + "/claim", function: "ClaimRequest",
			summary:  "Say that one is on a request in review; it ends by itself and keeps nobody from reviewing",
			audience: workspaceToken, action: airlock.ActionClaim, body: true,
			codes: []string{codeNotNow, codeNotPermitted, codeChanged, codeRecordTooLarge}, handler: on(a.claim)},
		{method: http.MethodDelete, path: pathRequest + "/claim", function: "ClaimRequest", id: "UnclaimRequest",
			summary:  "End one's claim on a request",
			audience: workspaceToken, action: airlock.ActionClaim,
			codes: []string{codeNotNow, codeNotPermitted, codeChanged, codeRecordTooLarge}, handler: on(a.unclaim)},
		{method: http.MethodPost, path: pathRequest + "/comments", function: "Comments", id: "CommentRequest",
			summary:  "Comment on a request",
			audience: workspaceToken, action: airlock.ActionRead, body: true, success: http.StatusCreated,
			codes: []string{codeNotNow, codeNotPermitted, codeInvalid, codeChanged, codeRecordTooLarge}, handler: on(a.comment)},
		{method: http.MethodGet, path: pathRequest + "/comments", function: "Comments", id: "ListComments",
			summary:  "List the comments on a request that one may read",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted, codeInvalid, codeBadPage}, handler: on(a.comments)},
		{method: http.MethodDelete, path: pathRequest + "/comments/{comment_id}", function: "RetractComment",
			summary:  "Retract one's comment: its text is gone for readers, its hash stays in the trail",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted, codeNoComment, codeChanged, codeRecordTooLarge}, handler: on(a.retract)},
		{method: http.MethodGet, path: pathRequest + "/turns", function: "ListTurns",
			summary:  "List a request's turns: what was submitted, what was said of it, and what changed",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted}, handler: on(a.turns)},
		{method: http.MethodGet, path: pathRequest + "/turns/{turn}", function: "GetTurn",
			summary:  "Get one turn of a request",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted, codeInvalid, codeNoTurn}, handler: on(a.turn)},
		{method: http.MethodGet, path: pathRequest + "/history", function: "GetHistory",
			summary:  "Get a request's audit trail, verified",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted, codeInvalid, codeBadPage}, handler: on(a.history)},
		{method: http.MethodGet, path: pathRequest + "/receipt", function: "GetReceipt",
			summary:  "Get the signed receipt of an approved request",
			audience: workspaceToken, action: airlock.ActionRead, describe: storedDocument,
			codes: []string{codeNotPermitted, codeNoReceipt}, handler: on(a.receipt)},
		{method: http.MethodGet, path: pathRequest + "/evidence", function: "ExportEvidence",
			summary:  "Get an archive of all that somebody outside needs to check a release with airlock-verify",
			audience: workspaceToken, action: airlock.ActionEvidence, describe: zipArchive,
			codes: []string{codeNotPermitted, codeNoReceipt}, handler: on(a.evidence)},
	}
}

// workspaceRoutes are about workspaces, or about the requests of several.
func (a *API) workspaceRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/requests", function: "ListMyRequests",
			summary:  "List one's own requests of all workspaces, or those of the workspaces one manages",
			audience: coreToken, roles: airlock.CoreRoles,
			tagged: true,
			codes:  []string{codeInvalid}, handler: on(a.mine)},
		{method: http.MethodGet, path: "/requests/summary", function: "GetSummary",
			summary:  "Count one's own requests, and those that wait for one's review, by workspace",
			audience: coreToken, roles: airlock.CoreRoles, tagged: true,
			handler: on(a.summary)},
		{method: http.MethodGet, path: "/requests/{airlock_request_id}", function: "FindRequest",
			summary:  "Get the workspace of a request that one created or may review",
			audience: coreToken, roles: airlock.CoreRoles,
			codes: []string{codeNoRequest}, handler: on(a.find)},
		{method: http.MethodGet, path: pathWorkspaces, function: "ListWorkspaces",
			summary:  "List the workspaces",
			audience: coreToken, roles: airlock.CoreRoles,
			handler: on(a.workspaces)},
		{method: http.MethodGet, path: pathWorkspace, function: "GetWorkspace",
			summary:  "Get a workspace",
			audience: memberToken, roles: airlock.CoreRoles,
			handler: on(a.workspace)},
		{method: http.MethodPut, path: pathWorkspace, function: "PutWorkspace",
			summary:  "Register or change a workspace and its policy",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly, body: true,
			codes: []string{codeHeader, codeNotPermitted, codeWorkspaceExists, codePrecondition, codeRecordTooLarge, codePolicy}, handler: on(a.putWorkspace)},
		{method: http.MethodPost, path: pathWorkspace + "/accept", function: "AcceptWorkspace",
			summary:  "Show what somebody else changed in a workspace's registry row, and put it in force",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly, body: true,
			codes: []string{codeNotPermitted, codeNoWorkspace, codeNotNow, codePrecondition, codeRecordTooLarge}, handler: on(a.acceptWorkspace)},
		{method: http.MethodPost, path: pathWorkspace + "/policy/simulate", function: "SimulatePolicy",
			summary:  "Say what a draft of the policy would have made of the last requests, from what is on record of them",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly, body: true,
			codes: []string{codeNotPermitted, codeNoWorkspace}, handler: on(a.simulatePolicy)},
		{method: http.MethodGet, path: pathWorkspace + "/people", function: "ListPeople",
			summary:  "Get the names of those who hold the roles of a workspace",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted}, handler: on(a.people)},
		{method: http.MethodPost, path: pathWorkspace + "/check", function: "CheckFiles",
			summary:  "Check names and sizes of files by the workspace's rules, before anything is uploaded",
			audience: workspaceToken, action: airlock.ActionCreate, body: true, maxBody: maxCheckBody,
			handler: on(a.check)},
		{method: http.MethodGet, path: pathWorkspace + "/history", function: "GetWorkspaceHistory",
			summary:  "Get a workspace's audit trail, verified: what was in force when",
			audience: workspaceToken, action: airlock.ActionRead,
			codes: []string{codeNotPermitted}, handler: on(a.workspaceHistory)},
		{method: http.MethodGet, path: pathWorkspace + "/scopeid", function: "GetWorkspaceScope",
			summary:  "Get the scope to ask a workspace's tokens for",
			audience: memberToken, roles: airlock.CoreRoles,
			handler: on(a.workspaceScope)},
	}
}

// openRoutes need no token.
func (a *API) openRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/.metadata", function: "GetMetadata",
			summary:  "Get what clients need to log in",
			audience: noToken,
			handler:  on(a.metadata)},
		{method: http.MethodGet, path: "/health", function: "GetHealth",
			summary:  "Get the service's health",
			audience: noToken, describe: storeUnavailable,
			handler: on(a.health)},
		{method: http.MethodGet, path: "/receipt-keys", function: "GetReceiptKeys",
			summary:  "Get the public keys that receipts and anchors are signed with",
			audience: noToken,
			codes:    []string{codeStorage}, handler: on(a.receiptKeys)},
		{method: http.MethodGet, path: "/openapi.json", function: "GetOpenAPI",
			summary:  "Get this description",
			audience: noToken, describe: storedDocument,
			handler: on(a.openapi)},
	}
}

func (a *API) operatorRoutes() []route {
	return []route{
		{method: http.MethodPost, path: "/operations/reconcile", function: "RunReconcile",
			summary:  "Do now what is due, and look for orphaned containers",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly, body: true, within: 200 * time.Second,
			codes: []string{codeNotPermitted}, handler: on(a.reconcile)},
		{method: http.MethodPost, path: "/operations/seal", function: "SealRows",
			summary:  "Seal rows that were written before rows were sealed",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly, body: true, within: 200 * time.Second,
			codes: []string{codeNotPermitted, codeChanged, codeRecordTooLarge}, handler: on(a.seal)},
		{method: http.MethodGet, path: "/operations/doctor", function: "ExamineDeployment",
			summary:  "Check every account, topic, key, role and registry row, and say what mends it",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly,
			codes: []string{codeNotPermitted}, handler: on(a.examine)},
		{method: http.MethodGet, path: "/operations/parked-events", function: "ListParkedEvents",
			summary:  "List the events that could not be handled",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly,
			codes: []string{codeNotPermitted}, handler: on(a.parked)},
		{method: http.MethodPost, path: "/operations/parked-events/{event_id}/redrive", function: "RedriveParkedEvent",
			summary:  "Hand a parked event to its function once more",
			audience: coreToken, action: airlock.ActionOperate, roles: adminOnly, body: true,
			codes: []string{codeNotPermitted, codeNoEvent, codeNotNow, codeNoWorkspace, codeChanged, codeIntegrity}, handler: on(a.redrive)},
	}
}

// with is a list of codes with some more.
func with(codes []string, more ...string) []string { return append(slices.Clone(codes), more...) }

// on wraps a handler for the table: it registers the route with a huma and turns
// the handler's errors into problems.
func on[I, O any](f func(context.Context, *call, *I) (*O, error)) func(*API, huma.API, huma.Operation, route) {
	return func(a *API, to huma.API, op huma.Operation, rt route) {
		rt.bare = needsNoBody[I]()
		op.Middlewares = huma.Middlewares{a.admit(rt)}
		huma.Register(to, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := f(ctx, callOf(ctx), in)
			if err != nil {
				a.report(ctx, err)
				return nil, problemFor(err)
			}
			return out, nil
		})
	}
}

// needsNoBody reports whether the body of an input may be left out, which its type
// says: it is a pointer.
func needsNoBody[I any]() bool {
	body, ok := reflect.TypeFor[I]().FieldByName("Body")
	return ok && body.Type.Kind() == reflect.Pointer
}

// gateRoutes are about what gates find, and for external gates.
func (a *API) gateRoutes() []route {
	const pathGate = pathRequest + "/gates/{gate}"
	speaking := []string{codeNotPermitted, codeChanged}
	return []route{
		{method: http.MethodGet, path: pathRequest + "/findings", function: "ListFindings",
			summary:  "List what the gates found in a request's files: rules and places, no data",
			audience: workspaceToken, action: airlock.ActionFindings,
			codes: []string{codeNotPermitted, codeIntegrity, codeChanged}, handler: on(a.findings)},
		{method: http.MethodGet, path: pathGate + "/findings/{number}/excerpt", function: "ReadExcerpt",
			summary:  "Read the bytes around a finding; the look is recorded",
			audience: workspaceToken, action: airlock.ActionLink, noHead: true,
			codes: []string{codeNotNow, codeNotPermitted, codeChanged, codeIntegrity, codeInvalid, codeNoExcerpt, codeRate}, handler: on(a.excerpt)},
		{method: http.MethodGet, path: "/gates/rules", function: "ListGateRules",
			summary:  "List the content gate's rules and presets, with the source of each threshold",
			audience: noToken,
			handler:  on(a.gateRules)},
		{method: http.MethodGet, path: pathGate, function: "GetGateTask",
			summary:  "For an external gate: get what it is to look at",
			audience: gateToken, action: airlock.ActionGate, roles: airlock.GateRoles,
			codes: with(speaking, codeNoRequest, codeWrongStatus), handler: on(a.gateTask)},
		{method: http.MethodPost, path: pathGate + "/link", function: "IssueGateLink",
			summary:  "For an external gate: get a link to the files",
			audience: gateToken, action: airlock.ActionGate, roles: airlock.GateRoles, body: true,
			codes: with(speaking, codeNoRequest, codeWrongStatus, codeNotNow), handler: on(a.gateLink)},
		{method: http.MethodPut, path: pathGate + "/verdict", function: "PutGateVerdict",
			summary:  "For an external gate: say what it found, about exactly these bytes",
			audience: gateToken, action: airlock.ActionGate, roles: airlock.GateRoles, body: true, maxBody: maxVerdictBody,
			codes: with(speaking, codeNoRequest, codeWrongStatus, codeOtherBytes, codeGateDecided, codeRecordTooLarge), handler: on(a.gateVerdict)},
	}
}
