package infratest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Plan is the output of `terraform show -json` for a plan: the resources that
// would exist. Values Azure chooses are unknown in it.
type Plan struct {
	Resources []Resource
	Outputs   map[string]any // of the root module, known values only
	Order     *Order         // of the example's plan; nil in others
	Compact   bool           // some account serves several stages
}

// Resource is one planned resource.
type Resource struct {
	Address string
	Type    string
	Name    string
	Values  map[string]any // known values only
	Unknown map[string]any // the same shape, true where Azure will choose
}

// ReadPlan parses the JSON form of a plan. It fails on a plan that would destroy
// or change something: the example is planned from nothing.
func ReadPlan(raw []byte) (*Plan, error) {
	var doc struct {
		Changes []struct {
			Address string `json:"address"`
			Mode    string `json:"mode"`
			Type    string `json:"type"`
			Name    string `json:"name"`
			Change  struct {
				Actions []string       `json:"actions"`
				After   map[string]any `json:"after"`
				Unknown map[string]any `json:"after_unknown"`
			} `json:"change"`
		} `json:"resource_changes"`
		Outputs map[string]struct {
			After any `json:"after"`
		} `json:"output_changes"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("not a plan: %w", err)
	}
	p := &Plan{Outputs: map[string]any{}}
	for name, o := range doc.Outputs {
		p.Outputs[name] = o.After
	}
	for _, c := range doc.Changes {
		if c.Mode != "managed" {
			continue
		}
		if len(c.Change.Actions) != 1 || c.Change.Actions[0] != "create" {
			return nil, fmt.Errorf("%s: the plan would %v instead of create", c.Address, c.Change.Actions)
		}
		p.Resources = append(p.Resources, Resource{c.Address, c.Type, c.Name, c.Change.After, c.Change.Unknown})
	}
	for _, r := range p.Resources {
		_, code, _ := r.Stage()
		p.Compact = p.Compact || code == "stalcore" || code == "stalws"
	}
	if len(p.Resources) == 0 {
		return nil, fmt.Errorf("the plan makes nothing")
	}
	return p, nil
}

// OfType returns the planned resources of one type, in the plan's order.
func (p *Plan) OfType(types ...string) []Resource {
	var found []Resource
	for _, r := range p.Resources {
		for _, t := range types {
			if r.Type == t {
				found = append(found, r)
			}
		}
	}
	return found
}

// In returns the resources whose address begins with a module's.
func (p *Plan) In(module string) []Resource {
	var found []Resource
	for _, r := range p.Resources {
		if strings.HasPrefix(r.Address, module+".") {
			found = append(found, r)
		}
	}
	return found
}

// Get walks to a value by member names and list indexes written with dots, e.g.
// "network_rules.0.default_action"; nil when there is none or Azure chooses it.
func (r Resource) Get(path string) any { return walk(r.Values, path) }

// Text is Get for a string; "" when there is none.
func (r Resource) Text(path string) string { s, _ := r.Get(path).(string); return s }

// True and False are Get for a decided boolean: an undecided one is neither.
func (r Resource) True(path string) bool { b, ok := r.Get(path).(bool); return ok && b }

// False reports whether the value is decided and false.
func (r Resource) False(path string) bool { b, ok := r.Get(path).(bool); return ok && !b }

// Number is Get for a number; 0 when there is none.
func (r Resource) Number(path string) float64 { n, _ := r.Get(path).(float64); return n }

// List is Get for a list; nil when there is none.
func (r Resource) List(path string) []any { l, _ := r.Get(path).([]any); return l }

// ToCome reports whether Azure will choose the value: it is set, to something
// that exists only after an apply.
func (r Resource) ToCome(path string) bool { b, ok := walk(r.Unknown, path).(bool); return ok && b }

func walk(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[step]
		case []any:
			var i int
			if _, err := fmt.Sscanf(step, "%d", &i); err != nil || i < 0 || i >= len(node) {
				return nil
			}
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

var stageAddress = regexp.MustCompile(`^(module\.(?:core|workspace\["[^"]+"\]))\.module\.stage\["([a-z]+)"\]\.`)

// Stage tells which stage account a resource belongs to: the module that made
// it and the code, e.g. `module.core`, `stalimip`.
func (r Resource) Stage() (module, code string, ok bool) {
	m := stageAddress.FindStringSubmatch(r.Address)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

var index = regexp.MustCompile(`\[[^\]]*\]`)

// Kind is the address without module instances and indexes, as the tables of
// infra/README.md name it, e.g. `core: azurerm_role_assignment.publish`.
func (r Resource) Kind() string {
	plain := index.ReplaceAllString(r.Address, "")
	parts := strings.Split(plain, ".")
	module := "example"
	for i := 0; i+1 < len(parts); i++ {
		if parts[i] == "module" {
			module = parts[i+1]
		}
	}
	return module + ": " + strings.Join(parts[len(parts)-2:], ".")
}
