package airlock

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// person is one combination of roles in one kind of token, or an application with it.
type person struct {
	workspace   bool
	roles       []Role
	application bool
}

func everyPerson() []person {
	var out []person
	subsets := func(roles []Role, workspace bool) {
		for mask := range 1 << len(roles) {
			var has []Role
			for i, r := range roles {
				if mask>>i&1 == 1 {
					has = append(has, r)
				}
			}
			out = append(out, person{workspace, has, false}, person{workspace, has, true})
		}
	}
	// All five roles in either kind of token: a role of the other audience must
	// count for nothing.
	all := append(slices.Clone(WorkspaceRoles), CoreRoles...)
	subsets(all, true)
	subsets(all, false)
	return out
}

// expected is the access table, written a second time and in
// another way: as the sentences people would say.
func expected(p person, action Action, status Status, own, selfReview, machines bool, colleagues ColleagueAccess) bool {
	has := func(r Role) bool { return slices.Contains(p.roles, r) }
	researcher, owner, manager := p.workspace && has(RoleResearcher), p.workspace && has(RoleOwner), p.workspace && has(RoleManager)
	admin := !p.workspace && has(RoleTREAdmin)
	requestor := own && (researcher || owner)
	reads := !own && (researcher || owner) && colleagues != ColleaguesNone
	writes := !own && (researcher || owner) && colleagues == ColleaguesFull
	judges := !p.application || machines
	switch action {
	case ActionCreate:
		return researcher || owner
	case ActionRead:
		return researcher || owner || manager || admin
	case ActionLink:
		return (status == Draft || status == Returned) && (requestor || writes) || status == InReview && (owner || manager) || status == Approved && (requestor || owner || reads)
	case ActionSubmit:
		return (status == Draft || status == Returned) && (requestor || writes)
	case ActionReview:
		return status == InReview && manager && judges && (!own || selfReview)
	case ActionClaim:
		return status == InReview && manager && judges && (!own || selfReview)
	case ActionCommentReviewers:
		return manager && judges && (!own || selfReview)
	case ActionEdit:
		return (status == Draft || status == Returned) && (requestor || writes)
	case ActionComment:
		return judges && (!status.Final() && (requestor || writes) || owner || manager)
	case ActionCancel:
		return (status == Draft || status == Returned || status == InReview) && (requestor || owner || admin || writes) || status == Failed && (requestor || owner || admin)
	case ActionGiveUp:
		moving := status == Submitted || status == ReturnInProgress || status == ApprovalInProgress || status == RejectionInProgress || status == BlockingInProgress
		return moving && (owner || admin) && judges
	case ActionRevoke:
		return status == Approved && manager && judges
	case ActionRetry:
		return (status == Failed || status == BlockedByScan) && (owner || manager || admin)
	case ActionFindings:
		return requestor || owner || manager || writes
	case ActionGate: // for nobody without a gate that the policy lets them speak for
		return false
	case ActionEvidence:
		return requestor || owner || manager || admin
	case ActionOperate:
		return admin
	}
	return false
}

// TestAccessTable has a row for every role combination of people and applications,
// action, status, own or other's request and every setting of self-review,
// applications and colleagues. Tokens of another workspace never get here: the
// edge refuses them (httpapi).
func TestAccessTable(t *testing.T) {
	rows, denials := 0, 0
	yesNo := []bool{false, true}
	for _, who := range everyPerson() {
		for _, action := range Actions() {
			for _, status := range Statuses() {
				for n := range 8 {
					own, selfReview, machines := yesNo[n&1], yesNo[n>>1&1], yesNo[n>>2]
					for _, colleagues := range []ColleagueAccess{ColleaguesNone, ColleaguesRead, ColleaguesFull} {
						rows++
						want := expected(who, action, status, own, selfReview, machines, colleagues)
						if !want {
							denials++
						}
						if got := decideRow(who, action, status, own, selfReview, machines, colleagues).Allowed; got != want {
							t.Fatalf("%v %s in %s, own %t, self-review %t, applications %t, colleagues %s: %t", who, action, status, own, selfReview, machines, colleagues, got)
						}
					}
				}
			}
		}
	}
	t.Logf("access table: %d rows, %d of them denials", rows, denials)
}

func decideRow(who person, action Action, status Status, own, selfReview, machines bool, colleagues ColleagueAccess) Access {
	p := Principal{ID: "me", Roles: who.roles, WorkspaceToken: who.workspace, Application: who.application}
	r := Request{CreatedBy: Principal{ID: "somebody"}, Status: status}
	if own {
		r.CreatedBy.ID = "me"
	}
	if action == ActionCreate || action == ActionOperate {
		r = Request{}
	}
	var policy Policy
	policy.Review.AllowSelfReview, policy.Review.Applications, policy.Access.Colleagues = selfReview, machines, colleagues
	return Decide(p, action, r, policy)
}

// An application is refused every act that takes a person, with any status and any
// roles, as no act of an application; where the policy allows it, that shows.
func TestMachinesDoNotJudge(t *testing.T) {
	for _, who := range everyPerson() {
		for _, status := range Statuses() {
			for action, role := range map[Action]Role{ActionReview: RoleManager, ActionRevoke: RoleManager, ActionGiveUp: RoleOwner} {
				refused := decideRow(who, action, status, false, true, false, ColleaguesFull)
				assert.False(t, who.application && (refused.Allowed || refused.ByRole), "%v %s", who, action)
				may := who.workspace && slices.Contains(who.roles, role) || !who.workspace && action == ActionGiveUp && slices.Contains(who.roles, RoleTREAdmin)
				assert.Equal(t, who.application && may, refused.Machine, "%v %s", who, action)
				allowed := decideRow(who, action, status, false, false, true, ColleaguesNone)
				assert.Equal(t, who.application && allowed.Allowed, allowed.ByApplication, "%v %s", who, action)
				assert.False(t, allowed.Machine)
			}
		}
	}
}

