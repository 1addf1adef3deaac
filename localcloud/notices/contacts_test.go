package notices_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/localcloud/graph"
	. "example.org/airlock/localcloud/story"
)

// A deployment without Microsoft Graph finds people in the workspace's registry row, and asks Graph nothing.
func TestContactsInsteadOfGraph(t *testing.T) {
	t.Parallel()
	c := start(t, map[string]string{"AIRLOCK_DIRECTORY": "contacts"})
	control(t, c, http.MethodPut, "/graph/directory", graph.Directory{}, nil)

	t.Run("the rule table", func(t *testing.T) {
		play(t, c, "genomics", func(p *Play) {
			p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
			p.Eventually(InReview)
			p.As(Manager).Approves("fine")
			p.Eventually(Approved)
			p.As(Manager).Revokes("a mistake")
			p.Eventually(Revoked)
			arrived(p, due(genomics, Researcher, Draft, Submitted, InReview, ApprovalInProgress, Approved, Revoked))
		})
	})
	t.Run("a workspace with rules of its own", func(t *testing.T) { play(t, c, "genomics", ownRules) })
	t.Run("what reviewers must know", func(t *testing.T) { play(t, c, "genomics", unscanned) })
	t.Run("a workspace without owners", func(t *testing.T) {
		play(t, c, "imaging", func(p *Play) {
			p.As(Researcher2).Creates(Import).UploadsFiles(EICAR("tool.exe")).Submits()
			p.Eventually(BlockedByScan)
			arrived(p, due(nil, Researcher2, Draft, Submitted, BlockedByScan))
		})
	})

	var calls []string
	control(t, c, http.MethodGet, "/graph/calls", nil, &calls)
	assert.Empty(t, calls, "Graph is not there in such a deployment")
	noSecrets(t, c)
}

// ownRules is a request in a workspace whose policy says for some kinds who is told; the table holds for the others.
func ownRules(p *Play) {
	p.Policy("says who is told", func(policy map[string]any) {
		policy["notifications"] = map[string][]string{
			"draft":     {},
			"submitted": {"airlock_manager"},
			"in_review": {"requestor", "airlock_manager"},
			"approved":  {"workspace_researcher", "requestor", "airlock_manager"},
			"overdue":   {"workspace_researcher"},
		}
	})
	p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
	p.Eventually(InReview)
	elapse(p, 121)
	reported(p, "overdue")
	p.As(Manager).Approves("fine")
	p.Eventually(Approved)

	managers, researchers := genomics[managers], []string{"researcher@tre.example", "researcher2@tre.example", "researcher-manager@tre.example"}
	var want []told
	each := func(kind string, addresses ...string) {
		for _, a := range addresses {
			want = append(want, told{kind, a})
		}
	}
	each(Submitted, managers...)
	each(InReview, append([]string{"researcher@tre.example"}, managers...)...)
	each("overdue in in_review", researchers...)
	each(ApprovalInProgress, "researcher@tre.example")
	each(Approved, researchers...) // who is in two of the groups has one mail
	each(Approved, "manager@tre.example", "manager2@tre.example", "manager3@tre.example", "senior@tre.example")
	arrived(p, want)
}

// unscanned is a request that two managers must review although nobody could scan it. They learn both, and the first
// approval alone tells nobody anything.
func unscanned(p *Play) {
	p.Policy("leaves unscanned files to two reviewers", func(policy map[string]any) {
		Member(policy, "malwareScanning")["inconclusive"], Member(policy, "malwareScanning")["maxRescans"] = "review", 0
		Member(policy, "review")["importApprovals"] = 2
	})
	p.As(Researcher).Creates(Import).Uploads("a.csv", data)
	must(p, p.Cloud.Scan(p.Context(), map[string]any{"verdict": "not-scanned", "reason": "SAM259210: protected by a password", "blob": p.ID}))
	p.As(Researcher).Submits()
	p.Eventually(InReview)
	p.As(Manager).Approves("I know the source")
	arrived(p, due(genomics, Researcher, Draft, Submitted, InReview))
	p.As(Manager2).Approves("so do I")
	p.Eventually(Approved)
	arrived(p, due(genomics, Researcher, Draft, Submitted, InReview, ApprovalInProgress, Approved))
	for _, m := range mails(p) {
		says := map[string][]string{
			InReview:           {"could not be scanned", "2 airlock managers other than the requestor read the file and approve or reject the request."},
			ApprovalInProgress: {"was approved by Grace Manager and Ming Manager."},
		}[m.Status]
		for _, words := range says {
			p.Holds(strings.Contains(m.Text, words), "the mail on %s does not say %q:\n%s", m.Status, words, m.Text)
		}
	}
}
