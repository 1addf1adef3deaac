package infratest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Order says which resource waits for which when a plan is applied, read from the plan's
// "configuration": references and depends_on, through modules, their arguments
// and outputs. Values of locals are not in it, so a wait only through one
// counts as not waiting.
type Order struct {
	next      map[string][]string // node -> nodes it waits for
	resources []string
	// Functions are the resources that lead events to a function: they name one, or the key of the host's webhook.
	Functions []string
	// Provider are the constant arguments of the azurerm provider, e.g. features.storage.data_plane_available.
	Provider map[string]string
}

type configModule struct {
	Outputs map[string]struct {
		Expression any
		DependsOn  []string `json:"depends_on"`
	}
	Resources []struct {
		Mode, Type, Name string
		Address          string
		Expressions      map[string]any
		Count            any      `json:"count_expression"`
		ForEach          any      `json:"for_each_expression"`
		DependsOn        []string `json:"depends_on"`
	}
	Calls map[string]struct {
		Expressions map[string]any
		ForEach     any `json:"for_each_expression"`
		Module      configModule
		DependsOn   []string `json:"depends_on"`
	} `json:"module_calls"`
}

// ReadOrder reads the JSON form of a plan.
func ReadOrder(raw []byte) (*Order, error) {
	var doc struct {
		Configuration struct {
			Root      configModule `json:"root_module"`
			Providers map[string]struct {
				Expressions map[string]any
			} `json:"provider_config"`
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("not a plan: %w", err)
	}
	o := &Order{next: map[string][]string{}, Provider: map[string]string{}}
	o.read("", doc.Configuration.Root, nil)
	if len(o.resources) == 0 {
		return nil, fmt.Errorf("the plan has no configuration")
	}
	eachConstant(doc.Configuration.Providers["azurerm"].Expressions, "", func(path, value string) { o.Provider[path] = value })
	return o, nil
}

// read adds a module. Nodes are "core.stage: azurerm_x.y", "core: var.x" and
// "core: output.x" with the names of the module calls before the colon.
func (o *Order) read(path string, m configModule, awaited []string) {
	node := func(name string) string { return path + ": " + name }
	resolve := func(references []string) []string {
		var to []string
		for _, r := range references {
			parts := strings.Split(index.ReplaceAllString(r, ""), ".")
			inner := strings.TrimPrefix(path+"."+parts[min(1, len(parts)-1)], ".")
			switch {
			case parts[0] == "module" && len(parts) > 2:
				to = append(to, inner+": output."+parts[2])
			case parts[0] == "module": // as a whole, in depends_on; terraform writes module.x also beside module.x.output
				to = append(to, inner+": *")
			case parts[0] == "data" && len(parts) > 2:
				to = append(to, node(strings.Join(parts[:3], ".")))
			case len(parts) > 1:
				to = append(to, node(parts[0]+"."+parts[1]))
			}
		}
		return to
	}
	expression := func(of ...any) []string {
		var references []string
		for _, e := range of {
			for _, r := range referencesIn(e) {
				if strings.Count(r, ".") > 1 || !strings.HasPrefix(r, "module.") {
					references = append(references, r)
				}
			}
		}
		return resolve(references)
	}

	for _, r := range m.Resources {
		name := node(r.Address)
		o.resources = append(o.resources, name)
		o.next[name] = slices.Concat(expression(r.Expressions, r.Count, r.ForEach), resolve(r.DependsOn), awaited)
		o.next[node("*")] = append(o.next[node("*")], name)
		if strings.Contains(r.Type, "event_subscription") && (r.Expressions["azure_function_endpoint"] != nil || slices.Contains(referencesIn(r.Expressions), "data.azurerm_function_app_host_keys.app")) {
			o.Functions = append(o.Functions, name)
		}
	}
	for name, out := range m.Outputs {
		o.next[node("output."+name)] = append(expression(out.Expression), resolve(out.DependsOn)...)
	}
	for name, call := range m.Calls {
		inner := strings.TrimPrefix(path+"."+name, ".")
		for argument, e := range call.Expressions {
			o.next[inner+": var."+argument] = expression(e)
		}
		o.read(inner, call.Module, slices.Concat(awaited, resolve(call.DependsOn), expression(call.ForEach)))
		o.next[node("*")] = append(o.next[node("*")], inner+": *")
	}
}

// Waits reports whether one resource is made only after another, directly or not.
func (o *Order) Waits(resource, other string) bool {
	seen := map[string]bool{}
	var visit func(n string) bool
	visit = func(n string) bool {
		if n == other {
			return true
		}
		if seen[n] {
			return false
		}
		seen[n] = true
		return slices.ContainsFunc(o.next[n], visit)
	}
	return visit(resource)
}

func referencesIn(e any) []string {
	var list []string
	switch node := e.(type) {
	case map[string]any:
		for k, inner := range node {
			if references, ok := inner.([]any); ok && k == "references" {
				for _, r := range references {
					list = append(list, fmt.Sprint(r))
				}
				continue
			}
			list = append(list, referencesIn(inner)...)
		}
	case []any:
		for _, inner := range node {
			list = append(list, referencesIn(inner)...)
		}
	}
	return list
}

func eachConstant(e any, path string, visit func(path, value string)) {
	switch node := e.(type) {
	case map[string]any:
		for k, inner := range node {
			if k == "constant_value" {
				visit(path, fmt.Sprint(inner))
				continue
			}
			eachConstant(inner, strings.TrimPrefix(path+"."+k, "."), visit)
		}
	case []any:
		for _, inner := range node {
			eachConstant(inner, path, visit)
		}
	}
}

// promisedOrder is the order that one apply from nothing needs: Azure refuses, or takes
// and forgets, a call that comes too early.
var promisedOrder = map[string][]string{
	"core: terraform_data.package": { // the handler needs these to start
		"core: azapi_resource.flex", "core: azurerm_linux_function_app.premium",
		"core: azapi_resource.signing_key", "core: terraform_data.state_key", "core: azapi_resource.table",
	},
	"core: azapi_resource.flex":                                                       {"core: terraform_data.roles_propagated", "core: azurerm_private_endpoint.host", "core: azurerm_storage_container.packages"},
	"core: azurerm_linux_function_app.premium":                                        {"core: terraform_data.roles_propagated", "core: azurerm_private_endpoint.host", "core: azurerm_storage_blob.package"},
	"core: azurerm_storage_blob.package":                                              {"core: terraform_data.roles_propagated", "core: azurerm_private_endpoint.host"},
	"core: terraform_data.roles_propagated":                                           {"core: azurerm_role_assignment.deployer_packages", "core: azurerm_role_assignment.host_storage"},
	"core: azurerm_role_assignment.state_key":                                         {"core: terraform_data.state_key"},
	"core: data.azurerm_function_app_host_keys.app":                                   {"core: terraform_data.package"},
	"core: azurerm_eventgrid_event_subscription.topic":                                {"core: azurerm_role_assignment.topic_dead_letters"},
	"notifier: azurerm_eventgrid_event_subscription.notification":                     {"notifier: azurerm_logic_app_action_custom.handle", "notifier: azurerm_role_assignment.notified"},
	"core.stage: azurerm_eventgrid_system_topic_event_subscription.blob_created":      {"core.stage: azurerm_role_assignment.dead_letters"},
	"workspace.stage: azurerm_eventgrid_system_topic_event_subscription.blob_created": {"workspace.stage: azurerm_role_assignment.dead_letters"},
}

func checkOrder(o *Order) []string {
	var f findings
	f.unless(len(o.Functions) == 4, "%d resources lead events to functions, want 4: %v", len(o.Functions), o.Functions)
	for _, r := range o.Functions {
		f.unless(o.Waits(r, "core: terraform_data.package"), "%s does not wait for the package: its function is not there", r)
	}
	for _, r := range sorted(slices.Collect(maps.Keys(promisedOrder))) {
		for _, other := range promisedOrder[r] {
			f.unless(slices.Contains(o.resources, r) && slices.Contains(o.resources, other), "%s or %s does not exist", r, other)
			f.unless(o.Waits(r, other), "%s does not wait for %s", r, other)
		}
	}
	return f
}

// promisedProvider is how the azurerm provider must be set up in the example:
// the accounts take no keys and may be out of reach while they are made, and
// nothing that holds a record is thrown away.
var promisedProvider = map[string]string{
	"storage_use_azuread":                                            "true",
	"features.storage.data_plane_available":                          "false",
	"features.key_vault.purge_soft_delete_on_destroy":                "false",
	"features.key_vault.recover_soft_deleted_key_vaults":             "true",
	"features.resource_group.prevent_deletion_if_contains_resources": "true",
}

func checkProvider(o *Order) []string {
	var f findings
	for _, argument := range sorted(slices.Collect(maps.Keys(promisedProvider))) {
		f.unless(o.Provider[argument] == promisedProvider[argument], "%s is %q, want %s", argument, o.Provider[argument], promisedProvider[argument])
	}
	return f
}