// Files with malware stay in quarantine, for every caller.
func TestMalwareDoesNotComeBackFromQuarantine(t *testing.T) {
	owner := Principal{ID: "me", Roles: []Role{RoleOwner, RoleManager}, WorkspaceToken: true}
	files := []File{{Name: "a", InProgressETag: "1", FinalETag: "2"}, {Name: "b", InProgressETag: "3", FinalETag: "4"}}
	for _, etag := range []string{"1", "4"} {
		r := Request{Status: BlockedByScan, Files: append([]File{}, files...)}
		assert.Equal(t, []Action{ActionRetry}, AllowedActions(owner, r, Policy{}))
		_, noted := r.FileOf(Malicious, etag, nil).Note(said(Malicious, etag))
		require.True(t, noted)
		assert.Empty(t, AllowedActions(owner, r, Policy{}))
		assert.Equal(t, Access{ByRole: true, Malware: true}, Decide(owner, ActionRetry, r, Policy{}))
		r.Status, r.Failure = Failed, &Failure{In: BlockingInProgress}
		assert.True(t, Decide(owner, ActionRetry, r, Policy{}).Allowed, "on its way into quarantine it goes on")
	}
}

// The creator of a request cannot review it, with any set of roles.
func TestNobodyReviewsTheirOwnRequest(t *testing.T) {
	for _, who := range everyPerson() {
		access := decideRow(who, ActionReview, InReview, true, false, true, ColleaguesFull)
		assert.False(t, access.Allowed, "%v", who)
		allowed := decideRow(who, ActionReview, InReview, true, true, true, ColleaguesFull)
		assert.Equal(t, allowed.Allowed, allowed.SelfReview, "a self-review that is not shown: %v", who)
	}
}

func TestAllowedActionsFollowTheTable(t *testing.T) {
	for _, who := range everyPerson() {
		for _, status := range Statuses() {
			p := Principal{ID: "me", Roles: who.roles, WorkspaceToken: who.workspace, Application: who.application}
			got := AllowedActions(p, Request{CreatedBy: Principal{ID: "me"}, Status: status}, Policy{})
			for _, action := range OfferedActions() {
				assert.Equal(t, expected(who, action, status, true, false, false, ColleaguesNone), slices.Contains(got, action), "%v %s %s", who, action, status)
			}
		}
	}
	both := Principal{ID: "me", Roles: []Role{RoleOwner, RoleManager}, WorkspaceToken: true}
	assert.Equal(t, []Action{ActionReview, ActionCancel}, AllowedActions(both, Request{Status: InReview}, Policy{}), "the order clients expect")
	assert.Equal(t, []Action{ActionCancel, ActionSubmit}, AllowedActions(both, Request{Status: Draft, CreatedBy: both}, Policy{}), "the order clients expect")
}

// An action that is in neither list would be a route without a button.
func TestEveryActionIsOfferedOrKnownNotToBe(t *testing.T) {
	notOffered := []Action{ActionCreate, ActionRead, ActionLink, ActionClaim, ActionEdit, ActionComment, ActionCommentReviewers, ActionFindings, ActionGate, ActionEvidence, ActionOperate}
	assert.ElementsMatch(t, Actions(), append(notOffered, OfferedActions()...), "add a new action to OfferedActions, or to the list above")
}

// The table of transitions says who to people (docs/states.md), the table of
// grants decides: they must name the same.
func TestTransitionsAndGrantsNameTheSamePeople(t *testing.T) {
	actions := map[Trigger]Action{TriggerCreate: ActionCreate, TriggerSubmit: ActionSubmit, TriggerCancel: ActionCancel, TriggerApprove: ActionReview,
		TriggerReject: ActionReview, TriggerChanges: ActionReview, TriggerRevoke: ActionRevoke, TriggerRetry: ActionRetry, TriggerGiveUp: ActionGiveUp}
	for _, tr := range Transitions() {
		action, byPeople := actions[tr.On]
		if slices.Equal(tr.By, []Actor{System}) {
			assert.False(t, byPeople, "%s from %q is the system's and has an action of people", tr.On, tr.From)
			continue
		}
		if !assert.True(t, byPeople, "%s from %q is done by people: say above by which action", tr.On, tr.From) {
			continue
		}
		var may []Actor
		for _, g := range Grants() {
			if g.Do == action && (g.In == nil || slices.Contains(g.In, tr.From)) {
				may = append(may, g.By...)
			}
		}
		assert.ElementsMatch(t, may, tr.By, "%s from %q: transitions.go (below) and the grants of access.go (above) name other people", tr.On, tr.From)
	}
}

// A colleague who may have changed the draft counts as its requestor at review.
func TestAColleagueWhoTouchedADraftDoesNotReviewIt(t *testing.T) {
	r := Request{CreatedBy: Principal{ID: "ada"}, Status: InReview}
	r.Contribute("ada")
	assert.Empty(t, r.Contributors)
	r.Contribute("bob")
	r.Contribute("bob")
	assert.Equal(t, []UserID{"bob"}, r.Contributors)
	bob := Principal{ID: "bob", Roles: []Role{RoleResearcher, RoleManager}, WorkspaceToken: true}
	assert.True(t, Decide(bob, ActionReview, r, Policy{}).Own)
	assert.True(t, Decide(bob, ActionReview, r, Policy{Review: ReviewPolicy{AllowSelfReview: true}}).SelfReview)
	carol := bob
	carol.ID = "carol"
	assert.True(t, Decide(carol, ActionReview, r, Policy{}).Allowed)
}
