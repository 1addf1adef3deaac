package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the document")

const document = "../../docs/NOTIFICATIONS.md"

// generated compares a marked part of the document with what runs.
func generated(t *testing.T, part, text string) {
	t.Helper()
	page, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(page), "<!-- generated: "+part+" -->\n")
	require.True(t, found, "%s has no part %q", document, part)
	got, after, found := strings.Cut(rest, "<!-- end -->")
	require.True(t, found)
	if *update {
		got = text
		require.NoError(t, os.WriteFile(document, []byte(before+"<!-- generated: "+part+" -->\n"+text+"<!-- end -->"+after), 0o644))
	}
	require.Equal(t, text, got, "%s is stale; run: go test ./handler/notify -update", document)
}

var roleWords = map[string]string{Requestor: "requestor", Owner: "workspace owners", Manager: "airlock managers", Researcher: "researchers"}

func TestRulesInTheDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("| kind | told | why |\n|---|---|---|\n")
	told := map[string]bool{}
	for _, r := range Rules() {
		kind := "`" + r.Kind + "`"
		if r.Kind == Overdue {
			kind += " elsewhere"
		}
		for _, s := range r.In {
			kind = fmt.Sprintf("`%s` in `%s`", Overdue, s)
		}
		who := []string{}
		for _, w := range r.Tell {
			who = append(who, roleWords[w])
		}
		told[r.Kind] = true
		fmt.Fprintf(&b, "| %s | %s | %s |\n", kind, strings.Join(who, ", "), r.Why)
	}
	for _, s := range airlock.Statuses() {
		if !told[string(s)] {
			fmt.Fprintf(&b, "| `%s` | nobody | the next status tells the outcome |\n", s)
		}
	}
	generated(t, "rules", b.String())
}

func TestTextsInTheDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("| kind | subject ends in | message | then, held by |\n|---|---|---|---|\n")
	n, _ := newNotices(Contacts{})
	row := func(kind string, s airlock.Status) {
		r := testRequest(s)
		r.Title, r.ScanRequired = "Blood counts", true
		d := filled(t, n, testWorkspace, kind, r)
		_, short, _ := strings.Cut(d["subject"].(string), "Genomics: ")
		next, _, _ := strings.Cut(d["next"].(string), "\n")
		if kind == Overdue || slices.Contains(airlock.Notices(), kind) {
			kind = fmt.Sprintf("%s` in `%s", kind, s)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s (`%s`) |\n", kind, short, d["message"], next, d["held_by"])
	}
	for _, s := range airlock.Statuses() {
		row(string(s), s)
	}
	for _, s := range airlock.Statuses() {
		if !s.Final() {
			row(Overdue, s)
		}
	}
	for _, s := range []airlock.Status{airlock.Draft, airlock.Approved} {
		row(airlock.NoticeMalwareFound, s)
	}
	row(airlock.NoticeDraftExpiring, airlock.Draft)
	for _, kind := range airlock.Notices()[2:] {
		row(kind, airlock.InReview)
	}
	generated(t, "texts", b.String())
}

func TestExampleInTheDocument(t *testing.T) {
	n, _ := newNotices(Contacts{})
	r := testRequest(airlock.InReview)
	r.Title, r.Justification = "Blood counts", "Reference data for the cohort."
	e, err := n.Fill(t.Context(), testWorkspace, eventFor(t, string(airlock.InReview), r))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, e.Data, "", "  "))
	generated(t, "example", "```json\n"+b.String()+"\n```\n")
}

func TestEveryMemberOfTheEventIsInTheDocument(t *testing.T) {
	page, err := os.ReadFile(document)
	require.NoError(t, err)
	n, _ := newNotices(Contacts{})
	known := []string{"request", "workspace"} // AzureTRE's own
	for member := range filled(t, n, testWorkspace, "in_review", testRequest(airlock.InReview)) {
		if !slices.Contains(known, member) {
			require.Contains(t, string(page), "| `"+member+"` |", "the document does not explain %s", member)
		}
	}
}

// The Logic App adds no rules of its own: it sends every status to those the event names, in the event's words.
func TestTheLogicAppLeavesTheRulesToTheService(t *testing.T) {
	text, err := os.ReadFile("../../infra/notifier/rules.json")
	require.NoError(t, err)
	var rules []struct {
		Statuses, To  []string
		Subject, Text string
	}
	require.NoError(t, json.Unmarshal(text, &rules))
	var sent []string
	for _, r := range rules {
		sent = append(sent, r.Statuses...)
		require.Equal(t, []string{"service"}, r.To)
		require.Equal(t, "{subject}", r.Subject)
		for _, said := range []string{"{message}", "{next}", "{request_url}"} {
			require.Contains(t, r.Text, said)
		}
	}
	var all []string
	for _, s := range airlock.Statuses() {
		all = append(all, string(s))
	}
	require.ElementsMatch(t, all, sent, "infra/notifier/rules.json: a status without a rule is told to nobody, one with two rules twice")
}
