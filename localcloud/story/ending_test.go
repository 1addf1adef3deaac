package story_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	. "example.org/airlock/localcloud/story"
)

func TestCancelInReview(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		reviewer := p.As(Manager).Keeps()
		p.Holds(reviewer() == http.StatusOK, "the reviewer's link does not work")
		p.As(Admin).WithTokenOf("").Cancels()
		p.Eventually(Cancelled)
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		p.Holds(reviewer() == http.StatusNotFound, "the reviewer's link is answered with %d", reviewer())
		p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "admin cancelled")
	})
}

func TestRevokeKillsLinksThatAreOut(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		live := p.As(Researcher).Keeps()
		p.Holds(live() == http.StatusOK, "the link does not work")
		p.As(Manager2).Revokes("a mistake")
		p.Eventually(Revoked)
		p.BytesLieWhereTheyBelong()
		p.Holds(live() == http.StatusNotFound, "a link that is out is answered with %d", live())
		p.As(Researcher).IsRefused("link", http.StatusBadRequest)
		p.TrailVerifies()
	})
}

func TestAFailedRequestCanBeRetried(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("lets requests fail that nobody can scan", func(policy map[string]any) {
			scanning := Member(policy, "malwareScanning")
			scanning["inconclusive"], scanning["maxRescans"] = "fail", 0
		})
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		p.Holds(p.Cloud.Scan(p.Context(), map[string]any{"verdict": "not-scanned", "reason": "SAM259210: protected by a password", "blob": p.ID}) == nil, "no verdict set")
		p.As(Researcher).Submits()
		failed := p.Eventually(Failed)
		p.Holds(strings.Contains(failed.Message(), "SAM259210"), "the message is %q", failed.Message())
		p.TrailVerifies()
		p.As(Researcher).IsRefused("retry", http.StatusForbidden)
		verdict(p, "clean")
		p.As(Owner).Retries()
		p.Eventually(InReview) // the mended scanner was asked once more
		p.As(Manager).Approves("mended")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	})
}

// A request that waits for something that never comes is ended by people, and its data goes.
func TestARequestThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		refuse := url.Values{"op": {"PutBlockFromURL"}, "match": {"stalimiplocal/" + p.ID}, "do": {"403"}, "n": {"1000"}}
		p.Holds(p.Cloud.Break(p.Context(), refuse) == nil, "no rule set")
		p.As(Researcher).Submits()
		p.Until(func() string {
			if r := p.Now(); !strings.HasPrefix(r.Message(), "waiting: ") {
				return "the message is " + r.Message()
			}
			return ""
		})
		p.As(Researcher).IsRefused("give-up", http.StatusForbidden).IsRefused("cancel", http.StatusBadRequest)
		p.As(Manager).IsRefused("give-up", http.StatusForbidden)
		p.As(Robot).IsRefused("give-up", http.StatusForbidden)
		p.As(Owner).GivesUp("nobody mends the account")
		failed := p.Now()
		p.Holds(strings.Contains(failed.Message(), "nobody mends the account"), "the message is %q", failed.Message())
		p.As(Manager).IsRefused("cancel", http.StatusForbidden)
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		p.HistoryReads("researcher draft", "researcher submitted", "owner failed", "researcher cancelled")
	})
}

func TestADraftOverwrittenAfterSubmitFails(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		late := url.Values{"op": {"CreateContainer"}, "match": {"stalimiplocal/" + p.ID}, "do": {"delay"}, "for": {"1s"}}
		p.Holds(p.Cloud.Break(p.Context(), late) == nil, "no rule set")
		p.As(Researcher).Submits()
		p.Holds(p.As(Researcher).Overwrites("a.csv", []byte("other bytes")), "the draft can't be written any more")
		r := p.Eventually(Failed)
		p.TrailHas("tampering", func(r AuditRecord) bool { return r.Security && r.To == Failed })
		p.As(Manager).IsRefused("review", http.StatusBadRequest)
		p.Holds(r.Status == Failed, "")
		p.TrailVerifies()
	})
}
