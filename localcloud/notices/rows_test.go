package notices_test

import (
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "example.org/airlock/localcloud/story"
)

// life is a request's way through statuses and the deadlines it missed.
type life struct {
	name, persona string
	kinds         []string
	play          func(p *Play)
}

var lives = []life{
	{"approved and revoked", Researcher, []string{Draft, Submitted, InReview, ApprovalInProgress, Approved, Revoked}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Reads().Approves("fine")
		p.Eventually(Approved)
		p.As(Researcher).Reads()
		p.As(Manager2).Revokes("a mistake")
		p.Eventually(Revoked)
	}},
	{"rejected", Researcher2, []string{Draft, Submitted, InReview, RejectionInProgress, Rejected}, func(p *Play) {
		p.As(Researcher2).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Reads().Rejects("names of people")
		p.Eventually(Rejected)
	}},
	{"blocked by the scan", Researcher, []string{Draft, Submitted, BlockingInProgress, BlockedByScan}, func(p *Play) {
		p.As(Researcher).Creates(Export).UploadsFiles(EICAR("tool.exe")).Submits()
		p.Eventually(BlockedByScan)
	}},
	{"cancelled by somebody else", Researcher, []string{Draft, Submitted, InReview, Cancelled}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Owner).Cancels()
		p.Eventually(Cancelled)
	}},
	{"a manager's own request", ResearcherManager, []string{Draft, Submitted, InReview, ApprovalInProgress, Approved}, func(p *Play) {
		p.As(ResearcherManager).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("four eyes")
		p.Eventually(Approved)
	}},
	{"failed, and failed again", Researcher, []string{Draft, Submitted, Failed, Submitted, Failed}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		late := url.Values{"op": {"CreateContainer"}, "match": {"stalimiplocal/" + p.ID}, "do": {"delay"}, "for": {"1s"}}
		must(p, p.Cloud.Break(p.Context(), late))
		p.As(Researcher).Submits()
		p.Holds(p.As(Researcher).Overwrites("a.csv", []byte("other bytes")), "the draft can't be written any more")
		p.Eventually(Failed)
		p.As(Owner).Retries() // the bytes are still others than were submitted
		p.Until(func() string {
			if failures := len(p.Now().History); failures < 4 || p.Now().Status != Failed {
				return "the retry has not failed"
			}
			return ""
		})
	}},
	{"malware in released files", Researcher, []string{Draft, Submitted, InReview, ApprovalInProgress, Approved, "malware_found"}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		account := Account(Import, Approved, "genomics")
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
		must(p, err)
		must(p, p.Cloud.Say(p.Context(), "malicious", account, p.ID, "a.csv", blobs[0].ETag))
	}},
	{"returned, and never submitted again", Researcher, []string{Draft, Submitted, InReview, Returned, "overdue in returned", Cancelled}, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).AsksForChanges("Round to ten.")
		p.IsReturned()
		elapse(p, 337)
		reported(p, "overdue")
		p.As(Researcher).Cancels()
	}},
	{"talked about, and claimed in vain", Researcher, []string{Draft, Submitted, InReview, "comment", "reviewer_comment", "claim_expired"}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Researcher).Comments("It is the public part.", "everyone").Comments("And nobody else has seen it.", "everyone") // one mail
		p.As(Manager2).Claims()
		elapse(p, 5)
		reported(p, "claim_ended")
		p.As(Manager).Comments("Who knows this data set?", "reviewers")
	}},
	{"never submitted", Researcher, []string{Draft, "overdue in draft"}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		elapse(p, 337)
		reported(p, "overdue")
	}},
	{"never submitted, and deleted", Researcher, []string{Draft, "overdue in draft", "draft_expiring", Cancelled}, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		elapse(p, 40*24)
		reported(p, "overdue")
		reported(p, "draft_expiring")
		p.Holds(p.Now().Status == Draft, "who was told a moment ago has lost the draft")
		elapse(p, 40*24)
		reported(p, "expire")
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	}},
	{"never reviewed", Researcher, []string{Draft, Submitted, InReview, "overdue in in_review"}, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		elapse(p, 121)
		reported(p, "overdue")
	}},
	{"never scanned", Researcher2, []string{Draft, Submitted, "overdue in submitted"}, func(p *Play) {
		p.As(Researcher2).Creates(Import).Uploads("a.csv", data)
		must(p, p.Cloud.Verdict(p.Context(), "none", p.ID))
		p.As(Researcher2).Submits()
		gathered(p)
		elapse(p, 5)
		reported(p, "overdue")
	}},
}

// never switches the timer of the reconciler off: all else happens by events alone, or because a test says so.
var never = map[string]string{"ReconcileSchedule": "0 0 0 1 1 *"}

// A start of the local cloud costs more than all that is done with it here, so one does for all of this.
func TestMailsWithGraph(t *testing.T) {
	t.Parallel()
	c := start(t, never)
	t.Run("a large institution", func(t *testing.T) { largeInstitution(t, c) })
	t.Run("Graph down", func(t *testing.T) { graphDown(t, c) })
	t.Run("every row of the table", func(t *testing.T) { everyRow(t, c) })
	noSecrets(t, c) // although links were handed out
}

// Every row of the rule table is a mail in somebody's hands, and no mail is there that no row asks for.
func everyRow(t *testing.T, c *Cloud) {
	before, err := c.Mails()
	require.NoError(t, err)
	var mu sync.Mutex
	seen := map[string]bool{}
	t.Run("lives", func(t *testing.T) {
		for _, l := range lives {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				play(t, c, "genomics", func(p *Play) {
					l.play(p)
					arrived(p, due(genomics, l.persona, l.kinds...))
				})
				mu.Lock()
				defer mu.Unlock()
				for _, kind := range l.kinds {
					seen[kind] = true
				}
			})
		}
	})
	t.Run("reviewers who differ", func(t *testing.T) { reviewersDiffer(t, c, seen) })
	for kind := range specified {
		assert.True(t, seen[kind], "no request has led to a mail on %s", kind)
	}
	all, err := c.Mails()
	require.NoError(t, err)
	readable(t, c, all[len(before):])
}
