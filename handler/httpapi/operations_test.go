package httpapi_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

func TestQuotasSayWhatToDo(t *testing.T) {
	f := newFixture(t)
	f.err = &airlock.QuotaError{Rule: "too_many_drafts", Reason: "Submit or cancel one of them."}
	f.send("POST", requestsPath, researcher(), `{"type":"import"}`).isProblem(409, "too_many_drafts", "Submit or cancel one of them.")
	f.err = &airlock.QuotaError{Rule: "too_many_submits", Reason: "Try again in 45m0s.", After: 45*time.Minute - time.Millisecond}
	a := f.send("POST", requestPath+"/submit", researcher(), "")
	a.isProblem(429, "too_many_requests", "Try again in 45m0s.")
	require.Equal(t, "2700", a.Header.Get("Retry-After"))
}

func TestHealthNeedsNoTokenAndTellsNoSecrets(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, `{"status":"ok","build":{"version":"v1","commit":"abc","date":"2026-01-02"},"storage":"reachable","oldestUnpublishedSeconds":0,"overdueRequests":0,"parkedEvents":0,`+
		`"services":[{"service":"State store","status":"OK","message":""},{"service":"Event Grid","status":"OK","message":""},`+
		`{"service":"Malware scanner","status":"OK","message":""},{"service":"Stage accounts","status":"OK","message":""},{"service":"Airlock state","status":"OK","message":""},{"service":"Airlock requests","status":"OK","message":""}],"scanSilent":0,"unclaimedContainers":0,"damagedRows":0}`+"\n",
		string(f.get("/api/health", "").isOK().body))
	for _, h := range []workflow.Health{{OldestUnpublished: time.Hour}, {Overdue: 1}, {Parked: 1}, {ScanSilent: 1}, {Damaged: 1}, {Unclaimed: 1}} {
		h.StorageReachable = true
		f.health = h
		report := f.get("/api/health", "").isOK()
		require.Equal(t, "degraded", report.json()["status"], "still 200: restarting it would mend nothing")
		require.Contains(t, string(report.body), `"Not OK"`)
	}
	f.health = workflow.Health{}
	a := f.get("/api/health", "")
	require.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
	require.Equal(t, "unavailable", a.json()["status"])
}

func TestMetadata(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, `{"api_version":"1.0.0","api_client_id":"public-client","api_root_scope":"api://`+coreAudience+`","aad_tenant_id":"tenant",`+
		`"portal":{"client_id":"public-client","authority":"https://login.example/tenant","known_authorities":["login.example"],"link_hosts":["https://*.blob.example"]},`+
		`"build":"v1","commit":"abc"}`+"\n",
		string(f.get("/api/.metadata", "").isOK().body))
}

func TestOpenAPIIsServed(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, "3.1.0", f.get("/api/openapi.json", "").isOK().json()["openapi"])
}

func TestOperations(t *testing.T) {
	f := newFixture(t)
	f.parked = []airlock.Parked{{ID: "e1", Function: "OnScanResult", Reason: "unreadable", At: moment, Event: []byte(`{"a":1}`)}, {ID: "e2", At: moment, Event: []byte("no json")}}
	events := f.get(parkedPath, admin()).isOK().json()["parkedEvents"].([]any)
	require.Equal(t, map[string]any{"a": 1.0}, events[0].(map[string]any)["event"])
	require.Nil(t, events[1].(map[string]any)["event"])
	require.EqualValues(t, 2, f.send("POST", "/api/operations/reconcile", admin(), "").isOK().json()["reconcile"].(map[string]any)["workspaces"])
	f.send("POST", redrivePath, admin(), "").isOK()
	require.Contains(t, f.asked, "redrive 01a207d9-2100-8177-9023-daf36fa526b9")
	f.err = airlock.ErrNotFound
	f.send("POST", redrivePath, admin(), "").isProblem(404, "no_such_event", "There is no such parked event")
	f.err = errors.New("inner")
	f.send("POST", redrivePath, admin(), "").isProblem(500, "unexpected", "Unable to process request")
}

func TestAParkedEventCanBeForgotten(t *testing.T) {
	const path = "/api/operations/parked-events/01a207d9-2100-8177-9023-daf36fa526b9/redrive"
	f := newFixture(t)
	f.send("POST", path, admin(), `{"discard":true}`).isOK()
	require.Contains(t, f.asked, "discard 01a207d9-2100-8177-9023-daf36fa526b9")
	f.err = &airlock.StatusError{Rule: "cannot_be_handled", Reason: "r"}
	f.send("POST", path, admin(), `{}`).isProblem(400, "not_now", "r")
}

func TestTheDoctorsFindingsAreForAdministrators(t *testing.T) {
	f := newFixture(t)
	a := f.get("/api/operations/doctor", admin()).isOK().json()
	require.Equal(t, false, a["well"])
	require.Equal(t, "wrong", a["findings"].([]any)[0].(map[string]any)["state"])
	f.get("/api/operations/doctor", treUser()).isProblem(403, "role_missing", "")
}
