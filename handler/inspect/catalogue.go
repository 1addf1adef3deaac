package inspect

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Action is a policy's reaction to a finding.
type Action string

// The actions, from the mildest on.
const (
	ActNote   Action = "note"   // shown
	ActReview Action = "review" // a reviewer acknowledges it with a reason
	ActReturn Action = "return" // the request goes back to its requestor, to be mended
	ActBlock  Action = "block"  // the files are quarantined
)

// Actions lists all, from the mildest on.
func Actions() []Action { return []Action{ActNote, ActReview, ActReturn, ActBlock} }

// Rule is one entry of the catalogue.
type Rule struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`  // a noun phrase for people
	Advice   string   `json:"advice"` // what the requestor can do
	Severity Severity `json:"severity"`
	// Import and Export are the actions where no preset and no policy says more.
	Import Action `json:"import"`
	Export Action `json:"export"`
	// Threshold is the default where the rule compares with one, else 0.
	Threshold int    `json:"threshold,omitempty"`
	Basis     string `json:"basis,omitempty"` // the published source, with the date read
}

// Setting is the entry of a preset or a policy for one rule.
type Setting struct {
	Action    Action `json:"action,omitempty" enum:"note,review,return,block"`
	Threshold int    `json:"threshold,omitempty" minimum:"1" maximum:"1000"`
}

// Preset is a named choice of settings, with its source.
type Preset struct {
	Name  string             `json:"name"`
	Title string             `json:"title"`
	Basis string             `json:"basis"`
	Read  string             `json:"read"` // the day the source was read
	Rules map[string]Setting `json:"rules"`
	// Types are those that files may have, empty for any.
	Types []string `json:"types,omitempty"`
}

//go:embed rules/*.json
var ruleFiles embed.FS

// catalogue and presets wait until a rule is asked for: most instances inspect no file.
var catalogue, presets = sync.OnceValue(loadRules), sync.OnceValue(loadPresets)

func loadRules() []Rule {
	rules := load[Rule]("catalogue.json")
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

func loadPresets() []Preset {
	named := load[Preset]("presets.json")
	slices.SortFunc(named, func(a, b Preset) int { return strings.Compare(a.Name, b.Name) })
	return named
}

// load panics on a file that is not as it should be: it is part of the program.
func load[T any](name string) []T {
	var all []T
	b, err := ruleFiles.ReadFile("rules/" + name)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		err = d.Decode(&all)
	}
	if err != nil {
		panic(fmt.Sprintf("inspect: rules/%s: %v", name, err))
	}
	return all
}

// Rules returns the catalogue, by id.
func Rules() []Rule { return slices.Clone(catalogue()) }

// Presets returns the presets, by name.
func Presets() []Preset { return slices.Clone(presets()) }

// RuleOf returns a rule, and false when the catalogue has none with that id.
func RuleOf(id string) (Rule, bool) {
	rules := catalogue()
	i, ok := slices.BinarySearchFunc(rules, id, func(r Rule, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return Rule{}, false
	}
	return rules[i], true
}

// severityOf panics on a rule that is not in the catalogue: a scanner has a typo.
func severityOf(id string) Severity {
	rule, ok := RuleOf(id)
	if !ok {
		panic("inspect: no rule " + id)
	}
	return rule.Severity
}
