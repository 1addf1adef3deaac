package infratest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// NetworkPromises are asked of the example's plan: who can reach which private
// endpoint. A stage's endpoint takes anybody's link, so whoever gets to one is
// past the scan and the review.
var NetworkPromises = []Promise{
	{"every account is reached in the app's own network", checkServiceEndpoints},
	{"no network leads into another", checkNetworksApart},
	{"private endpoints let in only who needs them", checkDoors},
	{"a workspace resolves its own accounts and no others", checkZones},
}

// workspaceNames are the workspaces of the example, with their networks.
var workspaceNames = map[string]string{"genomics": "10.20.4.0/24", "imaging": "10.20.8.0/24"}

// keyOf is the for_each key at the end of an address, e.g. `core` of x.y["core"].
func keyOf(address string) string {
	_, key, _ := strings.Cut(address[strings.LastIndex(address, ".")+1:], `["`)
	return strings.TrimSuffix(key, `"]`)
}

// checkServiceEndpoints wants an endpoint in the core network for each stage: a
// copy is refused when its source is reached through a peered network only. The
// workspace's stages have another one for people.
func checkServiceEndpoints(p *Plan) []string {
	var f findings
	var want, got []string
	for _, a := range stageAccounts(p) {
		module, code, _ := a.Stage()
		want = append(want, module+" "+code+" core")
		if module != "module.core" {
			want = append(want, module+" "+code+" workspace")
		}
	}
	for _, e := range p.OfType("azurerm_private_endpoint") {
		if module, code, ok := e.Stage(); ok {
			got = append(got, module+" "+code+" "+keyOf(e.Address))
		}
	}
	f.same("ways into the stages", want, got)
	return f
}

func checkNetworksApart(p *Plan) []string {
	var f findings
	for _, r := range p.OfType("azurerm_virtual_network_peering", "azurerm_virtual_hub_connection", "azurerm_virtual_network_gateway") {
		f.unless(false, "%s: joins networks", r.Address)
	}
	f.unless(len(p.OfType("azurerm_virtual_network")) == 1+len(workspaceNames), "a network too many or too few")
	return f
}

func checkDoors(p *Plan) []string {
	var f findings
	var service []any
	subnets := map[string]bool{}
	for _, s := range p.OfType("azurerm_subnet") {
		if len(s.List("delegation")) > 0 {
			service = s.List("address_prefixes")
			continue
		}
		subnets[keyOf(s.Address)] = true
		f.unless(s.Text("private_endpoint_network_policies") == "NetworkSecurityGroupEnabled",
			"%s: its security group does not see private endpoints", s.Address)
	}
	// The addresses that terraform.tfvars.example lets in beside the service.
	want := map[string][]any{
		"stages":     service,
		"review":     append(slices.Clone(service), "10.20.3.0/25"),
		"operations": append(slices.Clone(service), "10.20.3.128/25"),
	}
	for name, network := range workspaceNames {
		want[name] = []any{network}
	}
	guarded := map[string]bool{}
	for _, a := range p.OfType("azurerm_subnet_network_security_group_association") {
		guarded[keyOf(a.Address)] = true
	}
	groups := map[string]bool{}
	for _, g := range p.OfType("azurerm_network_security_group") {
		name := keyOf(g.Address)
		groups[name] = true
		f = append(f, checkRules(g, want[name])...)
	}
	for name := range want {
		f.unless(subnets[name] && groups[name] && guarded[name], "%s: subnet %v, security group %v, put together %v", name, subnets[name], groups[name], guarded[name])
	}
	f.unless(len(subnets) == len(want), "%d subnets for endpoints, want %d", len(subnets), len(want))
	return f
}

// checkRules wants one rule that lets https in from just these ranges, and one
// behind it that lets in nobody: Azure's own defaults allow every joined network.
func checkRules(g Resource, from []any) []string {
	var f findings
	rules := g.List("security_rule")
	f.unless(len(rules) == 2, "%s: %d rules, want 2", g.Address, len(rules))
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		get := func(name string) string { return fmt.Sprint(rule[name]) }
		f.unless(get("direction") == "Inbound", "%s: %s is %s", g.Address, get("name"), get("direction"))
		switch get("access") {
		case "Allow":
			var got, want []string
			for _, a := range from {
				want = append(want, fmt.Sprint(a))
			}
			list, _ := rule["source_address_prefixes"].([]any)
			for _, a := range list {
				got = append(got, fmt.Sprint(a))
			}
			f.same(g.Address+" lets in", want, got)
			f.unless(get("source_address_prefix") == "" && get("protocol") == "Tcp" && get("destination_port_range") == "443",
				"%s: %s is wider than https from these ranges", g.Address, get("name"))
			f.unless(rule["priority"].(float64) < 4096, "%s: nobody gets in", g.Address)
		case "Deny":
			f.unless(get("source_address_prefix") == "*" && get("protocol") == "*" && get("destination_port_range") == "*" && get("destination_address_prefix") == "*",
				"%s: %s leaves something to Azure's defaults", g.Address, get("name"))
		}
	}
	return f
}

func checkZones(p *Plan) []string {
	var f findings
	var want, got []string
	for _, zone := range []string{"blob.core.windows.net", "queue.core.windows.net", "table.core.windows.net", "vaultcore.azure.net", "eventgrid.azure.net"} {
		want = append(want, "rg-airlock-"+exampleTRE+" privatelink."+zone)
	}
	for name := range workspaceNames {
		want = append(want, "rg-airlock-"+exampleTRE+"-"+name+" privatelink.blob.core.windows.net")
	}
	for _, z := range p.OfType("azurerm_private_dns_zone") {
		got = append(got, z.Text("resource_group_name")+" "+z.Text("name"))
	}
	f.same("zones", want, got)
	f.unless(len(p.OfType("azurerm_private_dns_zone_virtual_network_link")) == len(want), "a zone is linked twice, or not at all")
	return f
}

