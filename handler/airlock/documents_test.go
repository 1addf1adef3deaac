package airlock

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the generated documents")

// golden compares a generated document with the one in docs/, so that what
// people read cannot drift from what runs.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, string(got), "%s is stale; run: go test ./handler/airlock -update", path)
}

func TestStatesDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("# States of a request\n\nGenerated from `handler/airlock/transitions.go` and `stages.go`; a test compares.\n\n```mermaid\nstateDiagram-v2\n")
	for _, row := range transitions {
		from, to := string(row.From), string(row.To)
		if row.From == NoStatus {
			from = "[*]"
		}
		if row.To == StatusBeforeFailure {
			continue // drawn as a note: it leads to several
		}
		fmt.Fprintf(&b, "  %s --> %s: %s\n", from, to, row.On)
	}
	for _, s := range []Status{Rejected, Cancelled, BlockedByScan, Revoked} { // also where a person may lead out again
		fmt.Fprintf(&b, "  %s --> [*]\n", s)
	}
	b.WriteString("  note right of failed: retry leads back to the status it failed in\n```\n\n## Transitions\n\n| from | trigger | who | to | why |\n|---|---|---|---|---|\n")
	for _, row := range transitions {
		from := string(row.From)
		if row.From == NoStatus {
			from = "–"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", from, row.On, actors(row.By), row.To, row.Why)
	}
	b.WriteString("\n## Where the bytes are\n\nThe container's name is the request id in every account, and from the second turn on the turn behind it (`{id}-2`). In an account that serves several stages the stage stands before (`stalexip-{id}-2`).\n\n| status | import | export |\n|---|---|---|\n")
	for _, s := range Statuses() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, stageText(Import, s), stageText(Export, s))
	}
	golden(t, "../../docs/states.md", b.String())
}

func stageText(d RequestType, s Status) string {
	stage, ok := StageOf(d, s)
	if !ok {
		return "–"
	}
	return "`" + string(stage) + "`"
}

func actors(list []Actor) string {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = string(a)
	}
	return strings.Join(texts, ", ")
}

func TestAccessDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Who may do what\n\nGenerated from `handler/airlock/access.go`; a test compares. What is not listed is refused.\n\n")
	b.WriteString("A caller's parts follow from the token's roles and from who created the request. Roles of the workspace audience count only in that workspace's tokens, core roles only in core tokens.\n\n")
	b.WriteString("A colleague is another researcher or owner of the workspace, where the policy's `access.colleagues` is `read` or `full`. One who had a write link or submitted counts as the requestor in review.\n\n")
	b.WriteString("An application is a token without a person behind it. What is marked *people only* it may do where the policy's `review.applications` is true, and never otherwise.\n\n")
	b.WriteString("Names and hashes of an export's files are data: until it is approved, only those see them who may review it or who may get a link to its bytes at that moment. To others a file is its number and its size.\n\n")
	b.WriteString("A request that was imported and ended in the airlock used before can be read, and nothing else, whatever its status.\n\n")
	b.WriteString("One listing goes by other word: `GET /api/requests?airlock_manager=true` takes a core token, which says nothing about workspaces, and shows the requests of those workspaces whose airlock manager the caller is by the directory: Microsoft Graph's answer of the last ten minutes, or, with `AIRLOCK_DIRECTORY=contacts` and for a workspace without `servicePrincipalId`, the contacts in the registry row. Those contacts are then the permission to read that listing.\n\n")
	b.WriteString("| action | in status | who | note |\n|---|---|---|---|\n")
	for _, g := range grants {
		statuses := "any"
		if g.In != nil {
			texts := make([]string, len(g.In))
			for i, s := range g.In {
				texts[i] = string(s)
			}
			statuses = strings.Join(texts, ", ")
		}
		note := ""
		switch {
		case g.Do == ActionReview:
			note = "never the requestor, whatever their roles, unless the policy allows self-review"
		case g.Do == ActionLink && g.Write:
			note = "read, create, write, list, delete"
		case g.Do == ActionLink:
			note = "read, list"
		case g.Do == ActionRead:
			note = "get, list, history, receipt"
		case g.Do == ActionFindings:
			note = "rules and places; excerpts take a link to the files, in review"
		case g.Do == ActionGate:
			note = "app-only core token with the role AirlockGate, whose object id the policy named at submit; task, link and verdict of that gate"
		case g.Do == ActionOperate:
			note = "registry, parked events, reconcile"
		case g.Do == ActionRetry:
			note = "blocked_by_scan: only where no malware was found"
		}
		if g.Person {
			note = strings.TrimPrefix(note+"; people only", "; ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", g.Do, statuses, actors(g.By), note)
	}
	golden(t, "../../docs/access.md", b.String())
}
