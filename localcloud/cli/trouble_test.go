package cli_test

import (
	"bufio"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The handler dies while somebody waits; they notice nothing. It runs alone: everybody else would meet the gap, too.
func TestHandlerDiesWhileWaiting(t *testing.T) {
	ada := as(t, "researcher")
	require.NoError(t, shared.Verdict(t.Context(), "none", "held.csv"))
	id := ada.draft("import", ada.file("held.csv", "1"), "--submit")
	cmd := ada.command("submit", id, "--wait", "-o", "json", "--jq", ".airlockRequest.status")
	var out strings.Builder
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = bufio.NewReader(stderr).ReadString('\n') // it has submitted, and waits
	require.NoError(t, err)
	require.NoError(t, shared.Kill(t.Context()))
	require.NoError(t, shared.Verdict(t.Context(), "clean", "held.csv"))
	require.NoError(t, shared.Say(t.Context(), "clean", "stalimiplocal", id, "held.csv", inProgress(t, id)))
	require.NoError(t, cmd.Wait())
	assert.Equal(t, "in_review\n", out.String())
}

// inProgress is the ETag of a request's only file in the in-progress container, once it is there.
func inProgress(t *testing.T, id string) (etag string) {
	t.Helper()
	require.Eventually(t, func() bool {
		blobs, _, err := shared.Ground.Blobs(t.Context(), "stalimiplocal", id)
		require.NoError(t, err)
		if len(blobs) == 0 {
			return false
		}
		etag = blobs[0].ETag
		return true
	}, time.Minute, 100*time.Millisecond)
	return etag
}

// Ctrl+C in the middle of an upload ends it with 130; the same command goes on.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	path := ada.file("big.bin", string(noise(6, 12*mib)))
	require.NoError(t, shared.Break(t.Context(), url.Values{"op": {"PutBlock"}, "match": {"/" + id + "/"}, "by": {"people"}, "do": {"delay"}, "for": {"2m"}, "skip": {"1"}, "n": {"1"}}))
	cmd := ada.command("upload", id, path, "--parallel", "1")
	var said strings.Builder
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return staged(t, id) == 1 }, time.Minute, 20*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	assert.Equal(t, 130, cmd.ProcessState.ExitCode(), said.String())
	assert.Contains(t, said.String(), "interrupted")
	ada.run("upload", id, path).ends(0)
	assert.Equal(t, 2, staged(t, id))
}

// The size of a file does not show in the memory that its upload takes.
func TestUploadNeedsLittleMemory(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	path := ada.file("large.bin", "")
	require.NoError(t, os.Truncate(path, 160*mib))
	cmd := ada.command("upload", id, path, "--parallel", "8")
	require.NoError(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	// The peak of rusage includes the parent's memory (exec keeps it).
	peak := 0
	for running := true; running; {
		select {
		case err := <-done:
			require.NoError(t, err)
			running = false
		case <-time.After(20 * time.Millisecond):
			status, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
			if m := highWater.FindSubmatch(status); err == nil && m != nil {
				kib, err := strconv.Atoi(string(m[1]))
				require.NoError(t, err)
				peak = max(peak, kib)
			}
		}
	}
	assert.Positive(t, peak)
	assert.Less(t, peak, 64<<10, "KiB resident")
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// A decision is about the request as it was shown: somebody else's decision meanwhile makes it void.
func TestDecidedMeanwhile(t *testing.T) {
	t.Parallel()
	ada, grace := as(t, "researcher"), as(t, "manager")
	id := ada.draft("import", ada.file("a.csv", "1"), "--submit", "--wait")
	slow := as(t, "manager2").onTerminal(100, "review", id, "-w", "genomics", "--approve", "--reason", "Fine")
	require.Eventually(t, func() bool { return strings.Contains(slow.text(), "[y/N]") }, time.Minute, 20*time.Millisecond)
	grace.run("review", id, "-w", "genomics", "--request-changes", "--reason", "Which cohort?").ends(0)
	slow.answers("[y/N]", "y")
	text := strings.Join(slow.end(9), "\n")
	assert.Contains(t, text, "airlock show")
	ada.hasBack(id).prints("Which cohort?")
}
