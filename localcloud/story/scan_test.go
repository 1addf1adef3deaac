package story_test

import (
	"strings"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

// verdict says what the scan finds in the files of the request in play.
func verdict(p *Play, what string) {
	p.Holds(p.Cloud.Verdict(p.Context(), what, p.ID) == nil, "no verdict set")
}

// In imaging no fresh copies are made: the scanner has a minute to come round.
func TestAScanThatFailsForGoodIsBlocked(t *testing.T) {
	t.Parallel()
	playIn(t, "imaging", 150*time.Second, func(p *Play) {
		p.As(Researcher2).Creates(Import).Uploads("a.csv", data)
		verdict(p, "error")
		p.As(Researcher2).Submits()
		r := p.Eventually(BlockedByScan)
		p.Holds(strings.Contains(r.Message(), "could not be scanned") && strings.Contains(r.Message(), "not mean that malware") &&
			strings.Contains(r.Message(), "SAM259201"), "the message is %q", r.Message())
		p.Until(func() string {
			mails, err := p.Cloud.Mails()
			p.Holds(err == nil, "%v", err)
			for _, m := range mails {
				if strings.Contains(m.Text, p.ID) && strings.Contains(m.Text, "SAM259201") {
					return ""
				}
			}
			return "no mail has the scanner's reason"
		})
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	})
}

func TestAScanThatWorksTheSecondTime(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data)
		p.Holds(p.Cloud.VerdictOnce(p.Context(), "not-scanned", p.ID) == nil, "no verdict set")
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.TrailHas("a scan asked for again", func(r AuditRecord) bool { return r.Action == "rescan" })
		p.TrailHas("the scanner's reason", func(r AuditRecord) bool { return r.Action == "scan_verdict" && strings.Contains(r.Reason, "SAM259213") })
		p.As(Manager).Reads().Approves("scanned in the end")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestNoVerdictAtAll(t *testing.T) {
	t.Parallel()
	playIn(t, "imaging", 150*time.Second, func(p *Play) {
		p.As(Researcher2).Creates(Import).Uploads("scan.dcm", data)
		verdict(p, "none")
		p.As(Researcher2).Submits()
		r := p.Eventually(BlockedByScan)
		p.Holds(strings.Contains(r.Message(), "no verdict in time"), "the message is %q", r.Message())
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestMaliciousWinsEvenInReview(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		account := Account(Import, InReview, "genomics")
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
		p.Holds(err == nil && len(blobs) == 1, "%v %v", blobs, err)
		p.Holds(p.Cloud.Say(p.Context(), "malicious", account, p.ID, "a.csv", blobs[0].ETag) == nil, "no verdict said")
		p.Eventually(BlockedByScan)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestAVerdictForOtherBytesOpensNothing(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		verdict(p, "none")
		p.As(Researcher).Submits()
		account := Account(Import, InReview, "genomics")
		p.Until(func() string {
			if blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID); err != nil || len(blobs) == 0 {
				return "the file is not in progress"
			}
			return ""
		})
		p.Holds(p.Cloud.Say(p.Context(), "clean", account, p.ID, "a.csv", "0x8D000000000000A") == nil, "no verdict said")
		p.Until(func() string {
			for _, r := range p.Trail() {
				if r.Action == "scan_verdict" && r.Detail["etag"] == "0x8D000000000000A" {
					return ""
				}
			}
			return "the foreign verdict is not on record"
		})
		p.Holds(p.Now().Status == Submitted, "a verdict for other bytes lets the request through")
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
		p.Holds(err == nil && len(blobs) == 1, "%v %v", blobs, err)
		p.Holds(p.Cloud.Say(p.Context(), "clean", account, p.ID, "a.csv", blobs[0].ETag) == nil, "no verdict said")
		p.Eventually(InReview)
		p.As(Researcher).Cancels()
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}
