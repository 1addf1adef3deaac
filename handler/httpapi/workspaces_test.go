package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

const genomicsPath = "/api/workspaces/" + string(genomics)

func TestWorkspacesAsExistingClientsReadThem(t *testing.T) {
	f := newFixture(t)
	require.Len(t, f.get("/api/workspaces", treUser()).isOK().json()["workspaces"], 2)
	for _, token := range []string{treUser(), researcher(), admin()} {
		w := f.get(genomicsPath, token).isOK().json()["workspace"].(map[string]any)
		require.Equal(t, "api://"+genomicsAudience, w["properties"].(map[string]any)["scope_id"])
		require.Equal(t, genomicsAudience, w["properties"].(map[string]any)["client_id"])
		require.NotEmpty(t, w["_etag"])
		_, shown := w["document"]
		require.Equal(t, token == admin(), shown, "the registry's document is for TRE administrators")
		require.Equal(t, `{"workspaceAuth":{"scopeId":"api://`+genomicsAudience+`"}}`+"\n", string(f.get(genomicsPath+"/scopeid", token).isOK().body))
	}
	f.get("/api/workspaces/"+string(nowhere), treUser()).isProblem(404, "no_such_workspace", "Workspace does not exist")
}

// A TRE administrator can edit the document of GET and put it back.
func TestTheDocumentGoesRound(t *testing.T) {
	f := newFixture(t)
	got := f.get(genomicsPath, admin()).isOK()
	shown := got.json()["workspace"].(map[string]any)
	document := shown["document"].(map[string]any)
	document["policy"].(map[string]any)["review"].(map[string]any)["allowSelfReview"] = true
	body, err := json.Marshal(document)
	require.NoError(t, err)
	f.send("PUT", genomicsPath, admin(), string(body), "If-Match", got.Header.Get("ETag")).isOK()
	require.True(t, f.put.Policy.Review.AllowSelfReview)
	require.Equal(t, genomicsAudience, f.put.ClientID)
}

func TestPutWorkspaceCreates(t *testing.T) {
	f := newFixture(t)
	path := "/api/workspaces/" + strings.ToUpper(string(nowhere))
	body := strings.Replace(documentJSON, `"displayName"`, `"contacts":{"owners":[{"id":"o1","email":"o@x"}]},"policy":{"review":{"exportApprovals":2}},"displayName"`, 1)
	a := f.send("PUT", path, admin(), body, "If-None-Match", "*").isOK()
	want := airlock.DefaultPolicy()
	want.Review.ExportApprovals = 2
	require.Equal(t, want, f.put.Policy, "what the document does not say has its default")
	require.Equal(t, nowhere, f.put.ID)
	require.Empty(t, f.put.ETag)
	require.Equal(t, "stalexipnew", f.put.Accounts[airlock.ExportInProgress])
	require.Equal(t, "o@x", f.put.Contacts.Owners[0].Email)
	stored := a.json()["workspace"].(map[string]any)
	require.EqualValues(t, 8, stored["resourceVersion"])
	require.Equal(t, `"`+stored["_etag"].(string)+`"`, a.Header.Get("ETag"))

	f.send("PUT", path, admin(), documentJSON).isOK()
	require.Equal(t, airlock.DefaultPolicy(), f.put.Policy, "no policy is the default policy")
	f.err = nil
	for header, tt := range map[string]struct {
		status int
		code   string
	}{"": {409, "workspace_exists"}, "*": {412, "precondition_failed"}} {
		f.refusePut(airlock.ErrExists, func() {
			f.send("PUT", path, admin(), documentJSON, "If-None-Match", header).isProblem(tt.status, tt.code, "")
		})
	}
}

func TestPutWorkspaceReplacesWhatTheCallerKnows(t *testing.T) {
	f := newFixture(t)
	tag := f.get(genomicsPath, admin()).isOK().Header.Get("ETag")
	f.send("PUT", genomicsPath, admin(), documentJSON, "If-Match", tag).isOK()
	require.Equal(t, airlock.Version("Vy8iZGF0ZXRpbWUnMjAyNicI"), f.put.ETag, "the store's own version comes back unchanged")
	f.send("PUT", genomicsPath, admin(), documentJSON, "If-Match", "*").isOK()
	require.Equal(t, airlock.Version("Vy8iZGF0ZXRpbWUnMjAyNicI"), f.put.ETag)
	f.refusePut(airlock.ErrStale, func() {
		f.send("PUT", genomicsPath, admin(), documentJSON, "If-Match", tag).isProblem(412, "precondition_failed", "")
	})
	before := len(f.asked)
	f.send("PUT", genomicsPath, admin(), documentJSON, "If-Match", `"not one of ours!"`).isProblem(400, "malformed_header", "")
	f.send("PUT", "/api/workspaces/"+string(nowhere), admin(), documentJSON, "If-Match", "*").isProblem(412, "precondition_failed", "")
	f.send("PUT", genomicsPath, admin(), documentJSON, "If-None-Match", `"x"`).isProblem(422, "invalid_request", "")
	require.Equal(t, []string{"look up " + string(nowhere)}, f.asked[before:], "nothing was written")
	require.Equal(t, `"Vy8iZGF0ZXRpbWUnMjAyNicI"`, tag)
}

