package httpapi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow"
)

// reviewed is a request with everything in it that can be shown.
func reviewed(t *testing.T) airlock.Request {
	r := sampleRequest()
	grace := airlock.Principal{ID: "33333333-3333-4333-8333-333333333333", Name: "Grace <Manager> & Co", Email: "grace@example.org",
		Roles: []airlock.Role{airlock.RoleManager}, Audience: genomicsAudience, WorkspaceToken: true}
	r.Files = []airlock.File{{Name: "a b/ü%.csv", Size: 1 << 40, SHA256: strings.Repeat("ab", 32), DraftETag: "0xSECRET", InProgressETag: "0xSECRET"}, {Name: "b", Size: 0}}
	r.ScanRequired = true
	require.NoError(t, r.Apply(airlock.TriggerSubmit, r.CreatedBy, moment.Add(1)))
	require.NoError(t, r.Apply(airlock.TriggerGatesPassed, airlock.SystemPrincipal("scan gate"), moment.Add(2e9)))
	r.Reviews = []airlock.Review{{ID: "5b5b5b5b-0000-4000-8000-000000000000", Reviewer: grace, When: moment.Add(3e9), Decision: airlock.DecisionApproved, Explanation: "looks <fine>", PolicyVersion: 7}}
	r.ApprovalsRequired = 2
	r.Touch(grace, moment.Add(3e9))
	r.Chain = airlock.ChainHead{Hash: "ffff", Length: 2}
	r.CreateDigest = "SECRET"
	return r
}

// TestGoldenAnswers: names, order and nulls, byte for byte.
func TestGoldenAnswers(t *testing.T) {
	f := newFixture(t)
	token := map[string]string{"researcher": researcher(), "manager": grace(), "admin": admin()}
	show := func(name, who, path string) {
		t.Helper()
		a := f.get(path, token[who])
		require.NotContains(t, string(a.body), "SECRET", "inner bookkeeping stays inside")
		golden(t, "testdata/"+name+".json", indented(t, a.body))
	}
	show("draft", "researcher", requestPath)
	f.request = reviewed(t)
	f.workspaces[0].Policy.Review.ImportApprovals = 2
	show("in_review", "manager", requestPath)
	f.requests = []airlock.Request{f.request, sampleRequest()}
	show("list", "manager", requestsPath)
	show("requests", "admin", "/api/requests")
	f.request = sampleRequest()
	f.request.Status, f.request.StatusMessage = airlock.Failed, "The source changed after submit."
	f.request.Failure = &airlock.Failure{In: airlock.Submitted, Code: "SourceChanged", Operation: "copy blob", Account: "stalimexlocal", Cause: "copy blob on stalimexlocal: SourceChanged"}
	f.request.Work.DataDeleted = moment
	show("failed", "researcher", requestPath)
	show("workspace", "researcher", genomicsPath)
	show("workspace_admin", "admin", genomicsPath)
	f.workspaces[0].ClientID = genomicsAudience
	f.err = airlock.ErrNotFound
	show("not_found", "researcher", requestPath)
	show("unauthorized", "", requestPath)
}

// TestSelfReviewShows wherever it has an effect.
func TestSelfReviewShows(t *testing.T) {
	f := newFixture(t)
	both := issuer().token(genomicsAudience, airlock.RoleResearcher, airlock.RoleManager)
	f.request.Status = airlock.InReview
	got := f.get(requestPath, both).isOK().json()
	require.NotContains(t, got, "selfReviewAllowed")
	require.Equal(t, []any{"cancel"}, got["allowedUserActions"])

	f.workspaces[0].Policy.Review.AllowSelfReview = true
	got = f.get(requestPath, both).isOK().json()
	require.Equal(t, true, got["selfReviewAllowed"])
	require.Equal(t, []any{"review", "cancel"}, got["allowedUserActions"])
	require.NotContains(t, f.get(requestPath, manager()).isOK().json()["airlockRequest"], "selfReviewed")

	f.request.SelfReviewed = true
	f.request.Reviews = []airlock.Review{{ID: "5b5b5b5b-0000-4000-8000-000000000000", Reviewer: f.request.CreatedBy, When: moment, Decision: airlock.DecisionApproved, OwnRequest: true}}
	request := f.get(requestPath, owner()).isOK().json()["airlockRequest"].(map[string]any)
	require.Equal(t, true, request["selfReviewed"])
	require.Equal(t, true, request["reviews"].([]any)[0].(map[string]any)["ownRequest"])
}

