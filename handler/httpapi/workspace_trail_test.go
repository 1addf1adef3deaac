package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow"
)

func TestAcceptWorkspace(t *testing.T) {
	f := newFixture(t)
	f.accepted = workflow.Acceptance{Workspace: f.workspaces[0], Digest: "d", Taken: true,
		Differences: []workflow.Difference{{Member: "policy.review.allowSelfReview", Was: json.RawMessage("false"), Is: json.RawMessage("true")}, {Member: "x"}}}
	path := "/api/workspaces/" + string(genomics) + "/accept"
	body := f.send("POST", path, admin(), "").isOK().json()
	require.Equal(t, true, body["taken"])
	require.Equal(t, "d", body["digest"])
	require.Equal(t, []any{map[string]any{"member": "policy.review.allowSelfReview", "was": false, "is": true}, map[string]any{"member": "x", "was": nil, "is": nil}}, body["differences"])
	require.Contains(t, f.asked, "accept "+string(genomics)+" look=false any")
	f.send("POST", path, admin(), `{"look":true}`).isOK()
	require.Contains(t, f.asked, "accept "+string(genomics)+" look=true any")
	f.send("POST", path, admin(), `{"digest":"d"}`).isOK()
	require.Contains(t, f.asked, "accept "+string(genomics)+" look=false d")
	f.err = airlock.ErrStale
	f.send("POST", path, admin(), "").isProblem(http.StatusPreconditionFailed, "precondition_failed", "It is not at the version named in the request; read it again")
	f.err = &airlock.StatusError{Rule: "nothing_to_accept", Reason: "Nobody has changed it."}
	f.send("POST", path, admin(), "").isProblem(http.StatusBadRequest, "not_now", "Nobody has changed it.")
}

func TestWorkspaceHistory(t *testing.T) {
	f := newFixture(t)
	f.trail = workflow.Trail{Request: airlock.Request{Workspace: genomics, Chain: airlock.ChainHead{Hash: "ab", Length: 1}}, At: moment,
		Rows: []audit.Row{{Seq: 1, Hash: "ab", Body: []byte(`{"document":{"policy":{}}}`)}}, Verification: audit.Verification{OK: true, Records: 1}}
	body := f.get("/api/workspaces/"+string(genomics)+"/history", admin()).isOK().json()
	require.Equal(t, string(genomics), body["workspaceId"])
	require.NotContains(t, body, "requestId")
	require.Len(t, body["records"], 1)
}

// Rows that somebody else wrote have a problem of their own: trying again does not help.
func TestDamagedStateIsAProblemOfItsOwn(t *testing.T) {
	f := newFixture(t)
	const detail = "The stored record is not as this service wrote it. Nothing is done and nothing of it is shown until an operator of the TRE has looked"
	for _, err := range []error{&airlock.Fault{Kind: airlock.Operator, Code: airlock.StateDamaged, Operation: "load request", Account: "a"}, &airlock.DamageError{What: "x"}} {
		f.err = err
		f.get(requestPath, admin()).isProblem(http.StatusInternalServerError, "state_damaged", detail)
	}
}

func TestAListCountsWhatItLeavesOut(t *testing.T) {
	f := newFixture(t)
	require.NotContains(t, f.get(requestsPath, admin()).isOK().json(), "damagedRows")
	f.page = func(airlock.Query) airlock.Page { return airlock.Page{Requests: []airlock.Request{}, Damaged: 2} }
	for _, query := range []string{"", "?limit=5", "?order_by=title"} {
		require.EqualValues(t, 2, f.get(requestsPath+query, admin()).isOK().json()["damagedRows"], query)
	}
}

func TestSealRows(t *testing.T) {
	f := newFixture(t)
	body := f.send("POST", "/api/operations/seal", admin(), "").isOK().json()
	require.Equal(t, map[string]any{"requests": 2.0, "rows": 0.0, "left": []any{"x"}, "done": true}, body)
	require.Contains(t, f.asked, "seal unanchored=false")
	f.send("POST", "/api/operations/seal", admin(), `{"unanchored":true}`).isOK()
	require.Contains(t, f.asked, "seal unanchored=true")
}
