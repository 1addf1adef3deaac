package sandbox_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/hostile"
)

// A hostile upload ends with its finding. The child stays within its limit, and its parent, which is the handler in the
// service, notices nothing: it holds one range of the file.
func TestHostileFilesEndWithTheirFinding(t *testing.T) {
	for _, c := range hostile.Structures() {
		name := c.Name
		began, most := time.Now(), hostile.Watch(os.Getpid())
		o, err := child(t, "good").Step(t.Context(), file(name), nil, c.Source, time.Minute)
		memory := most()
		require.NoError(t, err, name)
		require.True(t, o.Done, name)
		rules := []string{}
		for _, f := range o.Report.Findings {
			rules = append(rules, f.Rule)
		}
		if c.Finds == "" {
			require.NotContains(t, rules, "uncheckable.corrupt", name)
		} else {
			require.Contains(t, rules, c.Finds, name)
		}
		require.LessOrEqual(t, memory.Child, 160, "%s: MiB of the child", name)
		t.Logf("%s: %v, child %d MiB, parent %d MiB, %v", name, time.Since(began).Round(time.Millisecond), memory.Child, memory.Self, rules)
	}
}
