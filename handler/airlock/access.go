package airlock

import "slices"

// Action is something a caller asks for.
type Action string

// The actions on requests.
const (
	ActionCreate Action = "create"
	ActionRead   Action = "read" // get, list, history, receipt
	ActionLink   Action = "link"
	ActionSubmit Action = "submit"
	ActionReview Action = "review"
	ActionClaim  Action = "claim" // and to let go of it
	ActionEdit   Action = "edit"
	// ActionComment is for everybody who has a part in the request to read,
	// ActionCommentReviewers for reviewers only.
	ActionComment          Action = "comment"
	ActionCommentReviewers Action = "comment for reviewers"
	ActionCancel           Action = "cancel"
	ActionRevoke           Action = "revoke"
	ActionGiveUp           Action = "give-up"
	ActionRetry            Action = "retry"
	ActionFindings         Action = "findings" // of the gates, without their places in the bytes
	ActionGate             Action = "gate"     // to speak for an external gate
	// ActionEvidence exports the documents with which an outsider checks a release.
	ActionEvidence Action = "evidence"
	ActionOperate  Action = "operate" // registry, parked events, reconcile: no request is concerned
)

// Actions lists every action.
func Actions() []Action {
	return []Action{ActionCreate, ActionRead, ActionLink, ActionSubmit, ActionReview, ActionClaim, ActionEdit, ActionComment, ActionCommentReviewers, ActionCancel, ActionRevoke, ActionRetry, ActionGiveUp, ActionFindings, ActionGate, ActionEvidence, ActionOperate}
}

// OfferedActions lists the actions that clients show a button for, in the order
// existing clients expect, with the additions at the end. The others are not
// about one request, or need no button.
func OfferedActions() []Action {
	return []Action{ActionReview, ActionCancel, ActionSubmit, ActionRevoke, ActionRetry, ActionGiveUp}
}

// Grant is one row of the table of who may do what (printed into docs/access.md).
type Grant struct {
	Do Action
	In []Status // nil: any status
	By []Actor
	// Write is set for a link that may change the container's content.
	Write bool
	// Person is set for an action that takes a person's judgement: an application may do it
	// only where the policy's review.applications is true.
	Person bool
}

// everybody who has any part in a workspace.
var everybody = []Actor{Requestor, Researcher, Owner, AirlockManager, TREAdmin}

// grants is the whole table. Everything that it does not list is refused.
var grants = []Grant{
	{Do: ActionCreate, By: []Actor{Requestor}},
	{Do: ActionRead, By: everybody},
	{Do: ActionLink, In: []Status{Draft, Returned}, By: []Actor{Requestor, FullColleague}, Write: true},
	{Do: ActionLink, In: []Status{InReview}, By: []Actor{Owner, AirlockManager}},
	{Do: ActionLink, In: []Status{Approved}, By: []Actor{Requestor, Owner, Colleague}},
	{Do: ActionSubmit, In: []Status{Draft, Returned}, By: []Actor{Requestor, FullColleague}},
	{Do: ActionReview, In: []Status{InReview}, By: []Actor{AirlockManager}, Person: true},
	{Do: ActionClaim, In: []Status{InReview}, By: []Actor{AirlockManager}, Person: true},
	{Do: ActionEdit, In: []Status{Draft, Returned}, By: []Actor{Requestor, FullColleague}},
	{Do: ActionComment, In: openStatuses(), By: []Actor{Requestor, FullColleague}, Person: true},
	{Do: ActionComment, By: []Actor{Owner, AirlockManager}, Person: true},
	{Do: ActionCommentReviewers, By: []Actor{AirlockManager}, Person: true},
	{Do: ActionCancel, In: []Status{Draft, Returned, InReview}, By: []Actor{Requestor, Owner, TREAdmin, FullColleague}},
	{Do: ActionCancel, In: []Status{Failed}, By: []Actor{Requestor, Owner, TREAdmin}},
	{Do: ActionRevoke, In: []Status{Approved}, By: []Actor{AirlockManager}, Person: true},
	{Do: ActionGiveUp, In: movingStatuses(), By: []Actor{Owner, TREAdmin}, Person: true},
	{Do: ActionRetry, In: []Status{Failed, BlockedByScan}, By: []Actor{Owner, AirlockManager, TREAdmin}},
	{Do: ActionFindings, By: []Actor{Requestor, FullColleague, Owner, AirlockManager}},
	{Do: ActionGate, In: []Status{Submitted, InReview, ApprovalInProgress}, By: []Actor{ExternalEngine}},
	{Do: ActionEvidence, By: []Actor{Requestor, Owner, AirlockManager, TREAdmin}},
	{Do: ActionOperate, By: []Actor{TREAdmin}},
}

// openStatuses are those of requests that have not ended.
func openStatuses() []Status {
	return slices.DeleteFunc(Statuses(), func(s Status) bool { return s.Final() })
}

func movingStatuses() []Status {
	return slices.DeleteFunc(Statuses(), func(s Status) bool { return !s.Moving() })
}

// Grants returns a copy of the table, for documents and tests.
func Grants() []Grant { return append([]Grant(nil), grants...) }

