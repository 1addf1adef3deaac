package notices_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/logicapp"
	"example.org/airlock/localcloud/story"
)

// told is one mail: on what, and to whom.
type told struct{ kind, address string }

func (m told) String() string { return m.kind + " -> " + m.address }

// occasions are the kinds of mails that tell of no status.
var occasions = []string{"malware_found", "draft_expiring", "disagreement", "third_reviewer", "claim_expired", "comment", "reviewer_comment"}

// kindOf is the status a mail tells of; for a deadline that passed it is "overdue in" that status.
func kindOf(m logicapp.Mail) string {
	if m.EventType == "overdue" {
		return "overdue in " + m.Status
	}
	if slices.Contains(occasions, m.EventType) {
		return m.EventType
	}
	return m.Status
}

// waiting lists the events of the request in play that have not been published.
func waiting(p *story.Play) (rows []ground.Row) {
	all, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "o|")
	must(p, err)
	return slices.DeleteFunc(all, func(r ground.Row) bool { return !strings.Contains(r.Key(), p.ID) })
}

// mails waits until nothing of the request in play is unpublished or under way, and returns all mails about it. A status
// and its events are one write, so an event after a status was seen cannot be missed. An event that the story itself
// sent is handled first: only then does the handler have something to publish.
func mails(p *story.Play) (found []logicapp.Mail) {
	must(p, p.Cloud.Settle(p.Context()))
	p.Until(func() string {
		if rows := waiting(p); len(rows) > 0 {
			return fmt.Sprintf("%d events have not been published", len(rows))
		}
		return ""
	})
	return mailed(p)
}

// mailed returns the mails about the request in play as soon as nothing is under way, whatever may still wait in the
// handler.
func mailed(p *story.Play) (found []logicapp.Mail) {
	must(p, p.Cloud.Settle(p.Context()))
	all, err := p.Cloud.Mails()
	must(p, err)
	return slices.DeleteFunc(all, func(m logicapp.Mail) bool { return m.RequestID != p.ID })
}

// arrived compares the complete mail about the request in play, each mail as often as it came, with what must have come.
func arrived(p *story.Play, want []told) {
	same(p, mails(p), want)
	p.Tell("check", "%d mails, each to the right person, and nobody else has one", len(want))
}

func same(p *story.Play, mails []logicapp.Mail, want []told) {
	count := map[told]int{}
	for _, m := range mails {
		count[told{kindOf(m), m.To}]++
	}
	for _, m := range want {
		count[m]--
	}
	var missing, unwanted []string
	for m, n := range count {
		switch {
		case n < 0:
			missing = append(missing, m.String())
		case n > 0:
			unwanted = append(unwanted, m.String())
		}
	}
	slices.Sort(missing)
	slices.Sort(unwanted)
	p.Holds(len(missing)+len(unwanted) == 0, "mails that did not come: %s\n  mails too many: %s", strings.Join(missing, ", "), strings.Join(unwanted, ", "))
}

// noSecrets looks for signatures of links in all mails and in everything that was ever published.
func noSecrets(t *testing.T, c *story.Cloud) {
	t.Helper()
	mails, err := c.Mails()
	require.NoError(t, err)
	require.NotEmpty(t, mails)
	for _, m := range mails {
		assert.NotContains(t, strings.ToLower(m.Subject+m.Text), "sig=")
	}
	events, err := c.Published(t.Context(), "")
	require.NoError(t, err)
	require.NotEmpty(t, events)
	for _, e := range events {
		assert.NotContains(t, strings.ToLower(string(e.Data)), "sig=", e.EventType)
		assert.NotContains(t, strings.ToLower(string(e.Data)), "sharedaccess", e.EventType)
	}
}