// TestApprovalsShow: which number counts, and when it is known.
func TestApprovalsShow(t *testing.T) {
	one := airlock.Review{ID: "5b5b5b5b-0000-4000-8000-000000000000", Reviewer: airlock.Principal{ID: "m1"}, When: moment, Decision: airlock.DecisionApproved}
	tests := []struct {
		name               string
		status             airlock.Status
		policy, recorded   int
		reviews            []airlock.Review
		said               string
		approvals, message any
	}{
		{"nobody yet", airlock.InReview, 2, 0, nil, "", map[string]any{"required": 2.0, "given": 0.0}, "0 of 2 approvals"},
		{"one of two", airlock.InReview, 2, 2, []airlock.Review{one}, "1 of 2 approvals", map[string]any{"required": 2.0, "given": 1.0}, "1 of 2 approvals"},
		{"the policy in force counts", airlock.InReview, 3, 2, []airlock.Review{one}, "1 of 2 approvals", map[string]any{"required": 3.0, "given": 1.0}, "1 of 3 approvals"},
		{"one is enough", airlock.InReview, 1, 0, nil, "", map[string]any{"required": 1.0, "given": 0.0}, nil},
		{"a message stays", airlock.InReview, 2, 0, nil, "Could not be scanned.", map[string]any{"required": 2.0, "given": 0.0}, "Could not be scanned. 0 of 2 approvals"},
		{"decided", airlock.Approved, 3, 1, []airlock.Review{one}, "", map[string]any{"required": 1.0, "given": 1.0}, nil},
		{"never reviewed", airlock.Cancelled, 2, 0, nil, "", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.workspaces[0].Policy.Review.ImportApprovals = tt.policy
			f.request.Status, f.request.ApprovalsRequired, f.request.Reviews, f.request.StatusMessage = tt.status, tt.recorded, tt.reviews, tt.said
			request := f.get(requestPath, manager()).isOK().json()["airlockRequest"].(map[string]any)
			require.Equal(t, tt.approvals, request["approvals"])
			require.Equal(t, tt.message, request["statusMessage"])
		})
	}
}

func TestHistoryIsVerifiableByOthers(t *testing.T) {
	f := newFixture(t)
	sealed, head, err := audit.Seal(airlock.ChainHead{}, audit.Record{Workspace: genomics, Request: theRequest, At: moment, Action: "create", Reason: "a <b> & \u2028 c"})
	require.NoError(t, err)
	f.request.Chain = head
	rows := []audit.Row{{Seq: 1, Body: sealed.Body, Hash: sealed.Hash}}
	f.trail = workflow.Trail{Request: f.request, Rows: rows, Verification: audit.VerifyTrail(audit.TrailID{Workspace: genomics, Request: theRequest}, head, rows)}
	got := f.get(requestPath+"/history", researcher()).isOK().json()
	require.Equal(t, true, got["verification"].(map[string]any)["ok"])
	record := got["records"].([]any)[0].(map[string]any)
	require.Equal(t, string(sealed.Body), record["body"], "the very bytes that were hashed")
	require.Equal(t, sealed.Hash, record["hash"])
	require.Equal(t, "create", record["record"].(map[string]any)["action"])

	rows[0].Body = []byte("{edited")
	f.trail.Verification = audit.VerifyTrail(audit.TrailID{Workspace: genomics, Request: theRequest}, head, rows)
	got = f.get(requestPath+"/history", researcher()).isOK().json()
	require.Equal(t, false, got["verification"].(map[string]any)["ok"])
	require.NotEmpty(t, got["verification"].(map[string]any)["problems"])
	require.Nil(t, got["records"].([]any)[0].(map[string]any)["record"])
}

