package story_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

// A scanner that says nothing blocks a request; once it works again, people have it
// asked anew, and the release is as good as any other.
func TestWhatWasNeverScannedIsRetried(t *testing.T) {
	t.Parallel()
	playIn(t, "imaging", 150*time.Second, func(p *Play) {
		p.As(Researcher2).Creates(Import).Uploads("a.csv", data)
		scan(p, map[string]any{"verdict": "none"})
		p.As(Researcher2).Submits()
		r := p.Eventually(BlockedByScan)
		p.Holds(strings.Contains(r.Message(), "scanned anew"), "nobody is told what to do: %q", r.Message())
		p.BytesLieWhereTheyBelong()
		p.As(Researcher2).IsRefused("retry", http.StatusForbidden)
		scan(p, map[string]any{"verdict": "clean"})
		p.As(Manager).Retries()
		p.Eventually(InReview)
		p.BytesLieWhereTheyBelong().TrailVerifies()
		p.As(Manager).Approves("scanned in the end")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		receipted(p)
		p.Until(func() string {
			if said, ok := stranger(t, p); !ok {
				return "airlock-verify says:\n" + said
			}
			return ""
		})
	})
}

// A file that could not be scanned and turns out to be malware stays in quarantine.
func TestWhatCouldNotBeScannedTurnsOutToBeMalware(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data)
		scan(p, map[string]any{"verdict": "not-scanned", "reason": "SAM259210: protected by a password"})
		p.As(Researcher).Submits()
		p.Eventually(BlockedByScan)
		scan(p, map[string]any{"verdict": "malicious"})
		p.As(Admin).WithTokenOf("").Retries()
		p.TrailHasSoon("malware", func(r AuditRecord) bool { return r.Action == "malicious_verdict" })
		p.Eventually(BlockedByScan)
		p.BytesLieWhereTheyBelong().TrailVerifies()
		for _, who := range []string{Owner, Manager} {
			p.As(who).IsRefused("retry", http.StatusBadRequest)
		}
		p.HistoryReads("researcher draft", "researcher submitted", "system blocking_in_progress", "system blocked_by_scan",
			"admin submitted", "system blocking_in_progress", "system blocked_by_scan")
	})
}
