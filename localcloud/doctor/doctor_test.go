package doctor_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

var shared *story.Cloud

func TestMain(m *testing.M) {
	os.Exit(storytest.Run(m, nil, func(c *story.Cloud) error { shared = c; return nil }))
}

// examine runs `handler doctor` with settings over those of the running handler, and returns its lines except those that
// is well.
func examine(t *testing.T, settings ...string) (complaints []string, well bool) {
	t.Helper()
	root, err := storytest.Root()
	require.NoError(t, err)
	env, err := cloud.HandlerEnvironment(shared.Dir)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), filepath.Join(root, "build", "handler"), "doctor")
	env = slices.DeleteFunc(env, func(setting string) bool { return strings.HasPrefix(setting, "FUNCTIONS_") }) // the host's
	command.Env = slices.Concat(env, settings)
	out, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		require.Equal(t, 1, failed.ExitCode(), string(failed.Stderr))
	} else {
		require.NoError(t, err)
	}
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "ok ") {
			complaints = append(complaints, strings.TrimSpace(line))
		}
	}
	require.NotContains(t, string(out), "sig=")
	return complaints, err == nil
}

func TestAWellDeploymentIsWell(t *testing.T) {
	complaints, well := examine(t)
	require.Empty(t, complaints)
	require.True(t, well)
	a, err := shared.Call(t.Context(), story.Admin, "", http.MethodGet, "/operations/doctor", nil, nil)
	require.NoError(t, err)
	var report struct {
		Well     bool
		Findings []struct{ Check, State, Says string }
	}
	require.NoError(t, a.Into(&report))
	require.True(t, report.Well, string(a.Body))
	require.Greater(t, len(report.Findings), 50)
}

// breaking is one thing that is wrong. names must be in one complaint together.
type breaking struct {
	what     string
	settings []string
	faults   url.Values
	do, undo func(t *testing.T)
	names    []string
}

func rule(op, match, do string) url.Values {
	return url.Values{"op": {op}, "match": {match}, "do": {do}, "n": {"1000"}, "by": {"program"}}
}

func policy(change func(map[string]any)) (do, undo func(t *testing.T)) {
	var before map[string]any
	return func(t *testing.T) {
			var err error
			before, err = shared.ChangePolicy(t.Context(), "genomics", change)
			require.NoError(t, err)
		}, func(t *testing.T) {
			_, err := shared.ChangePolicy(t.Context(), "genomics", func(policy map[string]any) {
				clear(policy)
				for name, value := range before {
					policy[name] = value
				}
			})
			require.NoError(t, err)
		}
}

// row damages a registry row and puts it back.
func row(change func(ground.Row)) (do, undo func(t *testing.T)) {
	const table = "AirlockWorkspaces"
	var before ground.Row
	return func(t *testing.T) {
			rows, err := shared.Ground.Rows(t.Context(), table, "", "")
			require.NoError(t, err)
			text, err := json.Marshal(rows[0])
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &before))
			change(rows[0])
			require.NoError(t, shared.Ground.Put(t.Context(), table, rows[0]))
		}, func(t *testing.T) {
			require.NoError(t, shared.Ground.Put(t.Context(), table, before))
		}
}

// proposal writes a registry row as somebody else would, and removes it.
func proposal() (do, undo func(t *testing.T)) {
	const table = "AirlockWorkspaces"
	theirs := ground.Row{"PartitionKey": "workspaces", "RowKey": shared.Workspaces["genomics"], "Document": "{}"}
	return func(t *testing.T) { require.NoError(t, shared.Ground.Put(t.Context(), table, theirs)) },
		func(t *testing.T) { require.NoError(t, shared.Ground.Remove(t.Context(), table, theirs)) }
}

func graph(t *testing.T, method, path string, body any) {
	text, err := json.Marshal(body)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, shared.Control+path, strings.NewReader(string(text)))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, 2, resp.StatusCode/100)
}

