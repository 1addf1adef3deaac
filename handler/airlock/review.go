package airlock

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// FileChoice is a reviewer's word on one file.
type FileChoice string

// The choices.
const (
	ChoiceFine     FileChoice = "fine"
	ChoiceChange   FileChoice = "change"   // it has to change before it may leave
	ChoiceWithhold FileChoice = "withhold" // it does not leave, and the others may
)

// FileChoices lists them.
func FileChoices() []FileChoice { return []FileChoice{ChoiceFine, ChoiceChange, ChoiceWithhold} }

// FileDecision is a reviewer's decision on one file.
type FileDecision struct {
	File     int        `json:"file"` // its place in the manifest: names would make rows long
	Decision FileChoice `json:"decision,omitempty"`
	Comment  string     `json:"comment,omitempty"`
}

// NamedDecision is FileDecision as a reviewer says it.
type NamedDecision struct {
	Name     string
	Decision FileChoice
	Comment  string
}

// maxFileComments bounds the characters of all comments on files in one review.
const maxFileComments = 10_000

// FileDecisions turns a reviewer's choices into the stored decisions, in the order of
// the manifest, or says everything that is wrong with it.
func (r Request) FileDecisions(d Decision, explanation string, said []NamedDecision) ([]FileDecision, []Violation) {
	var (
		out      []FileDecision
		wrong    []Violation
		length   int
		withheld int
	)
	bad := func(rule, file, format string, args ...any) {
		wrong = append(wrong, Violation{Rule: rule, Member: "files", File: file, Message: fmt.Sprintf(format, args...)})
	}
	commented := strings.TrimSpace(explanation) != ""
	for _, n := range said {
		at := slices.IndexFunc(r.Files, func(f File) bool { return f.Name == n.Name })
		switch label := shown(n.Name); {
		case at < 0:
			bad("unknown_file", label, "The request has no file %q.", label)
			continue
		case slices.ContainsFunc(out, func(o FileDecision) bool { return o.File == at }):
			bad("file_twice", label, "%q is named twice.", label)
		case n.Decision == ChoiceChange && d == DecisionApproved:
			bad("contradiction", label, "An approval cannot ask for a change of %q: withhold it, or request changes.", label)
		case n.Decision == ChoiceWithhold && r.Files[at].Supporting:
			bad("supporting_file", label, "%q is a supporting file: it is not released anyway.", label)
		case n.Comment != "" && CheckText(n.Comment) != "":
			bad("bad_text", label, "The comment on %q %s.", label, CheckText(n.Comment))
		}
		length += utf8.RuneCountInString(n.Comment)
		commented = commented || n.Comment != ""
		if n.Decision == ChoiceWithhold {
			withheld++
		}
		out = append(out, FileDecision{File: at, Decision: n.Decision, Comment: n.Comment})
	}
	if length > maxFileComments {
		bad("too_long", "", "The comments on files have %d characters together, more than %d.", length, maxFileComments)
	}
	offered := 0
	for _, f := range r.Files {
		if !f.Supporting {
			offered++
		}
	}
	if d == DecisionApproved && offered > 0 && withheld >= offered {
		bad("nothing_left", "", "An approval that withholds every file releases nothing: use reject.")
	}
	if d == DecisionChanges && !commented {
		bad("comment_missing", "", "Say what must change: with the decision, or with a file.")
	}
	slices.SortFunc(out, func(a, b FileDecision) int { return a.File - b.File })
	return out, wrong
}

// Withholds lists the names of the files that a review does not release.
func (r Request) withholds(v Review) []string {
	var names []string
	for _, f := range v.Files {
		if f.Decision == ChoiceWithhold && f.File >= 0 && f.File < len(r.Files) {
			names = append(names, r.Files[f.File].Name)
		}
	}
	return names
}

// opinions are the last decisions of each reviewer in this turn: those of applications
// only where they count.
func (r Request) opinions(applications bool) []Opinion {
	var out []Opinion
	for _, v := range r.Reviews {
		if v.Decision == DecisionRevoked || v.Reviewer.Application && !applications {
			continue
		}
		out = slices.DeleteFunc(out, func(o Opinion) bool { return o.By == v.Reviewer.ID })
		out = append(out, Opinion{By: v.Reviewer.ID, Decision: v.Decision, Withheld: r.withholds(v)})
	}
	return out
}

// RuleUnder is the rule of the review with the number that the policy asks for now, if
// that is more than the rule itself does.
func (r Request) RuleUnder(p Policy) ReviewRule {
	rule := r.Rule
	rule.Required = max(rule.Required, p.Approvals(r.Type))
	return rule
}

// TallyUnder is the state of the review of this turn under a policy.
func (r Request) TallyUnder(p Policy) Tally {
	var names []string
	for _, f := range r.Files {
		if !f.Supporting {
			names = append(names, f.Name)
		}
	}
	return r.RuleUnder(p).Count(r.opinions(p.Review.Applications), names)
}

// Released reports whether a file of an approved request reaches its destination.
func (f File) Released() bool { return !f.Withheld && !f.Supporting }

// Leaving are the files that a decision moves on: of an approval those that are released,
// of any other all.
func (r Request) Leaving() []File {
	if r.Status != ApprovalInProgress && r.Status != Approved {
		return r.Files
	}
	return slices.DeleteFunc(slices.Clone(r.Files), func(f File) bool { return !f.Released() })
}
