package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/workflow"
)

// gateRun is an external gate with findings.
func gateRun() airlock.GateRun {
	return airlock.GateRun{Policy: airlock.GatePolicy{ID: "dlp", Kind: airlock.ExternalGate, Mode: airlock.GateRequired}, Status: airlock.RunFindings,
		Counts: airlock.GateCounts{High: 2}, Rules: []string{"dlp.person"}, Review: 1}
}

func TestFindingsAreShown(t *testing.T) {
	f := newFixture(t)
	f.request.Files = []airlock.File{{Name: "a.csv", Size: 3}}
	f.request.Gates = []airlock.GateRun{gateRun()}
	shown := f.get(requestPath, researcher()).isOK().json()["airlockRequest"].(map[string]any)["gates"].([]any)[0].(map[string]any)
	require.Equal(t, "findings", shown["status"])
	require.InDelta(t, 2, shown["counts"].(map[string]any)["high"], 0)

	f.findings = []workflow.GateFindings{{Run: gateRun(), Messages: []string{"two people"}, Groups: []string{"dlp.person/1"}, Found: airlock.Findings{Files: []airlock.FileFindings{{File: 1,
		Findings: []inspect.Judged{{Finding: inspect.Finding{Rule: "dlp.person", Severity: inspect.High, Count: 2}, Action: inspect.ActReview}}}}}}}
	answer := f.get(requestPath+"/findings", manager()).isOK().json()
	one := answer["gates"].([]any)[0].(map[string]any)["findings"].([]any)[0].(map[string]any)
	require.Equal(t, "a.csv", one["name"])
	require.Equal(t, "review", one["action"])
	require.Equal(t, "two people", one["message"])

	f.raw = []byte("North,3\n\x00\xff")
	excerpt := f.get(requestPath+"/gates/dlp/findings/1/excerpt?place=2", manager()).isOK().json()
	require.Equal(t, "North,3\n\uFFFD\uFFFD", excerpt["text"])
	f.err = airlock.ErrNoExcerpt
	f.get(requestPath+"/gates/dlp/findings/9/excerpt", manager()).isProblem(http.StatusNotFound, "no_excerpt", "There are no bytes to show of that finding")
}

func TestAnApprovalWithoutAcknowledgements(t *testing.T) {
	f := newFixture(t)
	f.err = &airlock.UnacknowledgedError{Missing: []airlock.Violation{{Rule: "findings_not_acknowledged", Member: "content sdc.small_count/1", Message: "not acknowledged"}}}
	a := f.send("POST", requestPath+"/review", manager(), `{"decision":"approve","decisionExplanation":"fine"}`)
	a.isProblem(http.StatusConflict, "findings_not_acknowledged", "The gates found what an approval has to acknowledge, each with a reason")
	require.Equal(t, "content sdc.small_count/1", a.json()["violations"].([]any)[0].(map[string]any)["location"])
	f.err = nil
	f.send("POST", requestPath+"/review", manager(), `{"decision":"approve","decisionExplanation":"fine","acknowledgements":[{"gate":"content","group":"sdc.small_count/1","reason":"agreed with the owner"}]}`).isOK()
	require.Equal(t, []airlock.Acknowledgement{{Gate: "content", Group: "sdc.small_count/1", Reason: "agreed with the owner"}}, f.review.Acknowledgements)
}

func TestTheRulesAreOpen(t *testing.T) {
	f := newFixture(t)
	answer := f.get("/api/gates/rules", "").isOK()
	require.True(t, strings.Contains(string(answer.body), "sdc.small_count"))
}

// The calls of external gates take a core token of an application with the role, and
// nothing that a verdict says is taken for a word about other files.
func TestAGateSpeaks(t *testing.T) {
	f := newFixture(t)
	f.request.Files = []airlock.File{{Name: "a.csv", Size: 3, InProgressETag: "0x1", SHA256: "ab"}}
	f.request.Gates = []airlock.GateRun{gateRun()}
	path := requestPath + "/gates/dlp"
	for _, token := range []string{researcher(), manager(), owner()} {
		require.Equal(t, http.StatusUnauthorized, f.get(path, token).StatusCode, "a workspace's token is for no gate")
	}
	require.Equal(t, http.StatusForbidden, f.get(path, admin()).StatusCode)
}

// A verdict names every file: there is room for as many as a request can have, with long
// names.
func TestAVerdictHasRoomForAllFiles(t *testing.T) {
	f := newFixture(t)
	engine := issuer().sign(map[string]any{"aud": coreAudience, "roles": []airlock.Role{airlock.RoleGate}, "idtyp": "app", "scp": ""})
	files := []map[string]any{}
	for i := range airlock.MaxFilesCeiling {
		name := fmt.Sprintf("%s%04d.csv", strings.Repeat("測", 800), i)
		f.request.Files = append(f.request.Files, airlock.File{Name: name, Size: 3})
		files = append(files, map[string]any{"name": name})
	}
	f.request.Gates = []airlock.GateRun{gateRun()}
	body, err := json.Marshal(map[string]any{"contentDigest": "sha256:0", "outcome": "passed", "engine": map[string]any{"name": "e"}, "files": files})
	require.NoError(t, err)
	f.send("PUT", requestPath+"/gates/dlp/verdict", engine, string(body)).isOK()
	require.Len(t, f.word.Files, airlock.MaxFilesCeiling)
	f.send("PUT", requestPath+"/gates/dlp/verdict", engine, `{"more":"`+strings.Repeat("x", 4<<20)+`"}`).isProblem(http.StatusRequestEntityTooLarge, "body_too_large", "")
}

// Messages stay with their findings, however a verdict orders these.
func TestMessagesStayWithTheirFindings(t *testing.T) {
	f := newFixture(t)
	engine := issuer().sign(map[string]any{"aud": coreAudience, "roles": []airlock.Role{airlock.RoleGate}, "idtyp": "app", "scp": ""})
	f.request.Files = []airlock.File{{Name: "a.csv"}, {Name: "b.csv"}}
	f.request.Gates = []airlock.GateRun{gateRun()}
	f.send("PUT", requestPath+"/gates/dlp/verdict", engine, `{"contentDigest":"sha256:0","outcome":"findings","engine":{"name":"e"},"files":[{"name":"a.csv"},{"name":"b.csv"}],"findings":[
		{"rule":"x.1","severity":"low","file":"b.csv","message":"first of b"},{"rule":"x.2","severity":"low","file":"a.csv"},{"rule":"x.3","severity":"low","file":"b.csv","message":"second of b"}]}`).isOK()
	var rules []string
	for _, file := range f.word.Found {
		for _, one := range file.Findings {
			rules = append(rules, one.Rule)
		}
	}
	require.Equal(t, []string{"x.1", "x.3", "x.2"}, rules)
	require.Equal(t, []string{"first of b", "second of b", ""}, f.word.Messages)
}
