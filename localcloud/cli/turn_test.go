package cli_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A request is sent back about one of its files, mended, submitted again, and approved without another file.
func TestTurns(t *testing.T) {
	t.Parallel()
	ada, grace := as(t, "researcher"), as(t, "manager")
	id := ada.draft("export", ada.file("a.csv", "n\n3\n"), ada.file("b.csv", "n\n30\n"), "--submit", "--wait")
	grace.run("claim", id, "-w", "genomics").ends(0).prints("Grace Manager")
	grace.run("comment", id, "--text", "Counts below ten", "--file", "a.csv").ends(0)
	grace.run("review", id, "--request-changes", "--reason", "Suppress small counts", "--file", "a.csv=change:below ten").ends(0)

	ada.hasBack(id).prints("a.csv: change: below ten")
	ada.run("workspace", "show").ends(0).prints("--answer smallestCount=")
	ada.run("upload", id, filepath.Dir(ada.file("folder/a.csv", "1")), "--dry-run").ends(0).says("sent beside a.csv, which stays")
	ada.run("comment", id).ends(0).prints("Counts below ten")
	ada.run("comment", id, "--text", "Suppressed now").ends(0)
	ada.run("edit", id, "--title", "Suppressed", "--answer", "smallestCount=10", "--answer", "controls=Suppression").ends(0).prints("smallestCount: 10")
	ada.run("edit", id, "--answer", "smallest=10").ends(2).says("smallestCount")
	ada.run("edit", id).ends(2)
	ada.run("upload", id, ada.file("a.csv", "n\n*\n"), "--replace").ends(0)
	ada.run("submit", id, "--wait").ends(0).prints("changed")

	turns := grace.run("turns", id).ends(0)
	turns.prints("Suppress small counts").prints("unchanged")
	grace.run("review", id, "--approve", "--reason", "Fine", "--file", "b.csv=withhold:not needed").ends(0)
	ada.run("submit", id, "--wait=approved", "--timeout", "1m").ends(0).prints("withheld")
	ada.run("download", id, "out").ends(0)
	assert.Equal(t, "n\n*\n", ada.read("out/a.csv"))
	assert.NotContains(t, ada.read("out/SHA256SUMS"), "b.csv")
	ada.run("link", id, "--file", "a.csv").ends(0)
	ada.run("link", id, "--file", "c.csv").ends(6)

	comment := grace.run("comment", id, "--reviewers", "--text", "Ask the owner next time", "-o", "id").ends(0).word()
	ada.run("comment", id).ends(0)
	assert.NotContains(t, ada.run("comment", id).stdout, "Ask the owner")
	grace.run("comment", id, "--retract", comment).ends(0).prints("retracted")
}

// A TRE administrator's work: look, compare, change, and look after the service.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	tess, ada := as(t, "admin"), as(t, "researcher")
	tess.run("admin", "health").prints("State store")
	tess.run("admin", "doctor").prints("ok\t") // whatever others do to the cloud at the moment
	tess.run("admin", "parked", "list").ends(0)
	tess.run("admin", "parked", "redrive", "00000000-0000-4000-8000-000000000000").ends(6)
	tess.run("admin", "reconcile").ends(0).prints("advanced")
	ada.run("admin", "doctor").ends(5)

	const w = "imaging"
	tess.run("policy", "show", w).ends(0).prints("review.exportApprovals\t1")
	tess.run("policy", "set", w, "review.exportApprovals=2", "--dry-run").ends(0).prints("review.exportApprovals\t1\t2").says("requests")
	tess.run("policy", "show", w).ends(0).prints("review.exportApprovals\t1")
	tess.run("policy", "set", "review.exportApprovals=2", "files.export.allowedExtensions=[\".csv\"]", "-w", w).ends(0)
	tess.run("policy", "show", w).ends(0).prints("review.exportApprovals\t2")
	file := tess.file("policy.json", `{"review":{"exportApprovals":3}}`)
	tess.run("policy", "diff", file, "-w", w).ends(0).prints("review.exportApprovals\t2\t3")
	tess.run("policy", "set", "review.exportApprovals=", "files.export.allowedExtensions=", "-w", w).ends(0)
	tess.run("policy", "show", w).ends(0).prints("review.exportApprovals\t1")
	tess.run("policy", "set", "review.exportApprovals=99", "-w", w).ends(1).says("exportApprovals")
	ada.run("policy", "set", "review.exportApprovals=1").ends(5)
	ada.run("policy", "set", "genomics").ends(2).says("PATH=VALUE")

	tess.run("api", "get", "/workspaces", "--jq", ".workspaces | length").ends(0).prints("2")
	ada.run("api", "GET", "/workspaces/{workspace}/requests?limit=1").ends(0).prints("airlockRequests")
	ada.run("api", "GET", "/nowhere").ends(6)
	ada.run("api", "POST", "/workspaces/{workspace}/requests", "-d", "{").ends(2)
}
