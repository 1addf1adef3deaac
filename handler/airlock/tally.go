package airlock

import (
	"maps"
	"slices"
)

// OnDisagreement says how independent decisions that differ end the review.
type OnDisagreement string

// The ways.
const (
	// Strictest takes the strictest decision: reject, then request_changes, then approve.
	Strictest OnDisagreement = "strictest"
	// Discuss shows everybody everything. The review ends when all agree.
	Discuss OnDisagreement = "discuss"
	// ThirdReviewer asks one more reviewer. The majority decides; without a
	// majority changes are requested.
	ThirdReviewer OnDisagreement = "third_reviewer"
)

// ReviewRule is how the decisions of one turn end its review.
type ReviewRule struct {
	Required       int            `json:"required,omitempty"` // distinct people, 1 or more
	Independent    bool           `json:"independent,omitempty"`
	OnDisagreement OnDisagreement `json:"onDisagreement,omitempty"` // with Independent
	Anonymous      bool           `json:"anonymous,omitempty"`
	// Why says why more approvals are required than of other requests.
	Why []string `json:"why,omitempty"`
}

// Opinion is the decision of one person that counts: the latest of a turn.
type Opinion struct {
	By       UserID
	Decision Decision // approved, rejected or changes_requested
	Withheld []string // names of files that an approval does not release
}

// Tally is the state of a review.
type Tally struct {
	// End is how the review ends, "" while it goes on.
	End Decision
	// Withheld are the files that an approval does not release, by name.
	Withheld []string
	// Decided counts the people who decided, Required those who must.
	Decided, Required int
	// Blind is true while nobody but its author may see a decision.
	Blind bool
	// Disagree is true when independent decisions differ and the review goes on.
	Disagree bool
}

// strictness orders decisions; the strictest is last.
var strictness = []Decision{DecisionApproved, DecisionChanges, DecisionRejected}

// Count says how the opinions of one turn end its review. Each person has one
// opinion; files are the names in the manifest. The order of the opinions has no
// influence.
//
// Without Independent, a rejection or a request for changes ends the review, and
// Required approvals do. With it, the review goes on blindly until Required people
// have decided. Approvals that together release no file end it as a request for
// changes: no single reviewer decided that.
func (rule ReviewRule) Count(opinions []Opinion, files []string) Tally {
	t := Tally{Decided: len(opinions), Required: rule.Required, Blind: rule.Independent}
	if len(opinions) == 0 {
		return t
	}
	worst := strictest(opinions)
	switch {
	case rule.Independent && t.Decided < rule.Required:
		return t
	case !rule.Independent && worst == DecisionApproved && t.Decided < rule.Required:
		return t
	case !rule.Independent || unanimous(opinions) && (rule.OnDisagreement != ThirdReviewer || t.Decided == rule.Required):
		t.End = worst
	default:
		t = rule.disagreement(t, opinions)
	}
	t.Blind = rule.Independent && t.End == "" && rule.OnDisagreement != Discuss
	if t.End == DecisionApproved {
		t.Withheld = withheld(opinions)
		if !slices.ContainsFunc(files, func(name string) bool { return !slices.Contains(t.Withheld, name) }) {
			t.End = DecisionChanges
		}
	}
	return t
}

// disagreement settles independent decisions of enough people that differ.
func (rule ReviewRule) disagreement(t Tally, opinions []Opinion) Tally {
	switch rule.OnDisagreement {
	case Discuss:
		t.Disagree = true
	case ThirdReviewer:
		if t.Required++; t.Decided < t.Required {
			t.Disagree = true
			return t
		}
		t.End = majority(opinions)
	default:
		t.End = strictest(opinions)
	}
	return t
}

func strictest(opinions []Opinion) Decision {
	return slices.MaxFunc(opinions, func(a, b Opinion) int {
		return slices.Index(strictness, a.Decision) - slices.Index(strictness, b.Decision)
	}).Decision
}

func unanimous(opinions []Opinion) bool {
	return !slices.ContainsFunc(opinions, func(o Opinion) bool { return o.Decision != opinions[0].Decision })
}

// majority is the decision of more than half, else a request for changes.
func majority(opinions []Opinion) Decision {
	votes := map[Decision]int{}
	for _, o := range opinions {
		if votes[o.Decision]++; 2*votes[o.Decision] > len(opinions) {
			return o.Decision
		}
	}
	return DecisionChanges
}

// withheld is every file that some approval withholds: a file is released only
// if every counted approval includes it.
func withheld(opinions []Opinion) []string {
	names := map[string]bool{}
	for _, o := range opinions {
		if o.Decision != DecisionApproved {
			continue
		}
		for _, name := range o.Withheld {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