// However long a trail is, its pages together are the trail, and each says whether
// the whole of it is right.
func TestHistoryInPages(t *testing.T) {
	f := newFixture(t)
	var head airlock.ChainHead
	var rows []audit.Row
	for range 25 {
		sealed, next, err := audit.Seal(head, audit.Record{Workspace: genomics, Request: theRequest, At: moment, Action: "waiting"})
		require.NoError(t, err)
		head = next
		rows = append(rows, audit.Row{Seq: head.Length, Body: sealed.Body, Hash: sealed.Hash})
	}
	rows[24].Hash = "edited"
	f.request.Chain = head
	f.trail = workflow.Trail{Request: f.request, Rows: rows, Verification: audit.VerifyTrail(audit.TrailID{Workspace: genomics, Request: theRequest}, head, rows)}
	seen, page := 0, "?limit=10"
	for range 3 {
		a := f.get(requestPath+"/history"+page, researcher()).isOK()
		got := a.json()
		require.Equal(t, false, got["verification"].(map[string]any)["ok"], "what is wrong is on another page")
		require.EqualValues(t, 25, got["verification"].(map[string]any)["records"])
		for _, r := range got["records"].([]any) {
			seen++
			require.EqualValues(t, seen, r.(map[string]any)["seq"])
		}
		if got["nextPage"] == nil {
			require.Empty(t, a.Header.Get("Link"))
			break
		}
		require.Contains(t, a.Header.Get("Link"), "/history?limit=10&page="+got["nextPage"].(string))
		page = "?limit=10&page=" + got["nextPage"].(string)
	}
	require.Equal(t, 25, seen)
	require.Nil(t, f.get(requestPath+"/history", researcher()).isOK().json()["nextPage"], "most trails are one page")
	require.Empty(t, f.get(requestPath+"/history?page=after.99", researcher()).isOK().json()["records"])
	for _, page := range []string{"x", "after.", "after.-1", "after.01", "after.1x", "sorted.10", "after.99999999999999999999"} {
		f.get(requestPath+"/history?page="+page, researcher()).isProblem(422, "bad_page", "")
	}
	for _, limit := range []string{"0", "1001", "-1", "x"} {
		f.get(requestPath+"/history?limit="+limit, researcher()).isProblem(422, "invalid_request", "")
	}
}

func TestReceiptIsPassedOnByteByByte(t *testing.T) {
	f := newFixture(t)
	f.raw = []byte("{ \"signed\" : \"exactly so\" }\n")
	a := f.get(requestPath+"/receipt", owner()).isOK()
	require.Equal(t, string(f.raw), string(a.body))
	require.Equal(t, "application/json", a.Header.Get("Content-Type"))
}

func TestAnswersAreNotKept(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{requestPath, "/api/health", "/api/nothing"} {
		a := f.get(path, researcher())
		require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
	}
	require.Equal(t, "application/json", f.send("GET", requestPath, researcher(), "", "Accept", "application/problem+json").Header.Get("Content-Type"))
	require.Equal(t, "application/json", f.send("GET", requestPath, researcher(), "", "Accept", "text/html, image/*;q=0.1").Header.Get("Content-Type"))
}

func TestLogLines(t *testing.T) {
	f := newFixture(t)
	f.send("GET", requestsPath+"?creator_user_id=QUERYTEXT", researcher(), "", "X-Azure-Functions-InvocationId", "11111111-aaaa").isOK()
	f.send("POST", requestsPath, researcher(), `{"type":"import","title":"BODYTEXT"}`).isOK()
	f.err = errors.New("inner cause")
	f.send("GET", requestPath, manager(), "", "X-Azure-Functions-InvocationId", "22222222-bbbb")
	f.send("PUT", "/api/PATHTEXT", "", "")
	got := f.logs.String()
	require.Contains(t, got, `"method":"GET","function":"ListRequests","status":200`)
	require.Contains(t, got, `"oid":"`+string(adaID)+`","workspace":"`+string(genomics)+`","invocation":"11111111-aaaa"`)
	inner := ""
	for line := range strings.Lines(got) {
		if strings.Contains(line, "inner cause") { // operators see what callers do not
			inner = line
		}
	}
	for _, about := range []string{`"invocation":"22222222-bbbb"`, `"function":"GetRequest"`, `"workspace":"` + string(genomics) + `"`, `"request":"`} {
		require.Contains(t, inner, about)
	}
	require.Contains(t, got, `"method":"PUT","function":"","status":404`)
	for _, secret := range []string{"QUERYTEXT", "BODYTEXT", "PATHTEXT", researcher(), "Bearer"} {
		require.NotContains(t, got, secret)
	}
	require.Equal(t, 4, strings.Count(got, `"msg":"request"`), "one line a call")
}

// TestPanicIsAnAnswer: a mistake of ours breaks off one call, not the process,
// and tells the caller nothing.
func TestPanicIsAnAnswer(t *testing.T) {
	f := newFixture(t)
	f.page = func(airlock.Query) airlock.Page { panic("SECRET inner state") }
	a := f.get(requestsPath, researcher())
	a.isProblem(500, "unexpected", "Unable to process request")
	require.NotContains(t, string(a.body), "SECRET")
	require.Contains(t, f.logs.String(), "request broke off")
}
