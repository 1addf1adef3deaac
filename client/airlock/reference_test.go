package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the documents anew")

// all are the commands that people see, each before those below it.
func all(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			list = append(list, all(below)...)
		}
	}
	return list
}

func newRoot() *cobra.Command {
	root := newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" }).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.DisableAutoGenTag = true
	return root
}

var inherited = regexp.MustCompile("(?s)### Options inherited from parent commands\n\n```\n.*?\n```\n\n|### SEE ALSO\n\n\\* \\[airlock[^\n]*\n\n|  -h, --help[^\n]*\n")

// docs/CLI.md is the help of every command.
func TestReferenceDocument(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# The command line `airlock`\n\nGenerated from `client/airlock`; a test compares. `airlock COMMAND --help` shows the same.\n\n")
	b.WriteString("| exit code | meaning |\n|---:|---|\n")
	for line := range strings.Lines(exitCodes) {
		code, meaning, _ := strings.Cut(strings.TrimSpace(line), " ")
		b.WriteString("| " + code + " | " + strings.TrimSpace(meaning) + " |\n")
	}
	b.WriteString("\n")
	for _, c := range all(newRoot()) {
		if c.Name() == "help" || c.HasParent() && c.Parent().Name() == "completion" {
			continue
		}
		require.NoError(t, doc.GenMarkdownCustom(c, &b, func(link string) string {
			return "#" + strings.ReplaceAll(strings.TrimSuffix(link, ".md"), "_", "-")
		}))
	}
	// Text common to all commands stands once, with the first command.
	got := inherited.ReplaceAllString(b.String(), "")
	const file = "../../docs/CLI.md"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run make generate")
}

// Every command has a sentence and an example for newcomers.
func TestEveryCommandHelps(t *testing.T) {
	for _, c := range all(newRoot()) {
		if c.Name() == "help" || c.Name() == "completion" || c.HasParent() && c.Parent().Name() == "completion" || c.IsAdditionalHelpTopicCommand() {
			continue
		}
		assert.NotEmpty(t, c.Short, c.CommandPath())
		assert.NotEmpty(t, c.Example, c.CommandPath())
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			assert.LessOrEqual(t, len([]rune(line)), 130, "%s: %s", c.CommandPath(), line)
		}
	}
}

// There is a manual page for every command.
func TestManualPages(t *testing.T) {
	dir := t.TempDir()
	a := newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, os.Getenv)
	require.Equal(t, 0, a.run(t.Context(), []string{"man", dir}))
	for _, c := range all(newRoot()) {
		if c.IsAdditionalHelpTopicCommand() || c.Name() == "help" {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"))
		require.NoError(t, err)
		assert.Contains(t, string(page), ".TH", c.CommandPath())
	}
}