// The data of requests lies in the accounts; conforms, in send, holds the answer
// against the description.
func TestPutWorkspaceMayBeAgainstTheRules(t *testing.T) {
	f := newFixture(t)
	f.refusePut(&airlock.PolicyError{Violations: []airlock.Violation{{Rule: "account_in_use", Message: "In use."}}}, func() {
		f.send("PUT", genomicsPath, admin(), documentJSON, "If-Match", "*").isProblem(422, "policy_violation", "In use.")
	})
}

// refusePut makes the store refuse while f runs.
func (f *fixture) refusePut(err error, do func()) {
	f.putErr = err
	defer func() { f.putErr = nil }()
	do()
}

func TestPutWorkspaceIsValidated(t *testing.T) {
	f := newFixture(t)
	tests := []struct{ name, old, new, says string }{
		{"client id no uuid", "dddddddd-0000-4000-8000-000000000001", "abc", "body.clientId"},
		{"client id missing", `"clientId":"dddddddd-0000-4000-8000-000000000001",`, "", "clientId"},
		{"client id of the core", "dddddddd-0000-4000-8000-000000000001", coreAudience, "client_id_taken"},
		{"client id of another workspace, in capitals", "dddddddd-0000-4000-8000-000000000001", strings.ToUpper(imagingAudience), "client_id_taken"},
		{"account too short", "stalimappnew", "st", "body.accounts.stalimapp"},
		{"account too long", "stalimappnew", strings.Repeat("a", 25), "body.accounts.stalimapp"},
		{"account with capitals", "stalimappnew", "Stalimapp", "body.accounts.stalimapp"},
		{"account a host", "stalimappnew", "evil.example", "body.accounts.stalimapp"},
		{"account missing", `"stalexip":"stalexipnew",`, "", "stalexip"},
		{"account twice", "stalexrejnew", "stalexipnew", "account_taken"},
		{"account of the core", "stalexrejnew", "stalimexlocal", "account_taken"},
		{"account of another workspace", "stalexrejnew", "stalexrejimaging", "account_taken"},
		{"display name empty", `"displayName":"D"`, `"displayName":""`, "body.displayName"},
		{"scope with blanks", "api://d", "api:// d", "body.scopeId"},
		{"policy out of range", `"displayName"`, `"policy":{"review":{"exportApprovals":11}},"displayName"`, "body.policy.review.exportApprovals"},
		{"policy with an odd value", `"displayName"`, `"policy":{"malwareScanning":{"inconclusive":"shrug"}},"displayName"`, "body.policy.malwareScanning.inconclusive"},
		{"policy with a bad pattern", `"displayName"`, `"policy":{"files":{"namePattern":"("}},"displayName"`, "bad_pattern"},
		{"policy with a bad role", `"displayName"`, `"policy":{"notifications":{"approved":["everybody"]}},"displayName"`, "unknown_value"},
		{"policy with a misspelt rule", `"displayName"`, `"policy":{"review":{"exportAproval":2}},"displayName"`, "body.policy.review.exportAproval"},
		{"policy with a fraction", `"displayName"`, `"policy":{"files":{"maxFiles":1.5}},"displayName"`, "body.policy.files.maxFiles"},
		{"policy with a number too large to hold", `"displayName"`, `"policy":{"files":{"maxFileBytes":1e300}},"displayName"`, "body"},
		{"misspelt member", `"displayName"`, `"polices":{},"displayName"`, "body.polices"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{t: t, fakeService: f.fakeService, server: f.server}
			require.Contains(t, documentJSON, tt.old)
			a := f.send("PUT", genomicsPath, admin(), strings.Replace(documentJSON, tt.old, tt.new, 1))
			a.isProblem(422, "invalid_request", "")
			require.Contains(t, string(a.body), tt.says)
		})
	}
	require.Empty(t, f.asked)
	own := strings.NewReplacer("stalexrejnew", "stalexrejgenomics", "dddddddd-0000-4000-8000-000000000001", genomicsAudience).Replace(documentJSON)
	f.send("PUT", genomicsPath, admin(), own, "If-Match", "*").isOK() // its own are not taken
}

// Texts for mails and names of accounts are checked for more than their length.
func TestPutWorkspaceRefusesTheServicesAccountsAndOddAddresses(t *testing.T) {
	f := newFixture(t)
	path := "/api/workspaces/" + string(nowhere)
	a := f.send("PUT", path, admin(), strings.Replace(documentJSON, "stalimappnew", "stalstatelocal", 1), "If-None-Match", "*")
	require.Equal(t, 422, a.StatusCode)
	require.Contains(t, string(a.body), "account_taken")
	for _, odd := range []string{`a\r\nBcc: b`, "not a mail", "A <a@x>", "a@x,b@x"} {
		contacts := `"contacts":{"owners":[{"id":"o1","email":"` + odd + `"}]},"displayName"`
		a := f.send("PUT", path, admin(), strings.Replace(documentJSON, `"displayName"`, contacts, 1), "If-None-Match", "*")
		require.Equal(t, 422, a.StatusCode, odd)
	}
}

func TestABadRegistryRowIsNotCalledATimeout(t *testing.T) {
	f := newFixture(t)
	f.err = &airlock.Fault{Kind: airlock.Operator, Code: airlock.UnreadableRow, Operation: "read workspace", Account: "stalstatelocal"}
	f.get("/api/workspaces", treUser()).isProblem(503, "storage_unavailable", "What is stored here is not valid; the service's operators have to mend it.")
}
