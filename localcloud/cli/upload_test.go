package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mib = 1 << 20

// noise is data that no compression helps with, the same for the same seed.
func noise(seed uint64, n int) []byte {
	data := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = random.Read(data)
	return data
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// staged counts the blocks that people have sent to a container and storage took.
func staged(t *testing.T, container string) (n int) {
	t.Helper()
	calls, err := shared.Calls(t.Context())
	require.NoError(t, err)
	for _, c := range calls {
		if c.Op == "PutBlock" && c.By == "people" && strings.Contains(c.Where, "/"+container+"/") && c.Status == 201 {
			n++
		}
	}
	return n
}

// An upload is killed when three of its six blocks have arrived. The same command sends the other three.
func TestUploadKilledAndRepeated(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	data := noise(1, 44*mib)
	path := ada.file("big.bin", string(data))
	id := ada.draft("import")
	// The fourth block hangs until the program is dead.
	require.NoError(t, shared.Break(t.Context(), url.Values{"op": {"PutBlock"}, "match": {"/" + id + "/"}, "by": {"people"}, "do": {"delay"}, "for": {"2m"}, "skip": {"3"}, "n": {"1"}}))

	cmd := ada.command("upload", id, path, "--parallel", "1")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return staged(t, id) == 3 }, time.Minute, 50*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	ada.run("files", id).ends(0).says("no files yet") // nothing half-written shows

	done := ada.run("upload", id, path, "-o", "json").ends(0)
	assert.Contains(t, done.stdout, sum(data))
	assert.Contains(t, done.stdout, `"sent":20971520`, "2.5 of 5.5 blocks' bytes")
	assert.Equal(t, 6, staged(t, id))
	ada.run("upload", id, path).ends(0).says("Already there")
	assert.Equal(t, 6, staged(t, id), "what is there is not sent again")

	shown := ada.run("submit", id, "--wait", "-o", "json").ends(0)
	assert.Contains(t, shown.stdout, sum(data), "the airlock hashed what was on disk")
}

// A blob with a file's name is replaced only on request, and half of one file never becomes part of another.
func TestUploadReplaces(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import", ada.file("a.csv", "one"))
	path := ada.file("a.csv", "two")
	ada.run("upload", id, path).ends(9).says("--replace")
	ada.run("upload", id, path, "--replace").ends(0).prints(sum([]byte("two")))
	ada.run("upload", id, ada.file("empty.txt", "")).ends(0)
	ada.run("upload", id, ada.file("empty.txt", "")).ends(0)
	ada.run("files", id, "--remove", "empty.txt").ends(0).prints("a.csv")
	ada.run("submit", id, "--wait").ends(0).prints(sum([]byte("two")))
}

// The link is refused in the middle; the program asks for another and goes on.
func TestLinkExpires(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	data := noise(2, 20*mib)
	path := ada.file("big.bin", string(data))
	id := ada.draft("import")
	refuse := func(n string) {
		require.NoError(t, shared.Break(t.Context(), url.Values{"op": {"PutBlock"}, "match": {"/" + id + "/"}, "by": {"people"}, "do": {"403"}, "skip": {"1"}, "n": {n}}))
	}
	refuse("1")
	up := ada.run("upload", id, path, "--parallel", "1", "--debug").ends(0).prints(sum(data))
	assert.Equal(t, 2, strings.Count(up.stderr, "/link: 200"), "one link to begin with, one after the refusal")
}

// It stops when a new link is refused too, instead of trying every file with it.
func TestLinkRefused(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	require.NoError(t, shared.Break(t.Context(), url.Values{"op": {"PutBlock"}, "match": {"/" + id + "/"}, "by": {"people"}, "do": {"403"}, "n": {"2"}}))
	up := ada.run("upload", id, ada.file("a.csv", "1"), ada.file("b.csv", "2"), "--parallel", "1")
	assert.NotZero(t, up.code)
	up.says("Repeat the command")
	assert.Zero(t, staged(t, id))
	assert.NotContains(t, up.stderr, "sig=")
}

// Rules are checked before the first byte, and violations name the files.
func TestViolationsBeforeUpload(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	bad := ada.file("Ergebnisse/größe.csv", "1")
	refused := ada.run("new", "export", "--title", "T", "--reason", "R", filepath.Dir(bad)).ends(7).says("nothing was sent")
	assert.Regexp(t, `(?m)^Ergebnisse/größe\.csv\tforbidden_name\t`, refused.stderr)

	policy := ada.run("policy", "show", "-o", "json").ends(0).stdout
	offline := newcomer(t)
	file := offline.file("policy.json", policy)
	offline.run("check", bad, "--export", "--policy", file).ends(7).prints("forbidden_name")
	offline.run("check", bad, "--import", "--policy", file).ends(0)
	offline.run("check", bad, "--import", "--policy", offline.file("no.json", `{"files":{"maxFiles":0}}`)).ends(2)
}

// A draft that breaks rules some other way is refused with the files' own names.
func TestSubmitNamesViolations(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("export", ada.file("fine.csv", "1"))
	link := ada.run("link", id).ends(0).word()
	put(t, link, "über.csv")
	refused := ada.run("submit", id).ends(7)
	assert.Regexp(t, `(?m)^über\.csv\tforbidden_name\t`, refused.stderr)
}

// The bytes on disk change while they are sent: storage sees it by the checksum.
func TestFileChangesWhileUploading(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	path := ada.file("grows.bin", string(noise(3, 12*mib)))
	id := ada.draft("import")
	require.NoError(t, shared.Break(t.Context(), url.Values{"op": {"PutBlock"}, "match": {"/" + id + "/"}, "by": {"people"}, "do": {"503"}, "n": {"3"}}))
	cmd := ada.command("upload", id, path, "--parallel", "1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	// The first three tries of the first block are refused, seconds apart; the fourth reads the file anew.
	require.Eventually(t, func() bool {
		calls, err := shared.Calls(t.Context())
		require.NoError(t, err)
		for _, c := range calls {
			if c.Op == "PutBlock" && c.Status == 503 && strings.Contains(c.Where, "/"+id+"/") {
				return true
			}
		}
		return false
	}, time.Minute, 5*time.Millisecond)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte("other"), 100)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Error(t, cmd.Wait())
	assert.Contains(t, stderr.String(), "was changed while it was uploaded")
	ada.run("files", id).ends(0).says("no files yet")
}
