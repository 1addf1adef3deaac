package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// The behaviours of the existing contract's own route tests, seen from outside.

func TestCreate(t *testing.T) {
	f := newFixture(t)
	a := f.send("POST", requestsPath, researcher(), `{"type":"import","title":"T","businessJustification":"B","properties":{"x":1},"isUrgent":true}`)
	require.Equal(t, http.StatusCreated, a.StatusCode)
	require.Equal(t, workflow.NewRequest{Type: airlock.Import, Title: "T", Justification: "B"}, f.created)
	require.Equal(t, `"af89dccd-0"`, a.Header.Get("ETag"))
	require.Equal(t, []any{"cancel", "submit"}, a.json()["allowedUserActions"])

	f.send("POST", requestsPath, researcher(), `{"type":"export"}`, "Idempotency-Key", "key 1").isOK()
	require.Equal(t, workflow.NewRequest{Type: airlock.Export, Title: "Airlock Request", Justification: "Business Justifications", IdempotencyKey: "key 1"}, f.created)
}

func TestAirlockCanBeDisabled(t *testing.T) {
	f := newFixture(t)
	enabled := func() any {
		return f.get(genomicsPath, researcher()).isOK().json()["workspace"].(map[string]any)["properties"].(map[string]any)["enable_airlock"]
	}
	require.Equal(t, true, enabled())
	f.workspaces[0].Policy.Enabled = false
	require.Equal(t, false, enabled())
	f.err = airlock.ErrDisabled
	a := f.send("POST", requestsPath, researcher(), `{"type":"import"}`)
	a.isProblem(405, "airlock_disabled", "Airlock is not enabled in this workspace.")
	require.Equal(t, "GET, HEAD, OPTIONS", a.Header.Get("Allow"))
}

func TestListGetSubmitCancelRetry(t *testing.T) {
	f := newFixture(t)
	f.requests = []airlock.Request{f.request}
	list := f.get(requestsPath, researcher()).isOK().json()
	require.Len(t, list["airlockRequests"], 1)
	one := list["airlockRequests"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"cancel", "submit"}, one["allowedUserActions"])
	require.Nil(t, list["nextPage"])

	f.get(requestPath, researcher()).isOK()
	f.send("POST", requestPath+"/submit", researcher(), "", "Content-Type", "application/json", "etag", "").isOK() // as the existing UI does
	f.send("POST", requestPath+"/cancel", researcher(), "{}").isOK()
	f.send("POST", requestPath+"/retry", owner(), `{"anything":1}`).isOK()
	id := string(genomics) + " " + string(theRequest)
	look := "look up " + string(genomics)
	require.Equal(t, []string{look, "list " + string(genomics), look, "get " + id, look, "submit " + id, look, "cancel " + id, look, "retry " + id}, f.asked)
}

func TestReviewAndRevoke(t *testing.T) {
	f := newFixture(t)
	f.request.Status = airlock.ApprovalInProgress
	f.request.Reviews = []airlock.Review{{ID: "5b5b5b5b-0000-4000-8000-000000000000", Reviewer: f.request.CreatedBy, When: moment, Decision: airlock.DecisionApproved, Explanation: "looks fine"}}
	got := f.send("POST", requestPath+"/review", manager(), `{"approval":"True","decisionExplanation":"looks fine"}`).isOK().json()
	require.Equal(t, workflow.ReviewInput{Decision: airlock.DecisionApproved, Explanation: "looks fine"}, f.review)
	review := got["airlockRequest"].(map[string]any)["reviews"].([]any)[0].(map[string]any)
	require.Equal(t, "looks fine", review["decisionExplanation"])
	require.Equal(t, "approved", review["reviewDecision"])

	f.send("POST", requestPath+"/review", manager(), `{"approval":false}`).isOK()
	require.Equal(t, workflow.ReviewInput{Decision: airlock.DecisionRejected, Explanation: "Decision Explanation"}, f.review)

	f.send("POST", requestPath+"/revoke", manager(), `{"reason":"wrong file"}`).isOK()
	require.Equal(t, "wrong file", f.reason)
	f.send("POST", requestPath+"/revoke", manager(), `{}`).isProblem(422, "invalid_request", "")
}

func TestLinkByGetAndPost(t *testing.T) {
	f := newFixture(t)
	want := `{"containerUrl":"https://stalimex.example/x?sig=secret&a=b","expires":"2026-01-02T03:04:05Z","permission":"write"}` + "\n"
	require.Equal(t, want, string(f.get(requestPath+"/link", researcher()).isOK().body))
	require.Equal(t, want, string(f.send("POST", requestPath+"/link", researcher(), "").isOK().body))
	f.link.Permission = airlock.LinkRead
	require.Equal(t, "read", f.get(requestPath+"/link", owner()).isOK().json()["permission"])
	require.NotContains(t, f.logs.String(), "secret")
}

