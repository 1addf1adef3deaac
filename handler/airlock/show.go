package airlock

import "slices"

// Seen is a request as somebody may see it, with the state of its review.
type Seen struct {
	Request
	// Decided counts all reviewers who decided in this turn, for every viewer.
	Decided int
	// Required is how many have to approve.
	Required int
	// Given counts the approvals that may be seen.
	Given int
	// Blind is true while decisions are hidden from all but their authors.
	Blind bool
	// Disagree is true when independent decisions differ and the review goes on.
	Disagree bool
}

// Show returns a request as p may see it: names of exports, decisions of independent
// reviewers, and who reviewed, are not for everybody.
func Show(p Principal, r Request, policy Policy) Seen {
	t := r.TallyUnder(policy)
	seen := Seen{Request: r.Clone(), Decided: t.Decided, Required: t.Required, Blind: r.Blind(policy), Disagree: t.Disagree && r.Status == InReview}
	if seen.Blind {
		seen.Reviews = slices.DeleteFunc(seen.Reviews, func(v Review) bool { return v.Reviewer.ID != p.ID })
	}
	for _, o := range seen.opinions(policy.Review.Applications) {
		if o.Decision == DecisionApproved {
			seen.Given++
		}
	}
	if !NamesShown(p, r, policy) {
		seen.Request = seen.WithoutNames()
	}
	if r.Rule.Anonymous && !ReviewersShown(p, r) {
		seen.Request = seen.WithoutReviewers(p.ID)
	}
	return seen
}

// Blind reports whether decisions are hidden from all but their authors: in review, and
// after a failure there, from which a retry leads back.
func (r Request) Blind(policy Policy) bool {
	reviewed := r.Status == InReview || r.Status == Failed && r.Failure != nil && r.Failure.In == InReview
	return reviewed && r.Rule.Independent && r.TallyUnder(policy).Blind
}

// ReviewersShown reports whether p may see who reviewed a request whose reviewers are
// anonymous.
func ReviewersShown(p Principal, r Request) bool {
	if r.MadeBy(p.ID) {
		return false
	}
	return slices.ContainsFunc(ActorsOf(p, r.CreatedBy.ID), func(a Actor) bool { return a == Owner || a == AirlockManager || a == TREAdmin })
}

// someReviewer stands for a reviewer who is not shown.
var someReviewer = Principal{Name: "a reviewer"}

// WithoutReviewers returns a copy that does not say who reviewed, but for one person.
func (r Request) WithoutReviewers(but UserID) Request {
	c := r.Clone()
	reviewed := func(p Principal) bool {
		return p.ID != but && !r.MadeBy(p.ID) && (p.Has(RoleManager) || slices.ContainsFunc(r.Reviews, func(v Review) bool { return v.Reviewer.ID == p.ID }))
	}
	for i := range c.Reviews {
		if reviewed(c.Reviews[i].Reviewer) {
			c.Reviews[i].Reviewer = someReviewer
		}
	}
	for i := range c.History {
		if reviewed(c.History[i].By) {
			c.History[i].By = someReviewer
		}
	}
	if c.Claim != nil && reviewed(c.Claim.By) {
		c.Claim = &Claim{By: someReviewer, Since: c.Claim.Since, Until: c.Claim.Until}
	}
	if reviewed(c.UpdatedBy) {
		c.UpdatedBy = someReviewer
	}
	return c
}
