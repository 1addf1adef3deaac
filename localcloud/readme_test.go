package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeWalkthrough: what the README shows is what `make run` prints, and it
// works line by line against a running cloud.
func TestReadmeWalkthrough(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), "```bash\n"+walkthroughScript+"```", "README.md and localcloud/walkthrough.sh differ")

	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "state")
	p := startUp(t, root, dir) // the real handler: make build made it
	script := filepath.Join(t.TempDir(), "walkthrough.sh")
	require.NoError(t, os.WriteFile(script, []byte("set -e\n"+walkthrough(p.endpoint, dir)), 0o600))
	cmd := exec.Command("bash", script)
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	_ = os.Remove("../data.csv") // the walk leaves the file a reader would have made
	require.NoError(t, err, "%s", out)
	for _, want := range []string{`"status":"submitted"`, `"status":"approval_in_progress"`, `"permission":"read"`, `"verification":{"ok":true`, "status approved"} {
		assert.Contains(t, string(out), want)
	}
}

// Every make target the README names exists.
func TestReadmeCommands(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	named := regexp.MustCompile("make ([a-z-]+)").FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, named)
	for _, m := range named {
		if m[1] == "and" { // prose: "Go, Node, make and curl"
			continue
		}
		assert.True(t, strings.Contains(string(makefile), "\n"+m[1]+":") || strings.Contains(string(makefile), "\n"+m[1]+" "), "make %s", m[1])
	}
	for _, link := range regexp.MustCompile(`\]\(([a-zA-Z/._-]+)\)`).FindAllStringSubmatch(string(readme), -1) {
		_, err := os.Stat(filepath.Join("..", link[1]))
		assert.NoError(t, err, "the README links to %s", link[1])
	}
}