// Access is the answer to "may p do this to that request now".
type Access struct {
	Allowed bool
	Write   bool // for links
	// ByRole is true when p may do this in some status, so that a refusal is
	// about the status and not about the person.
	ByRole bool
	// Own is true when the refusal is that p would review their own request.
	Own bool
	// SelfReview is true when p reviews their own request because the policy
	// allows it; it is shown wherever it has an effect.
	SelfReview bool
	// Roles is true when the refusal is that p holds another role in the workspace, and
	// the policy separates roles.
	Roles bool
	// Machine is true when the refusal is that p is an application and it takes a
	// person.
	Machine bool
	// Malware is true when the refusal is that malware was found in the request, or that a
	// gate blocked it.
	Malware bool
	// Archived is true when the refusal is that the request ended in another airlock.
	Archived bool
	// ByApplication is true when an application takes a person's action because
	// the policy allows it; it is shown wherever it has an effect.
	ByApplication bool
}

// Decide answers whether p may do action on r. For ActionCreate and
// ActionOperate r is the zero Request. It is the only place that knows.
//
// The requestor never reviews, with any other roles, unless the workspace's policy
// allows self-review. A colleague who had a write link or submitted counts as the
// requestor there. An application never takes a person's action, unless the policy
// allows that. A request blocked because of malware, or of a gate's findings, is not
// tried again. A request that ended in another airlock can be read, and nothing else.
func Decide(p Principal, action Action, r Request, policy Policy) Access {
	return decide(p, partsOf(p, r, policy), action, r, policy)
}

// partsOf are all parts that p plays towards a request.
func partsOf(p Principal, r Request, policy Policy) []Actor {
	return append(append(ActorsOf(p, r.CreatedBy.ID), colleague(p, r, policy)...), engine(p, r)...)
}

func decide(p Principal, actors []Actor, action Action, r Request, policy Policy) Access {
	var a Access
	for _, g := range grants {
		if g.Do != action || !slices.ContainsFunc(g.By, func(x Actor) bool { return slices.Contains(actors, x) }) {
			continue
		}
		if g.Person && p.Application && !policy.Review.Applications {
			a.Machine = true
			continue
		}
		a.ByRole = true
		if g.In == nil || slices.Contains(g.In, r.Status) {
			a.Allowed, a.Write, a.ByApplication = true, g.Write, g.Person && p.Application
		}
	}
	judges := action == ActionReview || action == ActionClaim || action == ActionCommentReviewers
	if judges && a.ByRole && policy.Review.SeparateRoles && p.Has(RoleResearcher, RoleOwner) {
		a.Allowed, a.ByRole, a.Roles, a.ByApplication = false, false, true, false
	}
	if action == ActionEvidence && r.Rule.Anonymous && !ReviewersShown(p, r) {
		a.Allowed, a.ByRole = false, false // the trail names them
	}
	if judges && a.ByRole && r.MadeBy(p.ID) {
		if policy.Review.AllowSelfReview {
			a.SelfReview = a.Allowed
		} else {
			a.Allowed, a.ByRole, a.Own, a.ByApplication = false, false, true, false
		}
	}
	if action == ActionRetry && r.Status == BlockedByScan && (r.MalwareFound() || r.GateBlocked()) {
		a.Allowed, a.Malware = false, a.Allowed
	}
	if r.Archived() && action != ActionRead {
		a.Allowed, a.Write, a.SelfReview, a.Archived = false, false, false, true
	}
	return a
}

// engine returns the part of an application that may speak for one of the request's
// external gates. For which one, GateRun.SpokenFor says.
func engine(p Principal, r Request) []Actor {
	if slices.ContainsFunc(r.Gates, func(g GateRun) bool { return g.SpokenFor(p) }) {
		return []Actor{ExternalEngine}
	}
	return nil
}

// colleague returns the parts that the policy gives to researchers and owners
// beside the requestor.
func colleague(p Principal, r Request, policy Policy) []Actor {
	if r.CreatedBy.ID == "" || p.ID == r.CreatedBy.ID || !p.Has(RoleResearcher, RoleOwner) {
		return nil
	}
	switch policy.Access.Colleagues {
	case ColleaguesFull:
		return []Actor{Colleague, FullColleague}
	case ColleaguesRead:
		return []Actor{Colleague}
	}
	return nil
}

// AllowedActions lists those of OfferedActions that p may do to r now.
func AllowedActions(p Principal, r Request, policy Policy) []Action {
	allowed, parts := []Action{}, partsOf(p, r, policy)
	for _, action := range OfferedActions() {
		if decide(p, parts, action, r, policy).Allowed {
			allowed = append(allowed, action)
		}
	}
	return allowed
}

// NamesShown reports whether p may see the names and hashes of a request's files.
// Names of an export are data that has not been reviewed: until it is approved,
// those see them who may review it or look at its bytes now.
func NamesShown(p Principal, r Request, policy Policy) bool {
	if r.Type != Export || r.Status == Approved || r.Status == Revoked {
		return true
	}
	return Decide(p, ActionReview, r, policy).ByRole || Decide(p, ActionLink, r, policy).Allowed
}