// Wiring tells, for an argument of the example's root module, what its value is
// made of. Ids are not in a plan; where they come from is.
type Wiring map[string][]string

// ReadWiring reads the "configuration" part of a plan's JSON form. Keys are
// "azurerm_subnet.core.name", "module.core.tre_id" and, in every module,
// "module.core.module.stage.azurerm_private_endpoint.blob.depends_on".
func ReadWiring(raw []byte) (Wiring, error) {
	var doc struct {
		Configuration struct {
			Root      wiredModule `json:"root_module"`
			Providers map[string]struct {
				Expressions struct {
					Register struct {
						Value []string `json:"constant_value"`
					} `json:"resource_providers_to_register"`
				}
			} `json:"provider_config"`
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("not a plan: %w", err)
	}
	w := Wiring{}
	w.read("", doc.Configuration.Root)
	for name, provider := range doc.Configuration.Providers {
		w["provider."+name+".resource_providers_to_register"] = provider.Expressions.Register.Value
	}
	return w, nil
}

type wiredModule struct {
	Resources []struct {
		Address     string
		Expressions map[string]json.RawMessage
		DependsOn   []string `json:"depends_on"`
	}
	Calls map[string]struct {
		Expressions map[string]json.RawMessage
		Module      wiredModule
	} `json:"module_calls"`
}

func (w Wiring) read(prefix string, m wiredModule) {
	add := func(address string, all map[string]json.RawMessage) {
		for name, raw := range all {
			var e struct{ References []string }
			if json.Unmarshal(raw, &e) == nil { // nested blocks are lists, and not asked for
				w[prefix+address+"."+name] = e.References
			}
		}
	}
	for _, r := range m.Resources {
		add(r.Address, r.Expressions)
		w[prefix+r.Address+".depends_on"] = r.DependsOn
	}
	for name, call := range m.Calls {
		add("module."+name, call.Expressions)
		w.read(prefix+"module."+name+".", call.Module)
	}
}

// networkWiring is the wiring of infra/examples/complete/network.tf: a
// subnet in another network or a link to another zone has a plan that looks the
// same.
var networkWiring = map[string]string{
	"module.core.function_subnet_id":                                                        "azurerm_subnet.functions",
	"module.core.private_endpoint_subnet_ids":                                               "azurerm_subnet_network_security_group_association.core",
	"module.core.private_dns_zone_ids":                                                      "azurerm_private_dns_zone_virtual_network_link.core",
	"module.workspace.private_endpoint_subnet_id":                                           "azurerm_subnet_network_security_group_association.workspace",
	"module.workspace.blob_private_dns_zone_id":                                             "azurerm_private_dns_zone_virtual_network_link.workspace",
	"azurerm_subnet.functions.virtual_network_name":                                         "azurerm_virtual_network.core",
	"azurerm_subnet.core_endpoints.virtual_network_name":                                    "azurerm_virtual_network.core",
	"azurerm_subnet.workspace_endpoints.virtual_network_name":                               "azurerm_virtual_network.workspace",
	"azurerm_private_dns_zone_virtual_network_link.core.virtual_network_id":                 "azurerm_virtual_network.core",
	"azurerm_private_dns_zone_virtual_network_link.core.private_dns_zone_id":                "azurerm_private_dns_zone.zone",
	"azurerm_private_dns_zone_virtual_network_link.workspace.virtual_network_id":            "azurerm_virtual_network.workspace",
	"azurerm_private_dns_zone_virtual_network_link.workspace.private_dns_zone_id":           "azurerm_private_dns_zone.workspace",
	"azurerm_subnet_network_security_group_association.core.subnet_id":                      "azurerm_subnet.core_endpoints",
	"azurerm_subnet_network_security_group_association.core.network_security_group_id":      "azurerm_network_security_group.core",
	"azurerm_subnet_network_security_group_association.workspace.subnet_id":                 "azurerm_subnet.workspace_endpoints",
	"azurerm_subnet_network_security_group_association.workspace.network_security_group_id": "azurerm_network_security_group.workspace",
}

// MatchNetworkWiring names what leads elsewhere.
func MatchNetworkWiring(w Wiring) []string {
	var f findings
	for argument, want := range networkWiring {
		f.unless(slices.Contains(w[argument], want), "%s comes from %v, want %s", argument, w[argument], want)
	}
	// azurerm registers nothing by itself.
	f.same("resource providers", []string{"Microsoft.AlertsManagement", "Microsoft.App", "Microsoft.EventGrid", "Microsoft.Insights", "Microsoft.KeyVault",
		"Microsoft.Logic", "Microsoft.ManagedIdentity", "Microsoft.Network", "Microsoft.OperationalInsights", "Microsoft.Security", "Microsoft.Storage",
		"Microsoft.Web"}, w["provider.azurerm.resource_providers_to_register"])
	for _, module := range []string{"module.core", "module.workspace"} {
		// Defender makes the account's only system topic itself when it comes first.
		const first = "azurerm_eventgrid_system_topic_event_subscription.blob_created"
		scan := module + ".module.stage.azurerm_security_center_storage_defender.scan.depends_on" //nolint:misspell // the provider's name
		f.unless(slices.Contains(w[scan], first), "%s: %v, want %s", scan, w[scan], first)
	}
	return f
}