// TestErrorsOfTheServiceBecomeProblems: every error the service documents, with
// status, code and text; on a route that documents it.
func TestErrorsOfTheServiceBecomeProblems(t *testing.T) {
	f := newFixture(t)
	violations := []airlock.Violation{{Rule: "too_many_files", Message: "Request contained more than 1 file."}, {Rule: "forbidden_type", File: "a.exe", Message: "No .exe."}}
	secret := errors.New("Get https://stalimip.blob.core.windows.net/x?sig=secret: refused")
	submit, link, get, create := "POST "+requestPath+"/submit", "GET "+requestPath+"/link", "GET "+requestPath, "POST "+requestsPath
	tests := []struct {
		name   string
		call   string
		err    error
		status int
		code   string
		detail string
	}{
		{"unknown request", get, airlock.ErrNotFound, 404, "no_such_request", "Airlock request does not exist"},
		{"unknown request, wrapped", link, fmt.Errorf("link: %w", airlock.ErrNotFound), 404, "no_such_request", "Airlock request does not exist"},
		{"store down", get, &airlock.Fault{Kind: airlock.Transient, Code: "ServerBusy", Operation: "load", Err: secret}, 503, "storage_unavailable", "State Store endpoint is not responding"},
		{"store down on create", create, &airlock.Fault{Kind: airlock.Operator, Err: secret}, 503, "storage_unavailable", "State Store endpoint is not responding"},
		{"out of time", submit, fmt.Errorf("%w", context.DeadlineExceeded), 503, "storage_unavailable", ""},
		{"permanent fault", submit, &airlock.Fault{Kind: airlock.Permanent, Err: secret}, 500, "unexpected", "Unable to process request"},
		{"unknown error", get, secret, 500, "unexpected", "Unable to process request"},
		{"illegal change", submit, &airlock.TransitionError{From: airlock.Approved, On: airlock.TriggerSubmit}, 400, "wrong_status", "Airlock request status change was illegal"},
		{"in progress", link, &airlock.StatusError{Rule: "being_processed", Reason: "Airlock request is being processed, please try again later."}, 400, "not_now", "Airlock request is being processed, please try again later."},
		{"cancelled", link, &airlock.StatusError{Rule: "request_cancelled", Reason: "Airlock request was cancelled."}, 400, "not_now", "Airlock request was cancelled."},
		{"refused", link, &airlock.RefusedError{Rule: "link_not_permitted", Reason: "User is unauthorized to access airlock request files in its current status."}, 403, "not_permitted", "User is unauthorized to access airlock request files in its current status."},
		{"lost races", submit, airlock.ErrStale, 409, "changed_meanwhile", ""},
		{"idempotency conflict", create, airlock.ErrIdempotencyConflict, 409, "idempotency_conflict", ""},
		{"tampering", submit, &airlock.IntegrityError{Where: "stalimip", What: "other bytes"}, 409, "integrity", ""},
		{"stale version", submit, airlock.ErrPrecondition, 412, "precondition_failed", ""},
		{"record too large", submit, airlock.ErrTooLarge, 413, "record_too_large", ""},
		{"no files", submit, &airlock.PolicyError{Violations: violations[:1]}, 422, "policy_violation", "Request contained more than 1 file."},
		{"policy", submit, &airlock.PolicyError{Violations: violations}, 422, "policy_violation", "Request contained more than 1 file. No .exe."},
		{"no receipt", "GET " + requestPath + "/receipt", airlock.ErrGone, 404, "no_receipt_yet", ""},
		{"no such file", "POST " + requestPath + "/link", airlock.ErrNoFile, 404, "no_such_file", "The airlock request has no submitted file of that name"},
		{"container gone elsewhere", link, airlock.ErrGone, 500, "unexpected", "Unable to process request"},
		{"damaged page token", "GET " + requestsPath, airlock.ErrBadToken, 422, "bad_page", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{t: t, fakeService: f.fakeService, server: f.server}
			f.err = tt.err
			var method, path string
			_, _ = fmt.Sscan(tt.call, &method, &path)
			body := ""
			if tt.call == create {
				body = `{"type":"import"}`
			}
			a := f.send(method, path, researcher(), body)
			a.isProblem(tt.status, tt.code, tt.detail)
			require.NotContains(t, string(a.body), "secret")
			require.NotContains(t, string(a.body), "blob.core")
			if tt.status == 503 {
				require.Equal(t, "1", a.Header.Get("Retry-After"))
			}
		})
	}
	f.err = &airlock.PolicyError{Violations: violations}
	got := f.send("POST", requestPath+"/submit", researcher(), "").json()
	require.Equal(t, []any{map[string]any{"rule": "too_many_files", "message": "Request contained more than 1 file."},
		map[string]any{"rule": "forbidden_type", "file": "a.exe", "message": "No .exe."}}, got["violations"])
	f.err = &airlock.RefusedError{Rule: "own_request", Reason: "not your own"}
	require.Equal(t, "own_request", f.send("POST", requestPath+"/review", manager(), `{"approval":1}`).json()["rule"])
	f.err = &airlock.Fault{Kind: airlock.Transient, After: 7*time.Second + time.Millisecond}
	require.Equal(t, "8", f.get(requestPath, researcher()).Header.Get("Retry-After"))
	f.err = &airlock.Fault{Kind: airlock.Transient, After: time.Hour}
	require.Equal(t, "120", f.get(requestPath, researcher()).Header.Get("Retry-After"))
}

