package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUpIsUsableAndKeepsItsStateOverARestart(t *testing.T) {
	root, dir := repositoryWith(t), filepath.Join(t.TempDir(), "state")
	p := startUp(t, root, dir)
	first := p.endpoint
	require.Equal(t, "Genomics", p.workspace("genomics").Properties.DisplayName)
	require.True(t, p.workspace("imaging").Policy.MalwareScanning.Enabled)
	status, keys := p.get(strings.TrimSuffix(first.Issuer, "/v2.0")+"/discovery/v2.0/keys", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "airlock ready\n", p.stop(os.Interrupt))
	require.NoError(t, p.waited)
	require.NoFileExists(t, filepath.Join(dir, "endpoints.json"))

	p = startUp(t, root, dir, "--scan=off")
	p.endpoint.PID = first.PID
	require.Equal(t, first, p.endpoint, "addresses stay, as tokens and links name them")
	_, again := p.get(strings.TrimSuffix(first.Issuer, "/v2.0")+"/discovery/v2.0/keys", "")
	require.Equal(t, keys, again)
	require.False(t, p.workspace("imaging").Policy.MalwareScanning.Enabled, "switched because asked for")
	require.Equal(t, "Imaging", p.workspace("imaging").Properties.DisplayName, "and all else as it was")

	second := startUp(t, root, filepath.Join(t.TempDir(), "other"))
	require.NotEqual(t, p.endpoint.API, second.endpoint.API, "two run side by side")
	_, err := second.localcloud("token", "--as", "nobody")
	require.ErrorContains(t, err, "there are researcher, researcher2")
	require.Equal(t, "airlock ready\n", second.stop(syscall.SIGTERM))
}

func TestOneDirectoryIsForOneCloud(t *testing.T) {
	root, dir := repositoryWith(t), filepath.Join(t.TempDir(), "state")
	p := startUp(t, root, dir)
	_, err := p.localcloud("up", "--root", root, "--api-port", "0")
	require.ErrorContains(t, err, "another local cloud is running")
}

// Events of the real chain: a blob appears, Storage tells, Defender scans it, the handler hears of both.
func TestABlobIsToldOfAndScanned(t *testing.T) {
	p := startUp(t, repositoryWith(t), filepath.Join(t.TempDir(), "state"))
	program := newProgram(t, p)
	program.upload("stalimiplocal", "request-1", "file.txt", "harmless")
	require.Eventually(t, func() bool { return strings.Contains(program.row("OnBlobCreated"), "request-1/blobs/file.txt") }, 10*time.Second, 20*time.Millisecond)
	scanned := func(text string) func() bool {
		return func() bool { return strings.Contains(program.row("OnScanResult"), text) }
	}
	require.Eventually(t, scanned("No threats found"), 10*time.Second, 20*time.Millisecond)
	_, err := p.localcloud("verdict", "--malicious")
	require.NoError(t, err)
	program.upload("stalexipimaging", "request-2", "file.txt", "harmless")
	require.Eventually(t, scanned("Malicious"), 10*time.Second, 20*time.Millisecond)

	_, err = p.localcloud("events", "pause")
	require.NoError(t, err)
	program.upload("stalimrejlocal", "request-3", "waits.txt", "harmless")
	require.NotContains(t, program.row("OnBlobCreated"), "waits.txt")
	_, err = p.localcloud("events", "resume")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return strings.Contains(program.row("OnBlobCreated"), "waits.txt") }, 10*time.Second, 20*time.Millisecond)

	program.upload("stalimexlocal", "request-1", "draft.txt", "harmless")
	require.NotContains(t, program.row("OnBlobCreated"), "draft.txt", "nobody listens to drafts")
	_, err = p.localcloud("mail")
	require.NoError(t, err)
}

func TestTheHandlerCanBeKilledAndComesBack(t *testing.T) {
	p := startUp(t, repositoryWith(t), filepath.Join(t.TempDir(), "state"))
	before := p.handlers()
	require.Len(t, before, 1)
	_, err := p.localcloud("kill")
	require.NoError(t, err)
	require.False(t, alive(before[0]))
	require.Equal(t, "Genomics", p.workspace("genomics").Properties.DisplayName, "the next call waits for the new one")
	require.NotEqual(t, before, p.handlers())
}

// Not even SIGKILL may leave a handler or an Azurite behind.
func TestNothingIsLeftBehind(t *testing.T) {
	root, dir := repositoryWith(t), filepath.Join(t.TempDir(), "state")
	for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		p := startUp(t, root, dir)
		pids := children(t, p.cmd.Process.Pid)
		require.GreaterOrEqual(t, len(pids), 2, "Azurite and the handler")
		p.stop(signal)
		for _, pid := range pids {
			require.Eventually(t, func() bool { return !alive(pid) }, 30*time.Second, 20*time.Millisecond, "pid %d after %v", pid, signal)
		}
	}
}

// A cloud without storage is none, so it ends and says so, and takes the handler with it.
func TestUpEndsWhenAPieceDies(t *testing.T) {
	p := startUp(t, repositoryWith(t), filepath.Join(t.TempDir(), "state"))
	handler := p.handlers()[0]
	for _, pid := range children(t, p.cmd.Process.Pid) {
		if pid != handler {
			require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	<-p.ended
	require.Error(t, p.waited)
	require.Contains(t, p.stderr.String(), "Azurite ended")
	require.False(t, alive(handler))
}

func TestUpSaysWhatIsMissing(t *testing.T) {
	root := repositoryWith(t)
	dir := filepath.Join(t.TempDir(), "state")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"up", "--scan=maybe"}, "neither on nor off"},
		{[]string{"up", "surplus"}, "unexpected argument"},
		{[]string{"up", "--root", t.TempDir(), "--dir", dir}, "host.json"},
		{[]string{"mail", "--dir", dir + "x"}, "localcloud up"},
		{[]string{"token", "--as", "researcher", "--dir", dir + "x"}, "localcloud up"},
		{[]string{"verdict", "--clean", "--none"}, "say one of"},
		{[]string{"events", "stop"}, "pause or resume"},
		{[]string{"nonsense"}, "localcloud help"},
	} {
		require.ErrorContains(t, run(t.Context(), c.args, t.Output(), t.Output()), c.want, "%v", c.args)
	}
	binary := filepath.Join(root, "build", "handler")
	require.NoError(t, os.Remove(binary))
	require.ErrorContains(t, run(t.Context(), []string{"up", "--root", root, "--dir", dir, "--api-port", "0"}, t.Output(), t.Output()), "make build")
	require.NoError(t, os.WriteFile(binary, []byte("#!/bin/sh\necho 'AIRLOCK_X: missing' >&2\nexit 1\n"), 0o700))
	require.ErrorContains(t, run(t.Context(), []string{"up", "--root", root, "--dir", dir, "--api-port", "0"}, t.Output(), t.Output()), "AIRLOCK_X: missing")
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"help"}, &out, &out))
	for _, c := range commands() {
		require.Contains(t, out.String(), "\n  "+c.name+" ")
	}
}
