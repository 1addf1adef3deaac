package sandbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/hostile"
)

// Each of these makes a parser that reads tokens whole take hundreds of MiB. The
// child has 160 MiB for everything and lives.
func TestBombsFitIntoAChild(t *testing.T) {
	for _, c := range hostile.Tokens() {
		name := c.Name
		began := time.Now()
		o, err := child(t, "good").Step(t.Context(), file(name), nil, c.Source, time.Minute)
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
		t.Logf("%s: %v, %v", name, time.Since(began), rules)
	}
}