func TestTheListOfAManagerSaysWhatIsReviewable(t *testing.T) {
	f := newFixture(t)
	inReview, decided := f.request.Clone(), f.request.Clone()
	inReview.Status, decided.Status = airlock.InReview, airlock.Approved
	f.requests = []airlock.Request{inReview, decided}
	core := func(oid string) string {
		return issuer().sign(map[string]any{"aud": coreAudience, "roles": []airlock.Role{airlock.RoleTREUser}, "oid": oid})
	}
	ada, grace := core(string(adaID)), core("33333333-3333-4333-8333-333333333333")
	reviewable := func(token, query string) (out []any) {
		var list []map[string]any
		require.NoError(t, json.Unmarshal(f.get("/api/requests"+query, token).isOK().body, &list))
		for _, r := range list {
			out = append(out, r["reviewable"])
		}
		return out
	}
	require.Equal(t, []any{true, false}, reviewable(grace, "?airlock_manager=true"), "any status, those in review can be reviewed")
	require.Equal(t, []any{false, false}, reviewable(ada, "?airlock_manager=true"), "nobody reviews their own")
	require.Equal(t, []any{nil, nil}, reviewable(ada, ""), "one's own requests are no review queue")
	f.workspaces[0].Policy.Review.AllowSelfReview = true
	require.Equal(t, []any{true, false}, reviewable(ada, "?airlock_manager=true"))
}

func TestCrossWorkspaceList(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, "[]\n", string(f.get("/api/requests", treUser()).isOK().body), "a bare list, never null")
	require.Equal(t, airlock.Query{Limit: 1000}, f.query)

	other := f.request.Clone()
	other.Title, other.ID = "A", "bf89dccd-cdf8-4e47-8cfe-995faeac0f09"
	f.requests = []airlock.Request{f.request, other}
	q := url.Values{"type": {"import"}, "status": {"in_review"}, "order_by": {"title"}, "order_ascending": {"Yes"}, "limit": {"7"}}
	a := f.get("/api/requests?airlock_manager=true&"+q.Encode(), admin()).isOK()
	require.Equal(t, airlock.Query{Type: airlock.Import, Statuses: []airlock.Status{airlock.InReview}, Limit: 7}, f.query)
	require.Equal(t, []string{"mine", "managed"}, f.asked[:2])
	require.Regexp(t, `^\[\{"id":"bf89.*"id":"af89`, string(a.body), "sorted by title")

	f.err = errors.New("internal")
	for _, mode := range []string{"", "?airlock_manager=1"} {
		f.get("/api/requests"+mode, treUser()).isProblem(500, "unexpected", "Unable to process request")
	}
	f.err = nil
	f.get("/api/requests?airlock_manager=maybe", treUser()).isProblem(422, "invalid_request", "")
	f.get("/api/requests?status=lost", treUser()).isProblem(422, "invalid_request", "")
	f.get("/api/requests?limit=1001", treUser()).isProblem(422, "invalid_request", "")
}

func TestVersionsAndKeysOfTheCaller(t *testing.T) {
	f := newFixture(t)
	for header, want := range map[string]string{`"af89dccd-4"`: "af89dccd-4", "af89dccd-4": "af89dccd-4", `W/"x"`: "x", "*": "*", "": "", "\tx": "x"} {
		for _, c := range []call{{"POST", "/submit", ""}, {"POST", "/cancel", ""}, {"POST", "/review", `{"approval":true}`}, {"POST", "/revoke", `{"reason":"r"}`}, {"POST", "/retry", ""}} {
			f.tag = "not asked"
			token := issuer().token(genomicsAudience, airlock.WorkspaceRoles...)
			f.send(c.method, requestPath+c.path, token, c.body, "If-Match", header).isOK()
			assert.Equal(t, want, f.tag, "%s %q", c.path, header)
		}
	}
	for _, bad := range []string{`"a", "b"`, `"a`, `a"`, `"`, `""`, "a b", "é", strings.Repeat("a", 201)} {
		f.send("POST", requestPath+"/submit", researcher(), "", "If-Match", bad).isProblem(400, "malformed_header", "")
	}
	f.send("POST", requestPath+"/review", manager(), `{"approval":true}`, "If-Match", "a b").isProblem(400, "malformed_header", "")
	long := make([]byte, 201)
	for i := range long {
		long[i] = 'k'
	}
	f.send("POST", requestsPath, researcher(), `{"type":"import"}`, "Idempotency-Key", string(long)).isProblem(400, "malformed_header", "")
	f.send("POST", requestsPath, researcher(), `{"type":"import"}`, "Idempotency-Key", "é").isProblem(400, "malformed_header", "")
	f.send("POST", requestsPath, researcher(), `{"type":"import"}`, "Idempotency-Key", string(long[1:])).isOK()
}
