package notices_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/graph"
	"example.org/airlock/localcloud/identity"
	. "example.org/airlock/localcloud/story"
)

// A directory as large institutions have it: listings of several pages, groups in groups, people twice, people without
// mail, guests, applications, assignments of people who are gone; and Graph asks for patience at first.
func largeInstitution(t *testing.T, c *Cloud) {
	directory, wanted := institution(t)
	control(t, c, http.MethodPut, "/graph/directory", directory, nil)
	control(t, c, http.MethodPut, "/graph/faults", graph.Faults{Throttle: 2, RetryAfter: 1}, nil)
	people := map[string][]string{owners: {"owner@tre.example"}, managers: wanted}
	for range 2 {
		play(t, c, "genomics", func(p *Play) {
			p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
			p.Eventually(InReview)
			p.As(Manager).Rejects("no")
			p.Eventually(Rejected)
			arrived(p, due(people, Researcher, Draft, Submitted, InReview, RejectionInProgress, Rejected))
		})
	}
	log, err := os.ReadFile(c.LogFile)
	require.NoError(t, err)
	for _, id := range []string{mute, guest} {
		assert.Equal(t, 1, strings.Count(string(log), fmt.Sprintf(`\"person\":\"%s\"`, id)), "%s has no address, which is said once", id)
	}
	control(t, c, http.MethodPut, "/graph/directory", graph.Local(), nil)
}

const (
	mute  = "e0000000-0000-4000-8000-000000000001" // has no address at all
	guest = "e0000000-0000-4000-8000-000000000002" // has only a sign-in name that looks like one
)

// institution is the local directory with a crowd of airlock managers in genomics, and their addresses.
func institution(t *testing.T) (d graph.Directory, addresses []string) {
	t.Helper()
	d = graph.Local()
	w, err := identity.FindWorkspace("genomics")
	require.NoError(t, err)
	i := 0
	for d.ServicePrincipals[i].ID != w.ServicePrincipalID {
		i++
	}
	sp := &d.ServicePrincipals[i]
	role := map[string]string{}
	for _, r := range sp.AppRoles {
		role[r.Value] = r.ID
	}
	assign := func(kind, id, value string) {
		sp.Assignments = append(sp.Assignments, graph.Assignment{PrincipalID: id, PrincipalType: kind, AppRoleID: role[value]})
	}
	const outer, inner = "d0000000-0000-4000-8000-0000000000f1", "d0000000-0000-4000-8000-0000000000f2"
	var members []string
	for n := range 230 { // three pages of a group's members
		id := fmt.Sprintf("f0000000-0000-4000-8000-%012d", n)
		u := graph.User{ID: id, DisplayName: fmt.Sprintf("Manager %d", n), Mail: fmt.Sprintf("manager-%d@tre.example", n), UserPrincipalName: id + "@tenant.example"}
		if n%10 == 0 { // some have only a sign-in name that can be written to
			u.Mail, u.UserPrincipalName = "", u.Mail
		}
		d.Users, members = append(d.Users, u), append(members, id)
		addresses = append(addresses, fmt.Sprintf("manager-%d@tre.example", n))
		if n < 120 { // two pages of assignments, most of them to another role
			assign("User", id, "WorkspaceResearcher")
		}
	}
	d.Users = append(d.Users, graph.User{ID: mute, DisplayName: "Mute"},
		graph.User{ID: guest, DisplayName: "Guest", UserPrincipalName: "guest_example.org#EXT#@tenant.example"})
	d.Groups = append(d.Groups, graph.Group{ID: inner, DisplayName: "inner", Members: slices.Concat(members[100:], []string{mute, outer})},
		graph.Group{ID: outer, DisplayName: "outer", Members: slices.Concat(members[:150], []string{inner, guest})})
	assign("Group", outer, "AirlockManager")
	assign("Group", inner, "AirlockManager") // a second way to the same people
	assign("User", members[7], "AirlockManager")
	assign("User", "e0000000-0000-4000-8000-00000000dead", "AirlockManager")
	assign("ServicePrincipal", "e0000000-0000-4000-8000-0000000000a9", "AirlockManager")
	return d, append(addresses, genomics[managers]...)
}

// Graph hangs, then refuses: requests go on at their pace, because nothing of them depends on it. Mails for which
// Graph must be asked wait, through crashes too, and come when it is back, once to everybody.
func graphDown(t *testing.T, c *Cloud) {
	var lives []*Play
	for name, trouble := range map[string]graph.Faults{"it hangs": {HangMilliseconds: 60_000}, "it refuses": {Fail: -1}} {
		t.Run(name, func(t *testing.T) {
			control(t, c, http.MethodPut, "/graph/faults", trouble, nil)
			play(t, c, "genomics", func(p *Play) {
				lives = append(lives, p)
				forget(p)
				whileDown(p)
			})
		})
	}
	t.Run("it is back", func(t *testing.T) {
		control(t, c, http.MethodPut, "/graph/faults", graph.Faults{}, nil)
		play(t, c, "genomics", func(p *Play) {
			forget(p)
			// An event is published again when nobody answered that it arrived.
			must(p, c.Break(p.Context(), url.Values{"op": {"Publish"}, "match": {"notification"}, "do": {"lose"}, "n": {"1"}}))
			for _, waits := range lives {
				p.ID = waits.ID
				p.Until(func() string {
					reconcile(p)
					if n := len(waiting(p)); n > 0 {
						return fmt.Sprintf("%d mails wait", n)
					}
					return ""
				})
				arrived(p, due(genomics, Researcher, whole...))
			}
			must(p, c.Replay(p.Context(), "")) // every event once more
			for _, waits := range lives {
				p.ID = waits.ID
				arrived(p, due(genomics, Researcher, whole...))
			}
			rules, err := c.Rules(p.Context())
			p.Holds(err == nil && len(rules) == 0, "no answer got lost: %v %v", rules, err)
		})
	})
}

// forget kills the handler, and with it all that it knows of Graph and its trouble.
func forget(p *Play) {
	must(p, p.Cloud.Kill(p.Context()))
	p.Until(func() string {
		if p.As(Admin).WithTokenOf("").Ask(http.MethodGet, "/health", nil, nil).Status/100 == 5 {
			return "the handler is not up again"
		}
		return ""
	})
}

// whole is the life of a request that was approved and revoked.
var whole = []string{Draft, Submitted, InReview, ApprovalInProgress, Approved, Revoked}

// whileDown takes a request through its whole life. With no reconciler to help, every step must come by its own event.
func whileDown(p *Play) {
	p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
	p.Eventually(InReview)
	p.As(Manager).Approves("fine")
	p.Eventually(Approved)
	p.As(Manager).Revokes("a mistake")
	p.Eventually(Revoked)
	// The requestor is known from the token; the others are not known now.
	p.Until(func() string {
		reconcile(p)
		if n := len(waiting(p)); n != 2 {
			return fmt.Sprintf("%d mails wait, not those on in_review and revoked", n)
		}
		return ""
	})
	same(p, mailed(p), due(nil, Researcher, Draft, Submitted, ApprovalInProgress, Approved))
	p.Tell("check", "two mails wait for Graph, all others came")
}

// reconcile has the reconciler run once. It says no word of what it could not do.
func reconcile(p *Play) {
	p.As(Admin).WithTokenOf("").Ask(http.MethodPost, "/operations/reconcile", nil, nil)
}
