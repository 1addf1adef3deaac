package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/azurite"
	"example.org/airlock/localcloud/cloud"
)

// The test binary plays three parts, by the name it is started with: the tests, localcloud, and the handler.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "localcloud":
		main()
	case "handler":
		if err := runStandIn(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// repositoryWith lays out the files that `up` needs of a repository, with the stand-in as the handler.
func repositoryWith(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	install, err := azurite.FindInstall(".")
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(root, "build"), 0o700))
	require.NoError(t, os.Symlink(install, filepath.Join(root, "build", "azurite")))
	for _, part := range []string{"handler", "localcloud"} {
		require.NoError(t, os.Symlink(self, filepath.Join(root, "build", part)))
	}
	write := func(text string, path ...string) {
		file := filepath.Join(append([]string{root}, path...)...)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	write(`{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"},"enableForwardingHttpRequest":true}}`, "host.json")
	for name, method := range map[string]string{"GetWorkspace": "get", "PutWorkspace": "put"} {
		write(`{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous","methods":["`+method+`"],"route":"workspaces/{id:guid}"},`+
			`{"type":"http","direction":"out","name":"$return"}]}`, "functions", name, "function.json")
	}
	for _, name := range []string{"OnBlobCreated", "OnScanResult", "OnStatusChanged", "OnStepResult", "OnDataDeletion"} {
		write(`{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"event"}]}`, "functions", name, "function.json")
	}
	write(`{"bindings":[{"type":"blobTrigger","direction":"in","name":"blob","path":"dead-letters/{name}","source":"EventGrid","connection":"AirlockDeadLetters"}]}`, "functions", "OnDeadLetter", "function.json")
	return root
}

// process is one running `localcloud up`.
type process struct {
	*testing.T
	cmd      *exec.Cmd
	dir      string
	program  string
	stdout   bytes.Buffer // complete when ended
	stderr   bytes.Buffer // likewise
	ended    chan struct{}
	waited   error
	endpoint cloud.Endpoints
}

// startUp starts `localcloud up` and waits for its line.
func startUp(t *testing.T, root, dir string, args ...string) *process {
	t.Helper()
	p := &process{T: t, dir: dir, program: filepath.Join(root, "build", "localcloud"), ended: make(chan struct{})}
	// SIGTERM on a test's end, so that Azurite is stopped, too.
	p.cmd = exec.Command(p.program, append([]string{"up", "--root", root, "--dir", dir, "--api-port", "0", "--speed", "50"}, args...)...)
	p.cmd.Stderr = io.MultiWriter(t.Output(), &p.stderr)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.ended
	})
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewReader(io.TeeReader(stdout, &p.stdout))
		if line, err := lines.ReadString('\n'); err == nil && line == "airlock ready\n" {
			close(ready)
		}
		_, _ = io.Copy(io.Discard, lines)
		p.waited = p.cmd.Wait()
		close(p.ended)
	}()
	select {
	case <-ready:
	case <-p.ended:
		require.FailNow(t, "up ended", "%v: %s", p.waited, p.stdout.String())
	case <-time.After(2 * time.Minute):
		require.FailNow(t, "up is not ready")
	}
	p.endpoint, err = cloud.ReadEndpoints(dir)
	require.NoError(t, err)
	return p
}

// stop ends the cloud with a signal and returns its stdout.
func (p *process) stop(signal os.Signal) string {
	p.Helper()
	require.NoError(p, p.cmd.Process.Signal(signal))
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		require.FailNow(p, "up does not end")
	}
	return p.stdout.String()
}

// localcloud runs another subcommand and returns its output.
func (p *process) localcloud(args ...string) (string, error) {
	p.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(p.Context(), p.program, append(args, "--dir", p.dir)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.String())
	}
	return strings.TrimSpace(string(out)), err
}

func (p *process) get(url, token string) (status int, text string) {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), http.MethodGet, url, nil)
	require.NoError(p, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(p, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(p, err)
	return resp.StatusCode, string(body)
}

// workspace is a workspace as the API shows it.
func (p *process) workspace(name string) (w workspace) {
	p.Helper()
	status, text := p.get(p.endpoint.API+"/workspaces/"+p.endpoint.Workspaces[name], "x")
	require.Equal(p, http.StatusOK, status, text)
	require.NoError(p, json.Unmarshal([]byte(text), &struct{ Workspace *workspace }{&w}))
	return w
}

type workspace struct {
	Properties struct {
		DisplayName string `json:"display_name"`
	}
	Policy struct{ MalwareScanning struct{ Enabled bool } }
}

func (p *process) handlers() (pids []int) {
	p.Helper()
	pids, err := p.endpoint.Handlers()
	require.NoError(p, err)
	return pids
}

// children are the pids of all processes that a process has started.
func children(t *testing.T, pid int) (pids []int) {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), "ps", "-o", "pid=", "--ppid", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil // ps fails if there is none
	}
	for _, word := range strings.Fields(string(out)) {
		child, err := strconv.Atoi(word)
		require.NoError(t, err)
		pids = append(pids, child)
	}
	return pids
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
