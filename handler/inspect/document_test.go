package inspect_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

var update = flag.Bool("update", false, "write the generated documents")

func TestRulesDocumentIsUpToDate(t *testing.T) {
	measured, err := os.ReadFile("rules/measured.md")
	require.NoError(t, err)
	want := rulesDocument() + "\n" + string(measured)
	const path = "../../docs/RULES.md"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "run make generate")
}

func rulesDocument() string {
	var b strings.Builder
	b.WriteString(`# Rules of the content gate

Generated from ` + "`handler/inspect/rules`" + `; a test compares.

A rule finds something in a file. A policy says what follows: ` + "`note`" + ` shows it, ` + "`review`" + ` asks every approving
reviewer to acknowledge it with a reason, ` + "`return`" + ` sends the request back to its requestor to be mended, and
` + "`block`" + ` puts the files into quarantine. What is doubtful is always a note. A finding holds no data: it names a rule, a
place in numbers, and how often.

| rule | finds | severity | import | export | threshold | what the requestor can do |
|---|---|---|---|---|---|---|
`)
	for _, r := range inspect.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", r.ID, r.Title, r.Severity, r.Import, r.Export, thresholdText(r.Threshold), r.Advice)
	}
	b.WriteString("\n## Where thresholds come from\n\n| rule | source |\n|---|---|\n")
	for _, r := range inspect.Rules() {
		if r.Basis != "" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", r.ID, r.Basis)
		}
	}
	b.WriteString("\n## Presets\n\nA preset changes what is in the table above. The policy's own settings come after it.\n")
	for _, p := range inspect.Presets() {
		fmt.Fprintf(&b, "\n### `%s`: %s\n\nSource: %s (read %s).\n\n", p.Name, p.Title, p.Basis, p.Read)
		if len(p.Types) > 0 {
			fmt.Fprintf(&b, "Types that are allowed: %s.\n\n", strings.Join(p.Types, ", "))
		}
		b.WriteString("| rule | action | threshold |\n|---|---|---|\n")
		for _, r := range inspect.Rules() {
			if s, ok := p.Rules[r.ID]; ok {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.ID, cmp.Or(string(s.Action), "as above"), thresholdText(cmp.Or(s.Threshold, r.Threshold)))
			}
		}
	}
	return b.String()
}

// A rule that nothing finds would be a promise without anything behind it.
func TestEveryRuleIsFoundBySomething(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, path := range sources {
		if !strings.HasSuffix(path, "_test.go") {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			code.Write(b)
		}
	}
	for _, r := range inspect.Rules() {
		require.Contains(t, code.String(), `"`+r.ID+`"`)
	}
}

func thresholdText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
