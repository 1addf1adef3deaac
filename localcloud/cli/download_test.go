package cli_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One byte of a released file is another: nothing of it is kept, and the exit code tells.
func TestTamperedDownload(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.released("export", ada.file("a.csv", "n\n20\n"), ada.file("b.csv", "n\n30\n"))
	_, err := shared.Ground.Write(t.Context(), "stalexapplocal", id, "b.csv", []byte("n\n31\n"))
	require.NoError(t, err)
	ada.run("download", id, "out").ends(11).says("b.csv")
	entries, err := os.ReadDir(filepath.Join(ada.home, "out"))
	require.NoError(t, err)
	for _, entry := range entries {
		assert.Equal(t, "a.csv", entry.Name(), "only what was right stays")
	}
	ada.run("download", id, "one", "--file", "a.csv").ends(0)
	ada.run("download", id, "one", "--file", "c.csv").ends(6)
	resp, err := http.Get(ada.run("link", id, "--file", "a.csv").ends(0).says("read until").word()) //nolint:noctx // the test ends with it
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	ada.run("history", id, "-o", "json", "--jq", `.[].record | select(.action == "link_issued") | .detail.file // "all" `).ends(0).prints("a.csv\n")
}

// A receipt that nobody who is believed has signed stops a download before it begins.
func TestForgedReceipt(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.released("export", ada.file("a.csv", "n\n20\n"))
	other := ada.file("other.json", `{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`)
	ada.run("download", id, "out", "--public-key", other).ends(11).says("not signed")
	assert.NoFileExists(t, filepath.Join(ada.home, "out", "a.csv"))
	ada.run("receipt", id, "--public-key", other).ends(11)
}

// Nothing is written outside the folder, and nothing that is there is overwritten.
func TestDownloadStaysInside(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.released("export", filepath.Dir(ada.file("sub/a.csv", "n\n20\n")), ada.file("b.csv", "n\n30\n"))
	outside := filepath.Join(ada.home, "outside")
	require.NoError(t, os.MkdirAll(outside, 0o700))
	require.NoError(t, os.MkdirAll(filepath.Join(ada.home, "in", "sub"), 0o700))
	require.NoError(t, os.Symlink(filepath.Join(outside, "a.csv"), filepath.Join(ada.home, "in", "sub", ".a.csv.part")))
	ada.run("download", id, "in").ends(1).says("a.csv")
	assert.NoFileExists(t, filepath.Join(outside, "a.csv"))

	ada.file("mine/b.csv", "something else")
	ada.run("download", id, "mine").ends(1).says("other content")
	assert.Equal(t, "something else", ada.read("mine/b.csv"))
}

// The folder cannot be made, or the disk is full in the middle of a file: the sentence says why, and nothing half-written
// stays.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.released("import", ada.file("a.bin", string(noise(4, 3*mib))))
	ada.run("download", id, "/proc/airlock").ends(1).says("/proc/airlock")
	cmd := ada.command("download", id, "out")
	limited := exec.Command("bash", append([]string{"-c", `ulimit -f 1024 && exec "$@"`, "bash"}, cmd.Args...)...) // in KiB
	limited.Env, limited.Dir = cmd.Env, cmd.Dir
	out, err := limited.CombinedOutput()
	require.Error(t, err, "%s", out)
	assert.Equal(t, 1, limited.ProcessState.ExitCode(), "%s", out)
	assert.Contains(t, string(out), "file too large")
	assert.NotContains(t, string(out), "network")
	entries, err := os.ReadDir(filepath.Join(ada.home, "out"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// A home that cannot be written to is no reason not to work.
func TestReadOnlyHome(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	for i, e := range ada.env {
		if strings.HasPrefix(e, "XDG_STATE_HOME=") {
			ada.env[i] = "XDG_STATE_HOME=/proc/nowhere"
		}
	}
	id := ada.draft("import", ada.file("a.csv", "1"))
	ada.run("show", id, "-w", "genomics").ends(0)
	person := inEntra(t)
	person.env = append(person.env, "XDG_STATE_HOME=/proc/nowhere")
	person.byCode(t, 1, "your tokens cannot be kept")
	for i, e := range ada.env {
		if strings.HasPrefix(e, "XDG_CONFIG_HOME=") {
			ada.env[i] = "XDG_CONFIG_HOME=/proc/nowhere"
		}
	}
	ada.run("login", shared.API, "--token-command", ada.tokenCommand("researcher")).ends(1).says("configuration could not be written")
}
