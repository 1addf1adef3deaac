package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The insides of files are looked at on this machine, with no airlock in reach. Where no gate demands it, it is advice.
func TestCheckLooksInside(t *testing.T) {
	t.Parallel()
	p := newcomer(t)
	policy := p.file("policy.json", `{"files":{"maxFiles":3,"export":{"allowedExtensions":[".csv"]}}}`)
	small := p.file("small.csv", "group,count\na,3\nb,20\n")
	fine := p.run("check", small, "--export", "--policy", policy).ends(0).prints("small.csv\tsdc.small_count\tnote\t")
	assert.NotContains(t, fine.stdout, "a,3", "what a finding is about is not in it")
	p.run("check", small, p.file("x.rds", "x"), "--export", "--policy", policy).ends(7).prints("x.rds\tforbidden_type\trefuse\t")
	p.run("check", small, "--export", "--policy", policy, "-o", "json", "--jq", ".[0].places[0].line").ends(0).prints("2\n")
	p.run("check", small, "--policy", policy).ends(2)

	demanded := p.file("gate.json", `{"files":{"maxFiles":3},"gates":{"export":[{"id":"disclosure","kind":"content","rules":{"sdc.small_count":{"action":"return"}}}]}}`)
	p.run("check", small, "--export", "--policy", demanded).ends(7).prints("small.csv\tsdc.small_count\treturn\t").says("sent back")
	p.run("check", small, "--import", "--policy", demanded).ends(0)

	// A session of ACRO's is compared with the files in its folder.
	p.file("session/results.json", `{"version": "1.0.2", "results": {"a": {"status": "pass", "type": "table", "outcome": {}, "files": [{"name": "a.csv", "sdc": {}}, {"name": "gone.csv", "sdc": {}}]}}}`)
	p.file("session/a.csv", "group,count\na,30\nb,20\n")
	p.file("session/checksums/a.csv.txt", strings.Repeat("0", 64))
	p.file("session/b.csv", "group,count\na,30\nb,20\n")
	p.run("check", "session", "--export", "--policy", p.file("many.json", `{"files":{"maxFiles":9}}`)).
		prints("session/a.csv\tacro.checksum\t").prints("session/b.csv\tacro.unlisted\t").prints("session/results.json\tacro.missing\t")
	wrong := p.file("wrong.json", `{"gates":{"export":[{"id":"disclosure","kind":"content","preset":"nowhere"}]}}`)
	p.run("check", small, "--export", "--policy", wrong).ends(2)
}

// Names and sizes are judged here as they are there.
func TestCheckSaysWhatTheServiceSays(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	var named []map[string]any
	names := []string{"fine.csv", "größe.csv", "a/b/c/d/e.csv", "x;y.csv", "trailing .csv", "FINE.csv", "-dash.csv", strings.Repeat("long", 40) + ".csv"}
	slices.Sort(names) // as a folder and a container are listed
	for _, name := range names {
		ada.file("files/"+name, "1")
		named = append(named, map[string]any{"name": "files/" + name, "size": 1})
	}
	for _, direction := range []string{"export", "import"} {
		body, err := json.Marshal(map[string]any{"type": direction, "files": named})
		require.NoError(t, err)
		there := ada.run("api", "POST", "/workspaces/{workspace}/check", "-d", string(body), "--jq", `.violations[] | [.file, .rule, .message] | join("|")`).ends(0).stdout
		here := ada.run("check", "files", "--"+direction, "--jq", `.[] | select(.action == "refuse") | [.file, .rule, .message] | join("|")`).stdout
		assert.NotEmpty(t, there)
		assert.ElementsMatch(t, strings.Split(there, "\n"), strings.Split(here, "\n"), direction)
	}
}
