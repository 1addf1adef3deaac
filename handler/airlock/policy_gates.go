package airlock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"

	"example.org/airlock/handler/inspect"
)

// GatesPolicy lists the gates that requests of each direction have to pass beside the
// malware gate. None is the default.
type GatesPolicy struct {
	Import []GatePolicy `json:"import,omitempty" maxItems:"8" doc:"Gates of imports."`
	Export []GatePolicy `json:"export,omitempty" maxItems:"8" doc:"Gates of exports."`
}

// GateKind says who looks at the files.
type GateKind string

// The kinds.
const (
	ContentGate  GateKind = "content"  // the service's own inspection of what is inside
	ExternalGate GateKind = "external" // another engine, by the API for gates
)

// GateMode says whether a gate can hold a request up.
type GateMode string

// The modes.
const (
	GateRequired GateMode = "required" // it has to end before review
	GateAdvisory GateMode = "advisory" // its findings are shown when they are there
)

// InconclusiveReturn sends a request back that a gate could not judge. Beside it the
// choices of the malware gate hold for other gates too.
const InconclusiveReturn InconclusiveChoice = "return"

// GatePolicy is one gate as a workspace's policy wants it.
type GatePolicy struct {
	ID              string                     `json:"id" minLength:"2" maxLength:"31" pattern:"^[a-z][a-z0-9-]{1,30}$" doc:"Its name in the direction; malware is taken."`
	Kind            GateKind                   `json:"kind" enum:"content,external" doc:"content: the service looks inside the files. external: another engine does, by the API for gates."`
	Stage           int                        `json:"stage" required:"false" minimum:"0" maximum:"9" doc:"Gates of a stage run side by side, the next stage begins when those that are required have passed. The malware scan is in stage 0. Default 0 for exports, 1 for imports."`
	Mode            GateMode                   `json:"mode" required:"false" enum:"required,advisory" doc:"required: it has to end before review. advisory: it never blocks or returns, asks nobody for an acknowledgement, and nothing waits for it if it is external. Default required."`
	DeadlineMinutes int                        `json:"deadlineMinutes" required:"false" minimum:"1" maximum:"10080" doc:"How long it may take from the start of its stage. Default 240."`
	Retries         int                        `json:"retries" required:"false" minimum:"0" maximum:"5" doc:"How often an external gate that does not answer is asked again, evenly spread over the deadline. Default 2."`
	Inconclusive    InconclusiveChoice         `json:"inconclusive" required:"false" enum:"block,review,return,fail" doc:"What becomes of a request that a required gate could not judge in time. Default block for imports, review for exports, which a person sees anyway."`
	Preset          string                     `json:"preset,omitempty" maxLength:"40" doc:"Named settings of the content gate's rules; GET /gates/rules lists them."`
	Rules           map[string]inspect.Setting `json:"rules,omitempty" doc:"Own settings of the content gate's rules, over those of the preset."`
	InspectLimit    int64                      `json:"inspectLimitBytes,omitempty" minimum:"0" doc:"Bytes of one file that the content gate looks at; a larger file is a finding. Default 2 GiB."`
	Callers         []string                   `json:"callers,omitempty" maxItems:"10" doc:"Object ids of the service principals that may speak for an external gate."`
}

// UnmarshalJSON fills a gate's absent members with the defaults of its
// direction.
func (g *GatesPolicy) UnmarshalJSON(b []byte) error {
	var said struct{ Import, Export []json.RawMessage }
	if err := json.Unmarshal(b, &said); err != nil {
		return err
	}
	imports, err := gatesOf(said.Import, GatePolicy{Stage: 1, Inconclusive: InconclusiveBlock})
	if err != nil {
		return err
	}
	exports, err := gatesOf(said.Export, GatePolicy{Inconclusive: InconclusiveReview})
	*g = GatesPolicy{Import: imports, Export: exports}
	return err
}

func gatesOf(said []json.RawMessage, defaults GatePolicy) ([]GatePolicy, error) {
	defaults.Mode, defaults.DeadlineMinutes, defaults.Retries = GateRequired, 240, 2
	var out []GatePolicy
	for _, b := range said {
		one := defaults
		if err := json.Unmarshal(b, &one); err != nil {
			return nil, fmt.Errorf("a gate: %w", err)
		}
		out = append(out, one)
	}
	return out, nil
}

// For are the gates of a direction.
func (g GatesPolicy) For(t RequestType) []GatePolicy {
	if t == Export {
		return g.Export
	}
	return g.Import
}

// Deadline is how long the gate may take.
func (g GatePolicy) Deadline() time.Duration { return time.Duration(g.DeadlineMinutes) * time.Minute }

// RuleSet names the rules that the content gate judges by. Check has found out whether there is one.
func (g GatePolicy) RuleSet(t RequestType) (inspect.RuleSet, error) {
	return inspect.NewRuleSet(t == Export, g.Preset, g.Rules)
}

const maxGates = 8

var gateID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

// IsGateID reports whether s can be the id of a gate.
func IsGateID(s string) bool { return gateID.MatchString(s) }

// MalwareGate is the id of the malware gate, which has a policy of its own.
const MalwareGate = "malware"

func (g GatesPolicy) check() []Violation {
	var out []Violation
	for _, t := range []RequestType{Import, Export} {
		path, gates := "policy.gates."+string(t), g.For(t)
		if len(gates) > maxGates {
			out = append(out, Violation{Rule: "too_many_gates", Message: fmt.Sprintf("%s: at most %d gates.", path, maxGates)})
		}
		for i, one := range gates {
			out = append(out, checkTags(fmt.Sprintf("%s[%d]", path, i), reflect.ValueOf(one))...)
			for _, v := range one.check(t) {
				out = append(out, Violation{Rule: v.Rule, Message: fmt.Sprintf("%s[%d]%s", path, i, v.Message)})
			}
			if slices.ContainsFunc(gates[:i], func(o GatePolicy) bool { return o.ID == one.ID }) {
				out = append(out, Violation{Rule: "gate_twice", Message: fmt.Sprintf("%s[%d].id: there is another gate %q.", path, i, one.ID)})
			}
		}
	}
	return out
}

// check returns the faults of one gate; the messages begin with the member.
func (g GatePolicy) check(t RequestType) []Violation {
	var out []Violation
	complain := func(rule, format string, args ...any) {
		out = append(out, Violation{Rule: rule, Message: fmt.Sprintf(format, args...)})
	}
	if !gateID.MatchString(g.ID) || g.ID == MalwareGate {
		complain("bad_gate", ".id: 2 to 31 lower-case letters, digits and hyphens, the first one a letter; not %q.", MalwareGate)
	}
	content := g.Kind == ContentGate
	if _, err := g.RuleSet(t); err != nil {
		complain("bad_rules", ": %v.", err)
	}
	if !content && (g.Preset != "" || len(g.Rules) > 0 || g.InspectLimit != 0) {
		complain("bad_rules", ": preset, rules and inspectLimitBytes are of content gates.")
	}
	if content && len(g.Callers) > 0 {
		complain("bad_callers", ".callers: nobody speaks for a content gate.")
	}
	if g.Kind == ExternalGate && (len(g.Callers) == 0 || len(g.Callers) > 10) {
		complain("bad_callers", ".callers: an external gate needs the object ids of one to ten service principals.")
	}
	for _, id := range g.Callers {
		if parsed, err := parseUUID(id); err != nil || parsed != id {
			complain("bad_callers", ".callers: %q is not an object id in lower case.", shown(id))
		}
	}
	return out
}
