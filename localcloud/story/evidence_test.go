package story_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

// Insiders, each with the rights of one role and nothing else, past the service: who
// can create blobs in the evidence account, and who writes the state table. And a
// stranger, who has airlock-verify, an archive, and the published keys.

// released brings a request to its receipt, and has its trail anchored.
func released(p *Play) {
	p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
	p.Eventually(InReview)
	p.As(Manager).Approves("fine")
	p.Eventually(Approved)
	receipted(p)
	reconciled(p)
}

// receipted waits for the receipt.
func receipted(p *Play) {
	p.Until(func() string {
		if p.As(Manager).Ask(http.MethodGet, below(p, "/receipt"), nil, nil).Status != http.StatusOK {
			return "there is no receipt"
		}
		return ""
	})
}

func below(p *Play, path string) string {
	return "/workspaces/" + p.WorkspaceID() + "/requests/" + p.ID + path
}

// reconciled is the report of an operator's run of the reconciler.
func reconciled(p *Play) (report struct {
	Reconcile struct{ Missing, Anchored int }
}) {
	answer := p.As(Admin).WithTokenOf("").Ask(http.MethodPost, "/operations/reconcile", nil, map[string]any{})
	p.Holds(answer.Status == http.StatusOK, "reconcile: %s", answer)
	p.Holds(json.Unmarshal(answer.Body, &report) == nil, "reconcile: %s", answer)
	return report
}

// stranger verifies the evidence that the API hands out, and returns what
// airlock-verify says.
func stranger(t *testing.T, p *Play) (said string, verified bool) {
	t.Helper()
	dir := t.TempDir()
	answers(t, p, dir, map[string]string{"evidence.zip": below(p, "/evidence"), "keys.json": "/receipt-keys"})
	return verify(p, filepath.Join(dir, "evidence.zip"), "--keys", filepath.Join(dir, "keys.json"))
}

// compares holds the released bytes, as they lie in the approved account, against the
// receipt.
func compares(t *testing.T, p *Play) (said string, verified bool) {
	t.Helper()
	dir := t.TempDir()
	answers(t, p, dir, map[string]string{"release.json": below(p, "/receipt"), "keys.json": "/receipt-keys"})
	for _, f := range p.Files() {
		body, err := p.Cloud.Ground.Read(p.Context(), Account(p.Direction(), Approved, p.Workspace()), p.ID, f.Name)
		p.Holds(err == nil, "%v", err)
		path := filepath.Join(dir, "released", f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, body, 0o600))
	}
	return verify(p, "receipt", filepath.Join(dir, "release.json"), "--keys", filepath.Join(dir, "keys.json"), "--files", filepath.Join(dir, "released"))
}

// answers keeps the API's answers in files, by name.
func answers(t *testing.T, p *Play, dir string, paths map[string]string) {
	t.Helper()
	for name, path := range paths {
		answer := p.As(Manager).Ask(http.MethodGet, path, nil, nil)
		p.Holds(answer.Status == http.StatusOK, "%s: %s", path, answer)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), answer.Body, 0o600))
	}
}

// verify runs airlock-verify.
func verify(p *Play, args ...string) (said string, verified bool) {
	out, err := exec.CommandContext(p.Context(), "go", append([]string{"run", "../../handler/airlock-verify"}, args...)...).CombinedOutput()
	return string(out), err == nil
}

// plant makes a blob as somebody would who can create blobs there.
func plant(p *Play, container, name, body string) {
	_, err := p.Cloud.Ground.Write(p.Context(), ground.EvidenceAccount, container, name, []byte(body))
	p.Holds(err == nil, "%v", err)
}

