package audit_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// The published format describes every action, and no other.
func TestEveryActionIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/audit-format.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "| action | meaning | `detail` |\n")
	require.True(t, found, "docs/audit-format.md has lost its table of actions")
	table, _, _ = strings.Cut(table, "\n\n")
	var documented []audit.Action
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)`").FindAllStringSubmatch(table, -1) {
		documented = append(documented, audit.Action(row[1]))
	}
	var own []audit.Action
	for _, action := range documented {
		if !isTrigger(action) {
			own = append(own, action)
		}
	}
	assert.ElementsMatch(t, audit.Actions(), own, "describe the action in docs/audit-format.md, or remove it there")
	for _, action := range audit.Actions() {
		assert.False(t, isTrigger(action), "%s is a trigger too", action)
	}
}

func isTrigger(action audit.Action) bool {
	for _, on := range airlock.Triggers() {
		if audit.Of(on) == action {
			return true
		}
	}
	return false
}

// An action written as a text would be a new one if it were misspelt.
func TestActionsAreConstants(t *testing.T) {
	files, err := filepath.Glob("../workflow/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotRegexp(t, `\.record\("`, string(source), "%s: use a constant of package audit", file)
	}
}
