package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// docs/audit-format.md promises that a shell, jq and openssl are enough. These
// tests run its commands as they stand there.

// documented returns the commands under heading comments, to be run in a folder.
// A machine without the tools fails the test: a check that is passed over proves
// nothing.
func documented(t *testing.T, titles ...string) func(dir string) (string, error) {
	t.Helper()
	text, err := os.ReadFile("../../docs/audit-format.md")
	require.NoError(t, err)
	script := ""
	for _, title := range titles {
		_, rest, found := strings.Cut(string(text), "```sh\n# "+title+"\n")
		require.True(t, found, "the document has lost its commands")
		part, _, _ := strings.Cut(rest, "```")
		script += part
	}
	for _, tool := range []string{"openssl", "jq", "bash", "sha256sum"} {
		_, err := exec.LookPath(tool)
		require.NoError(t, err, "install %s", tool)
	}
	return func(dir string) (string, error) {
		command := exec.Command("bash", "-euo", "pipefail", "-c", script)
		command.Dir = dir
		out, err := command.CombinedOutput()
		return string(out), err
	}
}

func TestChainByHand(t *testing.T) {
	check := documented(t, "verify a chain")
	dir := t.TempDir()
	e := written(t, request1, "create", "submit <&>", "approve")
	e.save(t, dir, "history.json")
	out, err := check(dir)
	require.NoError(t, err, out)
	assert.Empty(t, out)
	e.Records[1].Body = strings.Replace(e.Records[1].Body, "submit", "SUBMIT", 1)
	e.Head.Length = 4
	e.save(t, dir, "history.json")
	out, _ = check(dir)
	assert.Contains(t, out, "record 2 was edited")
	assert.Contains(t, out, "record 3 does not follow")
	assert.Contains(t, out, "the head names another record")
}

func TestAnchorsByHand(t *testing.T) {
	check := documented(t, "make PEM files of a key set", "verify the anchors")
	f := newFixture(t)
	dir := t.TempDir()
	require.NoError(t, os.Rename(f.log, filepath.Join(dir, "anchors")))
	save(t, dir, "receipt-keys.json", keySet(t, serviceKey, newKey()))
	out, err := check(dir)
	require.NoError(t, err, out)
	assert.Empty(t, out)
	second := filepath.Join(dir, "anchors", entryName(2))
	body, err := os.ReadFile(second)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(second, edited(t, body, f.one.Records[1].Hash, f.two.Records[0].Hash), 0o600))
	out, _ = check(dir)
	assert.Contains(t, out, "000000000002.json is not signed with this key")
	assert.Contains(t, out, "000000000003.json does not follow")
}

func TestReceiptByHand(t *testing.T) {
	check := documented(t, "make PEM files of a key set", "verify a receipt")
	file, _ := signedReceipt(t, released(airlock.ChainHead{}, contents))
	save(t, filepath.Dir(file), "receipt-keys.json", keySet(t, serviceKey, newKey()))
	out, err := check(filepath.Dir(file))
	require.NoError(t, err, out)
	assert.Contains(t, out, "Verified OK")
	for name, content := range contents {
		save(t, filepath.Dir(file), name, []byte(content))
	}
	sums := exec.Command("sha256sum", "-c", "SHA256SUMS")
	sums.Dir = filepath.Dir(file)
	listed, err := sums.CombinedOutput()
	require.NoError(t, err, string(listed))

	body, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, edited(t, body, "Tables", "Fables"), 0o600))
	out, err = check(filepath.Dir(file))
	require.Error(t, err, out)
}

func TestEvidenceByHand(t *testing.T) {
	check := documented(t, "make PEM files of a key set", "verify exported evidence")
	f := newFolder(t)
	dir := saveAll(t, f.documents(t))
	out, err := check(dir)
	require.NoError(t, err, out)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	assert.Equal(t, "person bob approved: fine", lines[0], "nothing is wrong: %s", out)
	assert.Contains(t, out, "approve by person bob\n  ")

	documents := f.documents(t)
	f.trail = f.trail.retold(t, f.trail.find(t, "approve"), func(rec *audit.Record) { rec.Reason = "mine" })
	f.history(t)
	documents["history.json"] = f.files["history.json"]
	documents["release.json"] = edited(t, documents["release.json"], "Tables", "Fables")
	documents["anchors/"+entryName(1)] = edited(t, documents["anchors/"+entryName(1)], `"length":`, `"length" :`)
	out, _ = check(saveAll(t, documents))
	for _, want := range []string{"a file is missing or is not the one that was exported", "release.json is not signed by the TRE", "000000000001.json is not signed by the TRE",
		"is not the one that was anchored in", "the trail is not the one the receipt was signed with"} {
		assert.Contains(t, out, want)
	}
}
