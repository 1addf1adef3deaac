package logging

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Alerts that Azure raises by itself: no log line of ours.
var azuresAlerts = []string{"events_dead_lettered", "handler_down", "rights_given", "secret_replaced", "reconciler_silent", "function_failing",
	"notifier_failing"}

func TestEveryAlertIsInTheRunbook(t *testing.T) {
	text, err := os.ReadFile("../../docs/RUNBOOK.md")
	require.NoError(t, err)
	_, alerts, found := strings.Cut(string(text), "\n## Alerts\n")
	require.True(t, found)
	alerts, _, _ = strings.Cut(alerts, "\n## ")
	var told []string
	for _, heading := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(alerts, -1) {
		told = append(told, heading[1])
	}
	want := slices.Clone(azuresAlerts)
	for _, alert := range Alerts() {
		want = append(want, string(alert))
	}
	assert.ElementsMatch(t, want, told, "docs/RUNBOOK.md says what to do on each alert, and on no other")
}

// A code written as a text would wake nobody if it were misspelt.
func TestAlertsAreConstants(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	require.NoError(t, err)
	all := ""
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		if !strings.HasSuffix(file, "_test.go") {
			all += string(source)
		}
	}
	assert.NotContains(t, all, `"alert", "`, "use a constant of package logging")
	for _, alert := range Alerts() {
		name := strings.ReplaceAll(strings.Title(strings.ReplaceAll(string(alert), "_", " ")), " ", "") //nolint:staticcheck // ASCII only
		assert.Contains(t, all, "logging."+name, "nothing raises %s", alert)
	}
}
