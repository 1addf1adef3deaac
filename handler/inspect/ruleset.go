package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Effective is a rule as it is in force.
type Effective struct {
	ID        string `json:"id"`
	Action    Action `json:"action"`
	Threshold int    `json:"threshold,omitempty"`
}

// RuleSet holds the rules in force for one direction: the catalogue's defaults, under
// a preset, under the policy's own settings.
type RuleSet struct {
	rules []Effective // by id
	types []string    // that files may have, empty for any
}

// NewRuleSet puts a rule set together. export picks the direction's defaults;
// preset "" is none. It returns an error that names an unknown preset, rule or
// value.
func NewRuleSet(export bool, preset string, own map[string]Setting) (RuleSet, error) {
	set := RuleSet{}
	for _, r := range catalogue() {
		e := Effective{ID: r.ID, Action: r.Import, Threshold: r.Threshold}
		if export {
			e.Action = r.Export
		}
		set.rules = append(set.rules, e)
	}
	if preset != "" {
		named := presets()
		i := slices.IndexFunc(named, func(p Preset) bool { return p.Name == preset })
		if i < 0 {
			return RuleSet{}, fmt.Errorf("there is no preset %q", preset)
		}
		if err := set.apply(named[i].Rules); err != nil {
			return RuleSet{}, fmt.Errorf("preset %s: %w", preset, err)
		}
		set.types = named[i].Types
	}
	return set, set.apply(own)
}

func (s RuleSet) apply(settings map[string]Setting) error {
	for _, id := range slices.Sorted(maps.Keys(settings)) {
		setting := settings[id]
		i := slices.IndexFunc(s.rules, func(e Effective) bool { return e.ID == id })
		switch {
		case i < 0:
			return fmt.Errorf("there is no rule %q", id)
		case setting.Action != "" && !slices.Contains(Actions(), setting.Action):
			return fmt.Errorf("rule %s: %q is no action", id, setting.Action)
		case setting.Threshold != 0 && s.rules[i].Threshold == 0:
			return fmt.Errorf("rule %s compares with no threshold", id)
		case setting.Threshold < 0 || setting.Threshold > 1000:
			return fmt.Errorf("rule %s: a threshold is from 1 to 1,000", id)
		}
		if setting.Action != "" {
			s.rules[i].Action = setting.Action
		}
		if setting.Threshold != 0 {
			s.rules[i].Threshold = setting.Threshold
		}
	}
	return nil
}

// Rules returns the rules in force, by id.
func (s RuleSet) Rules() []Effective { return slices.Clone(s.rules) }

// Hash is the lower-case hex SHA-256 of the rules and types in force as JSON.
// Reports made under equal hashes were judged alike.
func (s RuleSet) Hash() string {
	b, err := json.Marshal([]any{s.rules, s.types})
	if err != nil { // plain values
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Judge returns what to do about a finding. A number that its bucket shows to be
// at or above the rule's threshold is no finding under this rule set: "". A doubtful
// finding is shown and asks nothing of anybody.
func (s RuleSet) Judge(f Finding) Action {
	i, ok := slices.BinarySearchFunc(s.rules, f.Rule, func(e Effective, id string) int { return strings.Compare(e.ID, id) })
	if !ok {
		return ActReview // of another version of the catalogue: a person looks
	}
	rule := s.rules[i]
	with := rule // whose threshold it is
	if j := slices.IndexFunc(s.rules, func(e Effective) bool { return e.ID == f.Against }); j >= 0 {
		if with = s.rules[j]; with.Threshold == 0 && with.Action == ActNote { // nobody asks for it here
			return ""
		}
	}
	if with.Threshold > 0 && f.Bucket != "" {
		if low, ok := lowEnd(f.Bucket); ok && low >= with.Threshold {
			return ""
		}
	}
	if f.Confidence == Doubtful {
		return ActNote
	}
	return rule.Action
}

// Judged is a finding with what a rule set does about it.
type Judged struct {
	Finding
	Action Action `json:"action"`
}

// TypeNotAllowed is the rule about files of a type that a preset does not list. It is of
// rule sets and not of files.
const TypeNotAllowed = "type.not_allowed"

// Apply judges all findings of a report, in their order. Those that are none
// under this rule set are left out. A type that is not allowed comes first.
func (s RuleSet) Apply(r Report) []Judged {
	out := []Judged{}
	if len(s.types) > 0 && !slices.Contains(s.types, r.Type) && r.Type != "empty" {
		f := Finding{Rule: TypeNotAllowed, Severity: severityOf(TypeNotAllowed), Confidence: Sure, Count: 1, Places: []Place{{}}}
		out = append(out, Judged{f, s.Judge(f)})
	}
	for _, f := range r.Findings {
		if action := s.Judge(f); action != "" {
			out = append(out, Judged{f, action})
		}
	}
	return out
}

// Below returns the findings of a report that Apply leaves out, without their places:
// another rule set may think otherwise of them.
func (s RuleSet) Below(r Report) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if s.Judge(f) == "" {
			f.Places = []Place{}
			out = append(out, f)
		}
	}
	return out
}

// countBuckets are the classes of small numbers. Their lower ends are one above
// the thresholds that published rules use.
var countBuckets = []struct {
	upTo int64
	name string
}{{0, "0"}, {2, "1-2"}, {4, "3-4"}, {7, "5-7"}, {9, "8-9"}, {14, "10-14"}, {19, "15-19"}}

// bucketOf is the class of a count, "" above the largest.
func bucketOf(n int64) string {
	for _, b := range countBuckets {
		if n <= b.upTo {
			return b.name
		}
	}
	return ""
}

// lowEnd is the smallest number of a bucket, and false for a bucket that is no
// class of numbers.
func lowEnd(bucket string) (int, bool) {
	first, _, _ := strings.Cut(bucket, "-")
	n, err := strconv.Atoi(first)
	return n, err == nil
}
