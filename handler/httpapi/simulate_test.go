package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

func TestSimulatePolicy(t *testing.T) {
	f := newFixture(t)
	f.simulated = workflow.Simulation{UnderWay: 2, Turns: []workflow.SimulatedTurn{{Request: f.request.ID, Turn: 1, Type: airlock.Export, Status: airlock.Approved, Created: moment,
		SimulatedTurn: airlock.SimulatedTurn{Was: airlock.OutlookReview, Would: airlock.OutlookReturn,
			Gates: []airlock.SimulatedGate{{ID: "content", Was: airlock.RunPassed, Would: airlock.RunReturned, Counts: airlock.GateCounts{High: 3}, Rules: []string{"sdc.small_count"}}}}}}}
	path := "/api/workspaces/" + string(genomics) + "/policy/simulate"
	draft := `{"policy":{"gates":{"export":[{"id":"content","kind":"content"}]}}}`
	body := f.send("POST", path, admin(), draft).isOK().json()
	require.Contains(t, f.asked, "simulate "+string(genomics)+" gates=1 last=20")
	require.EqualValues(t, 2, body["underWay"])
	turn := body["turns"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"review", "return", true, true}, []any{turn["was"], turn["would"], turn["changed"], turn["complete"]})
	require.Equal(t, []any{"sdc.small_count"}, turn["gates"].([]any)[0].(map[string]any)["rules"])
	f.send("POST", path, admin(), `{"policy":{},"last":50}`).isOK()
	require.Contains(t, f.asked, "simulate "+string(genomics)+" gates=0 last=50")

	for name, token := range map[string]string{"a researcher": researcher(), "an airlock manager": manager()} {
		require.Equal(t, http.StatusUnauthorized, f.send("POST", path, token, draft).StatusCode, name)
	}
	for _, bad := range []string{`{}`, `{"policy":null}`, `{"policy":{"gatez":{}}}`, `{"policy":{},"last":51}`, `{"policy":{},"last":0}`} {
		require.Equal(t, http.StatusUnprocessableEntity, f.send("POST", path, admin(), bad).StatusCode, bad)
	}
}
