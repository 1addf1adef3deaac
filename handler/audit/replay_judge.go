package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
)

// judge holds the request's row against where the records have led.
func (p *replay) judge() error {
	r := p.request
	leaving := r
	leaving.Files = r.Leaving()
	switch {
	case p.status != r.Status:
		return fmt.Errorf("the records lead to %q, and the request says it is %q", p.status, r.Status)
	case p.archived || r.Archived():
		return fmt.Errorf("the request ended in another airlock, and was not released here")
	case r.Status != airlock.ApprovalInProgress && r.Status != airlock.Approved:
		return fmt.Errorf("a request that is %q is not released", r.Status)
	case len(r.Files) == 0 || !sameBytes(p.manifest, evidenceOf(r, func(f airlock.File) (string, string) { return f.DraftETag, "" })):
		return fmt.Errorf("the request's files are not those that were submitted")
	case !sameBytes(p.passed, evidenceOf(r, func(f airlock.File) (string, string) { return f.InProgressETag, f.SHA256 })):
		return fmt.Errorf("the request's files are not those that passed the gates")
	case p.tally.End != airlock.DecisionApproved || r.ApprovalsRequired != p.tally.Required:
		return fmt.Errorf("%d people have approved, the records ask for %d and the request for %d", approvals(p.opinions), p.tally.Required, r.ApprovalsRequired)
	case !slices.Equal(supportingOf(p.manifest), supportingOf(evidenceOf(r, func(airlock.File) (string, string) { return "", "" }))):
		return fmt.Errorf("the request's supporting files are not those that were submitted as such")
	case !slices.Equal(withheldOf(r), p.tally.Withheld):
		return fmt.Errorf("the request's withheld files are not those that the reviews withhold")
	case r.Status == airlock.Approved && !sameBytes(p.released, evidenceOf(leaving, func(f airlock.File) (string, string) { return f.FinalETag, f.SHA256 })):
		return fmt.Errorf("the request's files are not those that were verified at the destination")
	}
	if err := p.judgeGates(); err != nil {
		return err
	}
	return p.judgeReviews()
}

// judgeGates holds the gates on the row against the records: they are those that the request
// was submitted to, every required one has said about these bytes what the row says, and who
// approved has acknowledged what they found.
func (p *replay) judgeGates() error {
	digest, asks := p.request.ContentDigest(), 0
	if p.plan != p.request.GatePlan() {
		return fmt.Errorf("the request's gates are not those that it was submitted to")
	}
	for _, g := range p.request.Gates {
		word := p.words[g.Policy.ID]
		said := airlock.GateStatus(word.Detail["outcome"])
		if word.Action == GateInconclusive {
			said = airlock.RunInconclusive
		}
		if g.Required() && (word.Detail["digest"] != digest || said != g.Status) {
			return fmt.Errorf("no record says that the gate %s said %q of the request's files", g.Policy.ID, g.Status)
		}
		asks += g.Review
	}
	for _, o := range p.opinions {
		if asks > 0 && o.Decision == airlock.DecisionApproved && p.acknowledged[o.By] != strconv.Itoa(asks) {
			return fmt.Errorf("%s approved and did not acknowledge the findings", o.By)
		}
	}
	return nil
}

// judgeReviews holds the reviews on the row against those on record, both ways.
func (p *replay) judgeReviews() error {
	for _, v := range p.request.Reviews {
		onRecord := slices.ContainsFunc(p.reviews, func(rec Record) bool {
			return rec.Actor.ID == v.Reviewer.ID && rec.At.Equal(v.When) && rec.Reason == v.Explanation && decisionOf(rec) == v.Decision
		})
		if !onRecord {
			return fmt.Errorf("no record says that %s reviewed", v.Reviewer.ID)
		}
	}
	for _, o := range p.opinions {
		if o.Decision == airlock.DecisionApproved && !slices.ContainsFunc(p.request.Reviews, func(v airlock.Review) bool {
			return v.Reviewer.ID == o.By && v.Decision == airlock.DecisionApproved
		}) {
			return fmt.Errorf("the request does not know the approval of %s", o.By)
		}
	}
	return nil
}

// decisionOf returns the decision in a review's record.
func decisionOf(rec Record) airlock.Decision {
	if said := rec.Detail["decision"]; said != "" {
		return airlock.Decision(said)
	}
	switch airlock.Trigger(rec.Action) {
	case airlock.TriggerApprove:
		return airlock.DecisionApproved
	case airlock.TriggerReject:
		return airlock.DecisionRejected
	case airlock.TriggerChanges:
		return airlock.DecisionChanges
	}
	return ""
}

// withheldOf lists the names of the files that the request's row withholds, sorted.
func withheldOf(r airlock.Request) []string {
	var names []string
	for _, f := range r.Files {
		if f.Withheld {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// evidenceOf lists a request's files with an ETag and a hash of each.
func evidenceOf(r airlock.Request, of func(airlock.File) (etag, sha256 string)) []FileEvidence {
	out := make([]FileEvidence, len(r.Files))
	for i, f := range r.Files {
		etag, sum := of(f)
		out[i] = FileEvidence{Name: f.Name, Size: f.Size, ETag: etag, SHA256: sum, Supporting: f.Supporting}
	}
	return out
}

// supportingOf lists the names of supporting files, sorted.
func supportingOf(files []FileEvidence) []string {
	var names []string
	for _, f := range files {
		if f.Supporting {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// sameBytes reports whether two lists name the same files with the same bytes. An
// empty list names none.
func sameBytes(a, b []FileEvidence) bool {
	order := func(files []FileEvidence) []FileEvidence {
		out := make([]FileEvidence, len(files))
		for i, f := range files {
			out[i] = FileEvidence{Name: f.Name, Size: f.Size, ETag: f.ETag, SHA256: f.SHA256}
		}
		slices.SortFunc(out, func(x, y FileEvidence) int { return strings.Compare(x.Name, y.Name) })
		return out
	}
	return len(a) > 0 && slices.Equal(order(a), order(b)) && !slices.ContainsFunc(a, func(f FileEvidence) bool { return f.ETag == "" })
}
