package cli_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A whole export, from the sign-in to a download that sha256sum agrees with.
func TestExport(t *testing.T) {
	t.Parallel()
	ada, grace := as(t, "researcher"), as(t, "manager")
	ada.file("results/table1.csv", "n,mean\n20,3.1\n")
	ada.file("results/sub/notes.txt", "rounded to tens\n")
	ada.file("results/.DS_Store", "left by a computer")

	opened := ada.run("new", "export", "--title", "Aggregates", "--reason", "For the paper", "results", "--submit", "--wait", "-o", "id").ends(0)
	id := opened.word()
	opened.says("Left out: results/.DS_Store").says("in review")
	ada.run("list").ends(0).prints(id)
	ada.run("files", "@last").ends(0)
	ada.run("review", "@last", "--approve", "--reason", "My own").ends(5)

	grace.run("list", "--review").ends(0).prints(id)
	grace.run("show", id[:8]).ends(0).prints("results/table1.csv").prints("You can")
	grace.run("download", id[:8], "look").ends(0).says("no signed receipt yet")
	assert.Equal(t, "n,mean\n20,3.1\n", grace.read("look/results/table1.csv"))
	grace.run("review", id[:8], "--approve", "--reason", "Aggregates only").ends(0)

	ada.run("submit", "@last", "--wait=approved", "--timeout", "1m").ends(0).prints("approved")
	ada.run("download", "@last", "released").ends(0).says("The receipt is signed by the airlock")
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = filepath.Join(ada.home, "released")
	out, err := check.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "rounded to tens\n", ada.read("released/results/sub/notes.txt"))
	ada.run("download", "@last", "released").ends(0) // a right file that is there is left alone

	ada.run("history", "@last", "--verify").ends(0).prints("approve").says("records is right")
	ada.run("receipt", "@last", "-O", "mine.json").ends(0)
	assert.Equal(t, ada.read("released/release.json"), ada.read("mine.json"))

	// An auditor has the archive, the published keys, and the folder as it was downloaded.
	evidence := ada.file("evidence.zip", grace.run("api", "GET", "/workspaces/{workspace}/requests/"+id+"/evidence").ends(0).stdout)
	keys := ada.file("keys.json", ada.run("api", "GET", "/receipt-keys").ends(0).stdout)
	ada.run("verify", evidence, "--keys", keys, "--files", "released").ends(0).prints("SHA256SUMS says what the receipt says")
	ada.file("released/results/more.csv", "x")
	ada.run("verify", evidence, "--keys", keys, "--files", "released").ends(11)
}

// Waiting ends since the hoped-for status cannot come.
func TestRejected(t *testing.T) {
	t.Parallel()
	ada, grace := as(t, "researcher"), as(t, "manager")
	id := ada.draft("import", ada.file("a.csv", "1"), "--submit", "--wait")
	grace.run("review", id, "-w", "genomics", "--reject", "-F", grace.file("why.txt", "Not needed")).ends(0)
	ada.run("submit", id, "--wait=approved", "--timeout", "1m").ends(10).prints("Not needed")
	ada.run("download", id).ends(1)
}

// A request is found by its id or its address, by somebody who has chosen no workspace and has listed nothing.
func TestRequestIsFound(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	page := shared.API + "/ui#/workspaces/" + shared.Workspaces["genomics"] + "/requests/" + id
	for _, name := range []string{id, id[:9], page} {
		again := newcomer(t)
		again.run("login", shared.API, "--token-command", again.tokenCommand("researcher")).ends(0)
		again.run("show", name, "-o", "id").ends(0).prints(id)
		again.run("show", "@last", "-o", "id").ends(0).prints(id)
	}
	ada.run("show", "https://elsewhere.example.org/api/workspaces/"+shared.Workspaces["genomics"]+"/requests/"+id).ends(2).says("elsewhere.example.org")
	ada.run("list", "--status", "draft,returned", "--type", "import", "--since", "1h").ends(0).prints(id)
	ada.run("list", "--all", "--status", "returned", "--status", "draft", "-o", "id").ends(0).prints(id)
	ada.run("list", "--status", "approved", "--type", "export", "--since", "1s", "-o", "jsonl").ends(0)
}

// The airlock itself filters a list, so that a limit counts the shown requests.
func TestListIsNarrowed(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	one := ada.draft("import", "--title", "Zebrafish larvae")
	two := ada.draft("import", "--title", "Zebrafish larvae", ada.file("a.csv", "1"), "--submit", "--wait")
	for _, where := range [][]string{{"list"}, {"list", "-w", "genomics"}, {"list", "--all"}} {
		list := func(more ...string) ran { return ada.run(append(append(where, "-o", "id"), more...)...).ends(0) }
		list("-q", "larvae ZEBRA").prints(one).prints(two)
		assert.Equal(t, one, list("--query", "zebrafish", "--held-by", "requestor").word())
		assert.Equal(t, two, list("--query", "zebrafish", "--held-by", "airlock_manager", "--updated-since", "1h").word())
		assert.Equal(t, two, list("--query", "zebrafish", "--limit", "1").says("--limit 0 shows all").word())
		assert.Empty(t, list("--query", "zebrafish", "--status", "rejected", "--status", "cancelled").stdout)
		assert.Empty(t, list("--query", "zebrafish", "--updated-since", "2090-01-01").stdout)
	}
	ada.run("list", "--held-by", "me").ends(2).says("airlock_manager")
	ada.run("list", "--updated-since", "yesterday").ends(2).says("7d")
}
