//go:build infra

package infratest

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

const (
	infraDir = ".."
	repoDir  = "../.."
)

// bench is a fresh copy of infra/ with the stand-in of Azure beside it.
func bench(t *testing.T) *Workbench {
	t.Helper()
	arm, err := StartResourceManager(filepath.Join(t.TempDir(), "ca.pem"))
	require.NoError(t, err)
	t.Cleanup(arm.Close)
	b, err := NewWorkbench(infraDir, t.TempDir(), arm)
	require.NoError(t, err)
	return b
}

func TestFormat(t *testing.T) {
	b := bench(t)
	_, err := b.Terraform(".", "fmt", "-check", "-diff", "-recursive")
	require.NoError(t, err, "run: terraform fmt -recursive infra")
}

func TestModules(t *testing.T) {
	for _, module := range []string{"stage", "core", "workspace", "notifier", "gate"} {
		t.Run(module, func(t *testing.T) {
			b := bench(t)
			_, err := b.Terraform(module, "init", "-input=false", "-no-color")
			require.NoError(t, err)
			_, err = b.Terraform(module, "validate", "-no-color")
			require.NoError(t, err)
			out, err := b.Terraform(module, "test", "-no-color")
			require.NoError(t, err)
			t.Logf("%s", out)
		})
	}
}

func TestLint(t *testing.T) {
	b := bench(t)
	config, err := filepath.Abs(filepath.Join(infraDir, ".tflint.hcl"))
	require.NoError(t, err)
	for _, module := range []string{"stage", "core", "workspace", "notifier", "gate", example} {
		cmd := exec.Command(filepath.Join(CacheDir(), "bin", "tflint"), "--config="+config, "--no-color")
		cmd.Dir = filepath.Join(b.Dir, module)
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "tflint in %s:\n%s", module, out)
	}
}

// examplePlan plans the example once for all tests that read it.
func examplePlan(t *testing.T) (*Workbench, *Plan) {
	t.Helper()
	b := bench(t)
	require.NoError(t, b.InitExample())
	_, err := b.Terraform(example, "validate", "-no-color")
	require.NoError(t, err)
	p, err := b.PlanExample()
	require.NoError(t, err)
	return b, p
}

// sources are the files that the plan is compared with.
type sources struct {
	functions       []Function
	settings        []string
	logged          LogLines
	runbook, readme string
}

func readSources(t *testing.T) sources {
	t.Helper()
	var s sources
	var err error
	s.functions, err = ReadFunctions(filepath.Join(repoDir, "functions"))
	require.NoError(t, err)
	s.settings, err = ReadSettings(filepath.Join(repoDir, "handler", "config.go"))
	require.NoError(t, err)
	s.logged, err = ReadLogLines(filepath.Join(repoDir, "handler"))
	require.NoError(t, err)
	runbook, err := os.ReadFile(filepath.Join(repoDir, "docs", "RUNBOOK.md"))
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(infraDir, "README.md"))
	require.NoError(t, err)
	s.runbook, s.readme = string(runbook), string(readme)
	return s
}

// findings asks everything of a workbench's example, each line beginning with
// what it breaks. The ids are those of the undamaged example.
func (s sources) findings(t *testing.T, b *Workbench, undamaged *Plan) []string {
	t.Helper()
	p, err := b.PlanExample()
	require.NoError(t, err)
	if undamaged == nil {
		undamaged = p
	}
	wired, err := b.PlanWired(undamaged)
	require.NoError(t, err)

	all := append(Broken(p), BrokenWired(wired)...)
	for name, lines := range map[string][]string{
		"functions": MatchFunctions(p, s.functions),
		"webhooks":  MatchWebhooks(b.Dir, s.functions),
		"settings":  MatchSettings(p, s.settings, s.functions),
		"alerts":    MatchAlerts(p, s.logged, s.runbook),
		"watching":  MatchWatching(wired["example"], s.logged, s.functions),
		"roles":     MatchRoles(wired["example"], s.readme),
		"secrets":   MatchSecrets(b.Dir),
		"registry":  MatchRegistry(p),
		"lifecycle": MatchLifecycle(b.Dir),
	} {
		for _, line := range lines {
			all = append(all, name+": "+line)
		}
	}
	for _, promise := range NetworkPromises {
		for _, line := range promise.Check(p) {
			all = append(all, promise.Name+": "+line)
		}
	}
	return all
}

func TestExample(t *testing.T) {
	b, p := examplePlan(t)

	t.Run("as promised", func(t *testing.T) { assert.Empty(t, strings.Join(readSources(t).findings(t, b, nil), "\n")) })
	t.Run("costs what COSTS says", func(t *testing.T) { costsAreTold(t, "separate", p) })
	t.Run("reads nothing from Azure", func(t *testing.T) { assert.Empty(t, b.ARM.Unexpected()) })
	t.Run("registry documents are what the handler reads", func(t *testing.T) {
		docs, ok := p.Outputs["registry_documents"].(map[string]any)
		require.True(t, ok)
		require.Len(t, docs, 2)
		for name, o := range docs {
			document, _ := walk(o, "document").(string)
			decoder := json.NewDecoder(strings.NewReader(document))
			decoder.DisallowUnknownFields()
			var w airlock.Workspace
			require.NoError(t, decoder.Decode(&w), name)
			id, _ := walk(o, "workspace_id").(string)
			_, err := airlock.ParseWorkspaceID(id)
			require.NoError(t, err, name)
			assert.ElementsMatch(t, airlock.WorkspaceStages, slices.Collect(maps.Keys(w.Accounts)), name)
			assert.NotEmpty(t, w.ClientID)
			assert.Equal(t, airlock.DefaultPolicy(), w.Policy, name)
		}
	})
}
