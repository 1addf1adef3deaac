package cli_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every error has its exit code and says what to do.
func TestErrors(t *testing.T) {
	t.Parallel()
	ada, ben := as(t, "researcher"), as(t, "researcher2")
	id := ada.draft("import")
	for _, c := range []struct {
		name string
		who  person
		args string
		code int
		says string
	}{
		{"unknown command", ada, "lst", 2, "unknown command"},
		{"unknown flag", ada, "list --mine", 2, "unknown flag"},
		{"missing argument", ada, "show", 2, "airlock show --help"},
		{"no request", ada, "show nonsense", 2, "@last"},
		{"two decisions", ada, "review @last --approve --reject", 2, "approve"},
		{"nobody to be asked", ada, "new import --title T", 2, "--reason REASON"},
		{"no such output", ada, "list -o xml", 2, "table, json"},
		{"no such status", ada, "list --status done", 2, "in_review"},
		{"no such file", ada, "upload @last nothing.csv", 2, "no file or folder"},
		{"no such context", ada, "list --context elsewhere", 2, "airlock context list"},
		{"never signed in", newcomer(t), "list", 4, "airlock login URL"},
		{"not one's own", ben, "cancel " + id + " -w genomics", 5, "(not_permitted)"},
		{"no role", ben, "review " + id + " -w genomics --approve --reason Yes", 5, "role"},
		{"no such request", ada, "show 00000000-0000-4000-8000-000000000000", 6, "airlock list"},
		{"no such short id", ada, "show abcdef012345", 6, "airlock list"},
		{"no such workspace", ada, "list --all -w proteomics", 6, "airlock workspace list"},
		{"no receipt yet", ada, "receipt " + id, 6, "airlock watch"},
		{"no files", ada, "submit " + id, 7, "no_files"},
		{"still pending", ada, "watch " + id + " --timeout 1s", 8, "still draft"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.who.T = t
			c.who.run(strings.Fields(c.args)...).ends(c.code).says(c.says)
		})
	}
}

// A person who signed in with no workspace learns where the workspaces are.
func TestNoWorkspace(t *testing.T) {
	t.Parallel()
	p := newcomer(t)
	p.run("login", shared.API, "--token-command", p.tokenCommand("researcher2")).ends(0)
	p.run("new", "export", "--title", "T", "--reason", "R").ends(2).says("airlock workspace list")
	p.run("--version").ends(0).prints("airlock ")
}

// With -o json the problem stands on stdout, for programs.
func TestProblemAsJSON(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	assert.Equal(t, "policy_violation", ada.run("submit", id, "-o", "json").ends(7).object()["code"])
}

// Nobody answers where the airlock should be.
func TestServiceUnavailable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	p := newcomer(t)
	p.run("login", "http://"+address+"/api", "--token-command", p.tokenCommand("researcher")).ends(3).says("cannot be reached")
	p.run("login", "http://airlock.example.org/api", "--azure-cli").ends(2).says("only https")
	assert.NoFileExists(t, filepath.Join(p.home, "config", "airlock", "config.yaml"))
}

// A token that is not taken is the end, and the sentence says whose it was.
func TestTokenFromEnvironment(t *testing.T) {
	t.Parallel()
	p := as(t, "researcher")
	p.env = append(p.env, "AIRLOCK_TOKEN=not.a.token")
	p.run("list").ends(4).says("AIRLOCK_TOKEN")
}
