package story_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// A core and a workspace of the compact layout, where one account serves several stages, and a workspace beside it that
// has an account for each: requests of both come and go at once, and nothing tells them apart but the names of containers.
func TestCompactAndSeparateSideBySide(t *testing.T) {
	t.Parallel()
	c, stop, err := storytest.Start(t.Context(), func(o *cloud.Options) { o.Compact = []string{"core", "imaging"} })
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	t.Run("stories", func(t *testing.T) {
		for workspace, researcher := range map[string]string{"genomics": Researcher, "imaging": Researcher2} {
			for name, story := range map[string]func(*testing.T, *Play, string){"import": importedAndRevoked, "export": returnedAndRejected, "malware": blockedInReview} {
				t.Run(workspace+" "+name, func(t *testing.T) {
					t.Parallel()
					require.NoError(t, c.Run(t.Context(), Story{Name: t.Name(), Play: func(p *Play) { story(t, p, researcher) }}, Options{Workspace: workspace, Within: time.Minute}))
				})
			}
		}
	})
	require.NoError(t, c.Run(t.Context(), Story{Name: t.Name(), Play: nothingIsWrong}, Options{}))
}

func importedAndRevoked(t *testing.T, p *Play, researcher string) {
	t.Helper()
	p.As(researcher).Creates(Import).Uploads("a.csv", data)
	p.BytesLieWhereTheyBelong()
	p.As(researcher).Submits()
	p.Eventually(InReview)
	p.BytesLieWhereTheyBelong()
	p.As(Manager).Reads().Approves("fine")
	p.Eventually(Approved)
	p.As(researcher).Reads()
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	bornOut(t, p)
	p.As(Manager).Revokes("the wrong table")
	p.Eventually(Revoked)
	p.BytesLieWhereTheyBelong().TrailVerifies()
}

func returnedAndRejected(_ *testing.T, p *Play, researcher string) {
	p.As(researcher).Creates(Export).Uploads("a.csv", data)
	opensNothingElse(p, researcher)
	p.As(researcher).Submits()
	p.Eventually(InReview)
	p.BytesLieWhereTheyBelong()
	p.As(Manager).AsksForChanges("Round to ten.")
	p.IsReturned()
	p.BytesLieWhereTheyBelong()
	p.As(researcher).Uploads("a.csv", []byte("n\n10\n")).Submits()
	p.Eventually(InReview)
	p.BytesLieWhereTheyBelong()
	p.As(Manager).Rejects("no")
	p.Eventually(Rejected)
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
}

func blockedInReview(_ *testing.T, p *Play, researcher string) {
	p.As(researcher).Creates(Export).Uploads("a.csv", data)
	verdict(p, "malicious")
	p.As(researcher).Submits()
	p.Eventually(BlockedByScan)
	p.BytesLieWhereTheyBelong().TrailVerifies()
}

// opensNothingElse holds the link of a draft against the other stages' containers.
func opensNothingElse(p *Play, researcher string) {
	var got struct{ ContainerURL string }
	answer := p.As(researcher).Ask(http.MethodGet, p.Path("/link"), nil, nil)
	p.Holds(answer.Into(&got) == nil && strings.Contains(got.ContainerURL, "?"), "no link: %s", answer)
	where, signature, _ := strings.Cut(got.ContainerURL, "?")
	account, _, _ := strings.Cut(where, p.ID)
	list := func(container string) int {
		base := account[:strings.LastIndex(account, "/")+1]
		resp, err := http.Get(base + container + "?restype=container&comp=list&" + signature) //nolint:noctx // on loopback
		p.Holds(err == nil, "%v", err)
		defer resp.Body.Close()
		return resp.StatusCode
	}
	p.Holds(list(where[strings.LastIndex(where, "/")+1:]) == http.StatusOK, "the link does not open its own container")
	for _, other := range []string{p.ID, p.ID + "-2", "stalexint-" + p.ID + "-2", "stalexip-" + p.ID, "stalimapp-" + p.ID} {
		if !strings.HasSuffix(where, "/"+other) {
			p.Holds(list(other) == http.StatusForbidden, "the link of a draft opens %s", other)
		}
	}
}

// nothingIsWrong has the sweep and the doctor look at all accounts.
func nothingIsWrong(p *Play) {
	var done struct {
		Sweep struct {
			Containers                           int
			Orphans, Unclaimed, Unknown, Trouble []string
		}
	}
	answer := p.As(Admin).WithTokenOf("").Ask(http.MethodPost, "/operations/reconcile", nil, map[string]any{})
	p.Holds(answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &done) == nil, "reconcile: %s", answer)
	s := done.Sweep
	p.Holds(s.Containers > 0 && len(s.Orphans)+len(s.Unclaimed)+len(s.Unknown)+len(s.Trouble) == 0, "the sweep: %s", answer)
	answer = p.As(Admin).WithTokenOf("").Ask(http.MethodGet, "/operations/doctor", nil, nil)
	p.Holds(answer.Status == http.StatusOK && strings.Contains(string(answer.Body), "stalwsimaging (stalimapp, stalexint, stalexip, stalexrej, stalexblocked of "), "the doctor: %s", answer)
	p.Holds(!strings.Contains(string(answer.Body), "more than one purpose"), "the doctor: %s", answer)
}
