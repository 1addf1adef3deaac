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

// The documents show the commands that `make run` prints, and they work line by line against a running cloud: the README's
// walk with the command line, and that of docs/API.md with curl.
func TestDocumentedWalks(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "state")
	p := startUp(t, root, dir) // the real handler: make build made it
	for _, walk := range []struct {
		document, script string
		says             []string
	}{
		{"README.md", walkthroughScript, []string{"Ada Researcher", "Uploaded: data.csv", "Grace Manager", "approved, being released", "The receipt is signed by the airlock", "records is right", "status approved"}},
		{"docs/API.md", curlScript, []string{`"status":"submitted"`, `"status":"approval_in_progress"`, `"permission":"read"`, `"verification":{"ok":true`, "status approved"}},
	} {
		t.Run(walk.document, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, walk.document))
			require.NoError(t, err)
			assert.Contains(t, string(text), "```bash\n"+walk.script+"```", "%s and its script differ", walk.document)
			out, err := runWalk(t, root, forCloud(walk.script, p.endpoint, dir))
			require.NoError(t, err, "%s", out)
			for _, want := range walk.says {
				assert.Contains(t, out, want)
			}
		})
	}
}

// runWalk runs a script in a folder that has the repository's build in it, with a home of its own.
func runWalk(t *testing.T, root, script string) (string, error) {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(root, "build"), filepath.Join(home, "build")))
	cmd := exec.Command("bash", "-e", "-c", script)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_STATE_HOME="+filepath.Join(home, "state"))
	out, err := cmd.CombinedOutput()
	return string(out), err
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
