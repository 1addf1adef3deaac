package main

import (
	"fmt"
	"slices"
	"strconv"
)

// reviewRule is how a review ends, as far as the trail says more than that every
// reviewer has to approve. Required is 0 where the deciding record alone says how many.
type reviewRule struct {
	required    int
	independent bool
	differ      string // how decisions that differ end it
}

// setRule takes the rule of the review that begins.
func (p *replay) setRule(rec record) error {
	n, err := strconv.Atoi(rec.Detail["approvals"])
	if err != nil || n < 1 || rec.Actor.Kind != "system" {
		return fmt.Errorf("it does not say how many approvals are needed")
	}
	differ, independent := rec.Detail["independent"]
	p.rule = reviewRule{required: n, independent: independent, differ: differ}
	return nil
}

// decided returns the decision in a reviewer's record. The record that ends a review is
// called by how the review ends, which may be otherwise.
func (rec record) decided() string {
	if said := rec.Detail["decision"]; said != "" {
		return said
	}
	return map[string]string{"approve": "approved", "reject": "rejected", "request_changes": "changes_requested"}[rec.Action]
}

// decide takes a decision of a person, who has no part in the request, about the bytes
// that passed the gates.
func (p *replay) decide(rec record) error {
	switch {
	case rec.Actor.Kind != "person" && rec.Detail["application"] != byPolicy:
		return fmt.Errorf("the %s %s reviewed, which only people do", rec.Actor.Kind, rec.Actor.Name)
	case slices.Contains(p.makers, rec.Actor.ID) && rec.Detail["ownRequest"] != byPolicy:
		return fmt.Errorf("%s reviewed their own request", rec.Actor.Name)
	case p.passed == nil || bytesOf(rec) == "" || bytesOf(rec) != bytesOf(*p.passed):
		return fmt.Errorf("%s reviewed other bytes than passed the gates", rec.Actor.Name)
	}
	if rec.decided() == "approved" {
		if err := p.sawFindings(rec); err != nil {
			return err
		}
	}
	p.opinions = append(slices.DeleteFunc(p.opinions, func(old record) bool { return old.Actor.ID == rec.Actor.ID }), rec)
	p.reviews = append(p.reviews, rec)
	return nil
}

// approvals are the last decisions that approve.
func (p *replay) approvals() []record {
	return slices.DeleteFunc(slices.Clone(p.opinions), func(o record) bool { return o.decided() != "approved" })
}

// approve holds the record that approves the request against the decisions before it.
func (p *replay) approve(rec record) error {
	given := 0
	if n, err := fmt.Sscanf(rec.Detail["approvals"], "%d of %d", &given, &p.required); n != 2 || err != nil || p.required < 1 {
		return fmt.Errorf("it does not say how many approvals were needed")
	}
	yes, all := len(p.approvals()), len(p.opinions)
	majority := p.rule.independent && p.rule.differ == "third_reviewer" && all > p.rule.required
	switch {
	case p.required < p.rule.required:
		return fmt.Errorf("the review asked for %d approvals, and it says %d", p.rule.required, p.required)
	case majority && (all < p.required || 2*yes <= all):
		return fmt.Errorf("%d of %d reviewers approved, which is no majority", yes, all)
	case majority:
	case yes < all:
		return fmt.Errorf("%d of %d reviewers approved, and the others did not", yes, all)
	case yes < p.required:
		return fmt.Errorf("%d of %d approvals since the files passed the gates", yes, p.required)
	}
	return nil
}

// withheld lists the files that an approval does not release, and supporting those that
// were submitted to help the reviewers only.
func (p *replay) withheld() (names []string) {
	for _, o := range p.approvals() {
		for _, f := range o.FileDecisions {
			if f.Decision == "withhold" && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func supporting(submitted record) (names []string) {
	for _, f := range submitted.Files {
		if f.Supporting {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}