func breakings() []breaking {
	selfReview, noSelfReview := policy(func(p map[string]any) { story.Member(p, "review")["allowSelfReview"] = true })
	unscanned, scanned := policy(func(p map[string]any) { story.Member(p, "malwareScanning")["enabled"] = false })
	ten, one := policy(func(p map[string]any) { story.Member(p, "review")["exportApprovals"] = 10 })
	strange, known := policy(func(p map[string]any) {
		story.Member(p, "gates")["export"] = []map[string]any{{"id": "dlp", "kind": "external", "callers": []string{"66666666-6666-4666-8666-666666666662"}}}
	})
	garbage, mended := row(func(r ground.Row) { r.SetText("Document", "{") })
	proposed, withdrawn := proposal()
	return []breaking{
		{what: "missing setting", settings: []string{"AIRLOCK_TENANT_ID="}, names: []string{"setting", "AIRLOCK_TENANT_ID"}},
		{what: "misspelt setting", settings: []string{"AIRLOCK_LINKBASE=x"}, names: []string{"setting", "AIRLOCK_LINKBASE"}},
		{what: "two purposes, one account", settings: []string{"AIRLOCK_ACCOUNT_STALIMIP=stalimexlocal"}, names: []string{"setting", "same account"}},
		{what: "signing key not there", settings: []string{"AIRLOCK_SIGNING_KEY=file:///nowhere/key.pem"}, names: []string{"signing key"}},
		{what: "dead letters not to be had", faults: rule("ListBlobs", "dead-letters", "403"), names: []string{"work", "dead letters", "Airlock: dead_letters"}},
		{what: "issuer away", settings: []string{"AIRLOCK_TOKEN_ISSUER=http://127.0.0.1:1/v2.0"}, names: []string{"issuer", "keys"}},
		{what: "identity refused", settings: []string{"IDENTITY_HEADER=wrong"}, names: []string{"account", "identity"}},
		{what: "state account wrong", settings: []string{"AIRLOCK_TABLE_ENDPOINT=https://stalnowhere.table.core.windows.net"}, names: []string{"state", "AirlockRequests"}},
		{what: "import account wrong", settings: []string{"AIRLOCK_ACCOUNT_STALIMEX=stalnowhere"}, names: []string{"account", "stalnowhere"}},
		{what: "rejected account wrong", settings: []string{"AIRLOCK_ACCOUNT_STALIMREJ=stalnowhere"}, names: []string{"account", "stalnowhere"}},
		{what: "evidence account wrong", settings: []string{"AIRLOCK_EVIDENCE_ACCOUNT=stalnowhere"}, names: []string{"evidence", "receipts"}},
		{what: "topic wrong", settings: []string{"AIRLOCK_TOPIC_NOTIFICATION=https://nowhere.local-1.eventgrid.azure.net/api/events"}, names: []string{"topic", "notification"}},
		{what: "link base wrong", settings: []string{"AIRLOCK_LINK_BASE=http://127.0.0.1:1/{account}"}, names: []string{"link", "stalimex"}},
		{what: "no role to read tables", faults: rule("QueryEntities", "AirlockParkedEvents", "403"), names: []string{"state", "AirlockParkedEvents", "read", "Airlock: table_rows"}},
		{what: "no role to write tables", faults: rule("DeleteEntity", "AirlockRequests", "403"), names: []string{"state", "AirlockRequests", "written", "Airlock: table_rows"}},
		{what: "no role to list", faults: rule("ListContainers", "stalimblocked", "403"), names: []string{"account", "stalimblocked", "listed", "Blob Data Contributor"}},
		{what: "no role to write", faults: rule("PutBlock", "stalexapp", "403"), names: []string{"account", "stalexapp", "written", "Blob Data Contributor"}},
		{what: "no role to delete", faults: rule("DeleteContainer", "stalexintgenomics", "403"), names: []string{"account", "stalexintgenomics", "deleted", "Blob Data Contributor"}},
		{what: "no role to sign", faults: rule("GetUserDelegationKey", "stalimappgenomics", "403"), names: []string{"link", "stalimappgenomics", "Delegator"}},
		{what: "no role to read tags", faults: rule("GetBlobTags", "stalexipgenomics", "403"), names: []string{"account", "stalexipgenomics", "tags"}},
		{what: "no role to append evidence", faults: rule("PutBlob", "stalevidence", "403"), names: []string{"evidence", "anchors"}},
		{what: "storage busy", faults: rule("ListContainers", "stalimrej", "503"), names: []string{"cannot tell", "stalimrej"}},
		{what: "topic refuses", faults: rule("Publish", "stepresult", "403"), names: []string{"topic", "step_result"}},
		{what: "events do not come", do: func(t *testing.T) { require.NoError(t, shared.BreakEvents(t.Context(), grid.Faults{Drop: 1})) },
			undo: func(t *testing.T) { require.NoError(t, shared.BreakEvents(t.Context(), grid.Faults{})) }, names: []string{"events", "did not come back", "OnStepResult"}},
		{what: "registry row damaged", do: garbage, undo: mended, names: []string{"registry", "Somebody else wrote what is in force"}},
		{what: "registry row changed by somebody else", do: proposed, undo: withdrawn, names: []string{"registry", "not in force", "accept"}},
		{what: "self-review", do: selfReview, undo: noSelfReview, names: []string{"policy", "their own requests"}},
		{what: "scanning off", do: unscanned, undo: scanned, names: []string{"policy", "not scanned"}},
		{what: "too few managers", do: ten, undo: one, names: []string{"people", "10 approvals"}},
		{what: "a gate of nobody", do: strange, undo: known, names: []string{"gate", "dlp of exports", "66666666-6666-4666-8666-666666666662", "object id"}},
		{what: "no role to keep inspections", faults: rule("PutBlob", "inspect", "403"), names: []string{"inspection", "inspect", "Airlock: inspections"}},
		{what: "directory refuses", do: func(t *testing.T) {
			graph(t, http.MethodPut, "/graph/faults", map[string]any{"fail": -1, "status": 403})
		},
			undo: func(t *testing.T) { graph(t, http.MethodPut, "/graph/faults", map[string]any{}) }, names: []string{"people", "Graph"}},
		{what: "evidence container deleted", do: func(t *testing.T) {
			require.NoError(t, shared.Ground.DeleteContainer(t.Context(), "stalevidencelocal", "receipts"))
		},
			undo: func(t *testing.T) {
				require.NoError(t, shared.Ground.CreateContainer(t.Context(), "stalevidencelocal", "receipts"))
			}, names: []string{"evidence", "receipts", "infra/core"}},
	}
}

func TestEachThingThatIsWrongIsNamed(t *testing.T) {
	all := breakings()
	require.GreaterOrEqual(t, len(all), 25)
	for _, b := range all {
		t.Run(b.what, func(t *testing.T) {
			if b.faults != nil {
				require.NoError(t, shared.Break(t.Context(), b.faults))
				defer func() { require.NoError(t, shared.Mend(context.WithoutCancel(t.Context()))) }()
			}
			if b.do != nil {
				b.do(t)
				defer b.undo(t)
			}
			complaints, well := examine(t, b.settings...)
			require.NotEmpty(t, complaints)
			named := false
			for _, line := range complaints {
				all := true
				for _, word := range b.names {
					all = all && strings.Contains(line, word)
				}
				named = named || all
			}
			require.True(t, named, "no complaint has all of %q:\n%s", b.names, strings.Join(complaints, "\n"))
			require.False(t, well && !strings.HasPrefix(complaints[0], "cannot tell"), "the exit code says that all is well")
		})
	}
}
