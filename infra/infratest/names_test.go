package infratest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The notifier's rule table and the handler speak of the same statuses, and none
// is forgotten.
func TestNotifierRulesCoverEveryStatus(t *testing.T) {
	statuses, err := ReadConstants(filepath.Join("../..", "handler", "airlock", "status.go"), "Status")
	require.NoError(t, err)
	raw, err := os.ReadFile(filepath.Join("..", "notifier", "rules.json"))
	require.NoError(t, err)
	var rules []struct{ Statuses []string }
	require.NoError(t, json.Unmarshal(raw, &rules))
	var used []string
	for _, rule := range rules {
		used = append(used, rule.Statuses...)
	}
	assert.ElementsMatch(t, statuses, used)
}

func TestReadPlanRefusesWhatIsNoBeginning(t *testing.T) {
	for name, raw := range map[string]string{
		"not JSON":      `{`,
		"nothing":       `{"resource_changes":[]}`,
		"a replacement": `{"resource_changes":[{"address":"a.b","mode":"managed","type":"a","name":"b","change":{"actions":["delete","create"]}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadPlan([]byte(raw))
			assert.Error(t, err)
		})
	}
}

// A value that Azure chooses is neither true nor false nor absent.
func TestResourceTellsUnknownFromAbsent(t *testing.T) {
	p, err := ReadPlan([]byte(`{"resource_changes":[{"address":"module.core.module.stage[\"stalimip\"].a.b","mode":"managed","type":"a","name":"b",
		"change":{"actions":["create"],"after":{"on":true,"rules":[{"days":7}]},"after_unknown":{"id":true}}}]}`))
	require.NoError(t, err)
	r := p.Resources[0]

	assert.True(t, r.True("on"))
	assert.False(t, r.False("off"), "absent is not false")
	assert.True(t, r.ToCome("id"))
	assert.False(t, r.ToCome("on"))
	assert.Equal(t, 7.0, r.Number("rules.0.days"))
	assert.Nil(t, r.Get("rules.1.days"))
	assert.Equal(t, "stage: a.b", r.Kind())
	module, code, ok := r.Stage()
	assert.True(t, ok)
	assert.Equal(t, "module.core stalimip", module+" "+code)
}

func TestMatchesNameBothSides(t *testing.T) {
	var f findings
	f.same("things", []string{"a", "b"}, []string{"b", "c"})
	assert.Equal(t, findings{"things: missing a", "things: c is not promised"}, f)

	assert.NotEmpty(t, MatchSettings(&Plan{}, []string{"AIRLOCK_X"}, nil))
	assert.NotEmpty(t, MatchFunctions(&Plan{}, []Function{{Name: "OnX", Trigger: "eventGridTrigger"}}))
	assert.NotEmpty(t, MatchFunctions(&Plan{}, []Function{{Name: "Tick", Trigger: "timerTrigger", Schedule: "%NoSuchSetting%"}}))
	assert.NotEmpty(t, MatchAlerts(&Plan{}, LogLines{Codes: []string{"request_overdue"}}, ""))
	assert.NotEmpty(t, MatchAlerts(&Plan{}, LogLines{}, "\n## Alerts\n### handler_down\n"))
	assert.NotEmpty(t, MatchRoles(&Plan{}, "| `core: azurerm_role_assignment.x` | Reader | me | because |\n"))
}

// Go source is read, not searched: a setting in a comment does not count.
func TestSourceReaders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.go")
	require.NoError(t, os.WriteFile(file, []byte(`package x

// AIRLOCK_COMMENT is none.
type Kind string
const A, B Kind = "a", "b"
const OnFire, Silent Alert = "on_fire", "silent"
func f() { g("AIRLOCK_ONE", "AIRLOCK_", "AIRLOCK_ONE"); log.Error("msg", "alert", logging.OnFire, "x", 1); log("other", 1) }
`), 0o600))

	names, err := ReadSettings(file)
	require.NoError(t, err)
	assert.Equal(t, []string{"AIRLOCK_ONE"}, names)
	lines, err := ReadLogLines(filepath.Dir(file))
	require.NoError(t, err)
	assert.Equal(t, LogLines{[]string{"on_fire"}, []string{"alert", "level", "msg", "time", "x"}}, lines)
	kinds, err := ReadConstants(file, "Kind")
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, kinds)
	_, err = ReadConstants(file, "None")
	assert.Error(t, err)
}

// A query is read far enough to know that the names in it exist.
func TestReadQuery(t *testing.T) {
	logged := LogLines{Members: []string{"alert", "request"}}
	functions := []Function{{Name: "Reconcile"}}
	const good = "AppTraces\n| where Message has \"alert\"\n| extend Line = parse_json(Message)\n| project TimeGenerated, Request = tostring(Line.request)"
	for query, want := range map[string]findings{
		good: nil,
		"AppRequests\n| where OperationName == \"Reconcile\" and Success": nil,
		"Traces\n": {"there is no table Traces"},
		"AppTraces\n| where Text has \"Reconcile\"":   {"there is no column Text"},
		good + ", tostring(Line.oid)":                 {"the handler logs no member oid"},
		"AppRequests\n| where OperationName == \"X\"": {"there is no function X"},
	} {
		assert.Equal(t, want, findings(readQuery(query, logged, functions)), query)
	}
}

// Order is followed through arguments, outputs and depends_on.
func TestReadOrder(t *testing.T) {
	o, err := ReadOrder([]byte(`{"configuration":{"root_module":{"module_calls":{
		"core":{"module":{"resources":[{"address":"a.package","expressions":{}},{"address":"a.other","expressions":{}}],
			"outputs":{"ready":{"expression":{"references":["a.other.id","a.other"]},"depends_on":["a.package"]}}}},
		"workspace":{"expressions":{"core":{"references":["module.core.ready","module.core"]}},
			"module":{"resources":[{"address":"b.row","expressions":{"id":{"references":["var.core"]}}},{"address":"b.alone","expressions":{}}]}}}}}}`))
	require.NoError(t, err)
	assert.True(t, o.Waits("workspace: b.row", "core: a.package"))
	assert.True(t, o.Waits("workspace: b.row", "core: a.other"))
	assert.False(t, o.Waits("workspace: b.alone", "core: a.package"))
	assert.NotEmpty(t, checkOrder(o))
	assert.NotEmpty(t, checkProvider(o))

	for _, raw := range []string{`{`, `{}`} {
		_, err := ReadOrder([]byte(raw))
		assert.Error(t, err)
	}
}

func TestSeenFrom(t *testing.T) {
	const row = "module.workspace[imaging].module.stage[stalexip].a.b[core]"
	for target, want := range map[string]string{
		"<module.workspace[imaging].module.stage[stalexip].a.c[0]>/x": "a.c/x",
		"<module.workspace[imaging].module.stage[stalexrej].a.c>":     "module.workspace[=].module.stage[stalexrej].a.c",
		"<module.core.a.c[blob]>":                                     "module.core.a.c[blob]",
		"<a.c[imaging]>":                                              "a.c[=]",
	} {
		assert.Equal(t, want, seenFrom(row, target))
	}
}

func TestReadTestPlansMissesNone(t *testing.T) {
	for _, out := range []string{"", "{\n", `{"@testrun":"example","test_plan":{}}`} {
		_, err := readTestPlans([]byte(out), strings.NewReplacer())
		assert.Error(t, err, out)
	}
}
