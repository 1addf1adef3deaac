package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// person is somebody with a home of their own who has signed in.
type person struct {
	*testing.T
	home string
	env  []string
}

// ran is how a command ended.
type ran struct {
	*testing.T
	line           string
	code           int
	stdout, stderr string
}

// newcomer is somebody who has not signed in anywhere.
func newcomer(t *testing.T) person {
	t.Helper()
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"PATH=" + os.Getenv("PATH"), "TZ=UTC", "NO_PROXY=127.0.0.1"}
	return person{t, home, env}
}

// as signs a persona in.
func as(t *testing.T, persona string) person {
	t.Helper()
	p := newcomer(t)
	p.run("login", shared.API, "-w", "genomics", "--token-command", p.tokenCommand(persona)).ends(0)
	return p
}

func (p person) tokenCommand(persona string) string {
	self, err := os.Executable()
	require.NoError(p, err)
	return fmt.Sprintf("'%s' %s '%s' %s {workspace}", self, mint, shared.Dir, persona)
}

func (p person) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(p.Context(), 2*time.Minute)
	p.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir = p.env, p.home
	return cmd
}

// run runs a command to its end, without a terminal.
func (p person) run(args ...string) ran {
	p.Helper()
	var stdout, stderr bytes.Buffer
	cmd := p.command(args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // the exit code tells
	r := ran{p.T, "airlock " + strings.Join(args, " "), cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	p.Logf("$ %s\n[%d]\n%s%s", r.line, r.code, r.stdout, r.stderr)
	return r
}

// hasBack waits until a request is returned, and shows it.
func (p person) hasBack(id string) (shown ran) {
	p.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if shown = p.run("show", id).ends(0); strings.Contains(shown.stdout, "returned for changes") {
			return shown
		}
		require.True(p, time.Now().Before(until), "it is not returned")
	}
}

// ends demands an exit code.
func (r ran) ends(code int) ran {
	r.Helper()
	require.Equal(r, code, r.code, "%s\n%s%s", r.line, r.stdout, r.stderr)
	return r
}

// says demands a text on stderr.
func (r ran) says(text string) ran {
	r.Helper()
	assert.Contains(r, r.stderr, text, r.line)
	return r
}

// prints demands a text on stdout.
func (r ran) prints(text string) ran {
	r.Helper()
	assert.Contains(r, r.stdout, text, r.line)
	return r
}

// word is the only line on stdout.
func (r ran) word() string {
	r.Helper()
	text := strings.TrimSpace(r.stdout)
	require.NotContains(r, text, "\n")
	return text
}

// object is the output of -o json.
func (r ran) object() (o map[string]any) {
	r.Helper()
	require.NoError(r, json.Unmarshal([]byte(r.stdout), &o), r.stdout)
	return o
}

// file writes a file at home.
func (p person) file(name, content string) string {
	p.Helper()
	path := filepath.Join(p.home, filepath.FromSlash(name))
	require.NoError(p, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(p, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// read reads a file at home.
func (p person) read(name string) string {
	p.Helper()
	text, err := os.ReadFile(filepath.Join(p.home, filepath.FromSlash(name)))
	require.NoError(p, err)
	return string(text)
}

// draft opens a request and returns its id.
func (p person) draft(direction string, more ...string) string {
	p.Helper()
	return p.run(append([]string{"new", direction, "--title", p.Name(), "--reason", "A test", "-o", "id"}, more...)...).ends(0).word()
}

// released is a request with these files that was approved.
func (p person) released(direction string, files ...string) string {
	p.Helper()
	id := p.draft(direction, append(files, "--submit", "--wait")...)
	as(p.T, "manager").run("review", id, "-w", "genomics", "--approve", "--reason", "Fine").ends(0)
	p.run("submit", id, "--wait=approved", "--timeout", "1m").ends(0)
	return id
}