func lies(p *Play, container, prefix string) (names []string) {
	blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), ground.EvidenceAccount, container)
	p.Holds(err == nil, "%v", err)
	for _, b := range blobs {
		if strings.HasPrefix(b.Name, prefix) {
			names = append(names, b.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestAStrangerVerifiesARelease(t *testing.T) {
	play(t, func(p *Play) {
		released(p)
		said, ok := stranger(t, p)
		p.Holds(ok, "airlock-verify says:\n%s", said)
		p.Holds(strings.Contains(said, "as anchored, up to record"), "nothing is anchored:\n%s", said)
		p.As(Manager).Revokes("sent by mistake")
		p.Until(func() string {
			if said, ok = stranger(t, p); ok || !strings.Contains(said, "REVOKED: the evidence is genuine") || len(lies(p, "receipts", p.ID+"/revoked.json")) == 0 {
				return "the revocation is not shown:\n" + said
			}
			return ""
		})
	})
}

func TestWhoCanCreateEvidenceStopsNothing(t *testing.T) {
	play(t, func(p *Play) {
		released(p)
		entries := lies(p, "anchors", "0")
		last := entries[len(entries)-1]
		var n int
		for _, c := range strings.TrimSuffix(last, ".json") {
			n = n*10 + int(c-'0')
		}
		unsigned, err := p.Cloud.Ground.Read(p.Context(), ground.EvidenceAccount, "anchors", last)
		p.Holds(err == nil, "%v", err)
		at := strings.Index(string(unsigned), `,"signatures"`)
		plant(p, "anchors", number(n+1), "{}")
		plant(p, "anchors", number(n+2), string(unsigned[:at])+`,"signatures":[]}`)
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		index := lies(p, "anchors", "heads/")
		plant(p, "anchors", index[0][:strings.LastIndex(index[0], "/")]+"/00000099-"+strings.Repeat("ab", 32)+"-"+strings.TrimSuffix(last, ".json"), "")
		plant(p, "receipts", p.ID+"/release.json", string(unsigned))
		plant(p, "receipts", p.ID+"/revoked.json", "{}")
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.Until(func() string {
			if names := lies(p, "receipts", p.ID+"/release-"); len(names) != 1 {
				return "the receipt does not lie beside the planted one"
			}
			return ""
		})
		reconciled(p)
		p.TrailVerifies()
		said, ok := stranger(t, p)
		p.Holds(ok, "airlock-verify says:\n%s", said)
	})
}

func number(n int) string {
	text := "000000000000"
	for i := len(text) - 1; n > 0; i, n = i-1, n/10 {
		text = text[:i] + string(rune('0'+n%10)) + text[i+1:]
	}
	return text + ".json"
}

func TestWhoWritesTheTableKeepsNothingOutOfTheLog(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.TrailVerifies()
		missed := false
		for range 20 { // the timer may anchor a record before it can be kept out
			answer := p.As(Manager).Ask(http.MethodPost, below(p, "/comments"), nil, map[string]any{"text": "one more record"})
			p.Holds(answer.Status/100 == 2, "a comment: %s", answer)
			rows, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "h|"+p.ID)
			p.Holds(err == nil, "%v", err)
			for _, row := range rows {
				p.Holds(p.Cloud.Ground.Remove(p.Context(), ground.RequestsTable, row) == nil, "the row stays")
			}
			if missed = len(rows) > 0 && reconciled(p).Reconcile.Missing > 0; missed {
				break
			}
		}
		p.Holds(missed, "what was kept out of the log is not missed")
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
	})
}

// A row that says what no record bears out: somebody had it written that the request
// was approved.
func TestWhoWritesTheTableReleasesNothing(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.TrailVerifies()
		rows, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "r|"+p.ID)
		p.Holds(err == nil && len(rows) == 1, "%v", err)
		document := rows[0].Text("Document")
		forged := strings.Replace(document, `"status":"in_review"`, `"status":"approval_in_progress"`, 1)
		forged = strings.Replace(forged, `"reviews":[]`, `"reviews":[{"id":"x","reviewer":{"id":"eve"},"dateCreated":"2026-01-02T03:04:05Z","reviewDecision":"approved","decisionExplanation":"fine"}]`, 1)
		p.Holds(forged != document && strings.Contains(forged, "eve"), "the attack itself fails: %s", document)
		rows[0].SetText("Document", forged)
		p.Holds(p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, rows[0]) == nil, "the row cannot be written")
		due := ground.Row{"PartitionKey": p.WorkspaceID(), "RowKey": "w|0000000000000000001|" + p.ID, "Schema": rows[0]["Schema"]}
		p.Holds(p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, due) == nil, "the row cannot be written")
		reconciled(p)
		answer := p.As(Manager).Ask(http.MethodGet, below(p, ""), nil, nil)
		p.Holds(answer.Status >= 500 && !strings.Contains(string(answer.Body), "eve"), "a row without its seal is shown: %s", answer)
		blobs, exists, err := p.Cloud.Ground.Blobs(p.Context(), Account(p.Direction(), Approved, p.Workspace()), p.ID)
		p.Holds(err == nil && (!exists || len(blobs) == 0), "%d files were released: %v", len(blobs), err)
		p.Holds(len(lies(p, "receipts", p.ID)) == 0, "a receipt was signed")
		p.Holds(p.As(Manager).Ask(http.MethodGet, below(p, "/receipt"), nil, nil).Status != http.StatusOK, "there is a receipt")
		rows[0].SetText("Document", document) // an operator puts it back
		p.Holds(p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, rows[0]) == nil, "the row cannot be written")
		p.Holds(p.Cloud.Ground.Remove(p.Context(), ground.RequestsTable, due) == nil, "the row stays")
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
	})
}
