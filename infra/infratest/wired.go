package infratest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A plan does not know the ids that Azure will choose, so it cannot show who
// points at whom. terraform test can be given them: each planned resource gets
// values of its own here, and the plan made with them is read with every such
// value replaced by the address it belongs to, e.g. a role's scope becomes
// <module.core.azurerm_key_vault_key.signing>.

// shapes are the values Azure chooses that something else in infra/ uses. A value
// has the form the providers insist on; % is the resource's own number.
var shapes = map[string]map[string]string{
	"azurerm_resource_group":                         {"id": "/subscriptions/S/resourceGroups/r%"},
	"azurerm_virtual_network":                        {"id": arm("Microsoft.Network/virtualNetworks/x")},
	"azurerm_subnet":                                 {"id": arm("Microsoft.Network/virtualNetworks/x/subnets/x")},
	"azurerm_network_security_group":                 {"id": arm("Microsoft.Network/networkSecurityGroups/x")},
	"azurerm_private_dns_zone":                       {"id": arm("Microsoft.Network/privateDnsZones/x")},
	"azurerm_private_endpoint":                       {"id": arm("Microsoft.Network/privateEndpoints/x")},
	"azurerm_user_assigned_identity":                 {"id": arm("Microsoft.ManagedIdentity/userAssignedIdentities/x"), "principal_id": uuid("1"), "client_id": uuid("2")},
	"azurerm_storage_account":                        {"id": arm("Microsoft.Storage/storageAccounts/x")},
	"azurerm_storage_container":                      {"id": arm("Microsoft.Storage/storageAccounts/x/blobServices/default/containers/x")},
	"azurerm_eventgrid_topic":                        {"id": arm("Microsoft.EventGrid/topics/x"), "endpoint": "https://r%.uksouth-1.eventgrid.azure.net/api/events", "identity.principal_id": uuid("3")},
	"azurerm_eventgrid_system_topic":                 {"id": arm("Microsoft.EventGrid/systemTopics/x"), "identity.principal_id": uuid("3")},
	"azurerm_log_analytics_workspace":                {"id": arm("Microsoft.OperationalInsights/workspaces/x")},
	"azurerm_application_insights":                   {"id": arm("Microsoft.Insights/components/x"), "connection_string": "InstrumentationKey=r%"},
	"azurerm_application_insights_standard_web_test": {"id": arm("Microsoft.Insights/webTests/x")},
	"azurerm_monitor_action_group":                   {"id": arm("Microsoft.Insights/actionGroups/x")},
	"azurerm_service_plan":                           {"id": arm("Microsoft.Web/serverFarms/x")},
	"azurerm_linux_function_app":                     {"id": arm("Microsoft.Web/sites/x")},
	"azurerm_key_vault":                              {"id": arm("Microsoft.KeyVault/vaults/x")},
	"azurerm_role_definition":                        {"role_definition_resource_id": "/subscriptions/S/providers/Microsoft.Authorization/roleDefinitions/" + uuid("4")},
	"azurerm_logic_app_workflow":                     {"id": arm("Microsoft.Logic/workflows/x"), "access_endpoint": "https://r%.logic.azure.com", "identity.principal_id": uuid("3")},
	"azurerm_logic_app_trigger_http_request":         {"callback_url": "https://r%.logic.azure.com/invoke?sig=x"},
	"azurerm_api_connection":                         {"id": arm("Microsoft.Web/connections/x")},
	"azapi_resource/table":                           {"id": arm("Microsoft.Storage/storageAccounts/x/tableServices/default/tables/x")},
	"azapi_resource/flex":                            {"id": arm("Microsoft.Web/sites/x")},
}

func arm(path string) string { return "/subscriptions/S/resourceGroups/r%/providers/" + path }

func uuid(kind string) string { return "aaaa%-0000-4000-8000-00000000000" + kind }

// variants are the plans made with known ids: the example as it is, and with
// other variables.
var variants = []struct{ name, variables string }{
	{"example", ``},
	{"narrowed", `core = { api_ip_ranges = ["198.51.100.0/24"] }`},
	{"premium", `plan = "premium"`},
}

// mockDeployer is whoever runs Terraform, in infra/mocks.
const mockDeployer = "99999999-9999-4999-8999-999999999999"

const wiredTest = "tests/wired.tftest.hcl"

// PlanWired plans a copy's example with ids made for the resources of p, and with
// each variant of its variables.
func (b *Workbench) PlanWired(p *Plan) (map[string]*Plan, error) {
	var overrides strings.Builder
	names := []string{mockDeployer, "<deployer>"} // value, name, ...
	for n, r := range p.Resources {
		shape := shapes[r.Type]
		if shape == nil {
			shape = shapes[r.Type+"/"+r.Name]
		}
		if shape == nil {
			continue
		}
		number := fmt.Sprintf("%04d", n)
		fmt.Fprintf(&overrides, "  override_resource {\n    target = %s\n    override_during = plan\n    values = {\n", r.Address)
		for attribute, value := range shape {
			value = strings.NewReplacer("%", number, "/S/", "/"+fakeSubscription+"/").Replace(value)
			address := strings.ReplaceAll(r.Address, `"`, "")
			if block, inner, nested := strings.Cut(attribute, "."); nested {
				fmt.Fprintf(&overrides, "      %s = { %s = %q }\n", block, inner, value)
			} else {
				fmt.Fprintf(&overrides, "      %s = %q\n", attribute, value)
			}
			if attribute != "id" {
				address += "." + attribute[strings.LastIndex(attribute, ".")+1:]
			}
			names = append(names, value, "<"+address+">")
		}
		overrides.WriteString("    }\n  }\n")
	}

	var test strings.Builder
	for _, provider := range []string{"azurerm", "azapi"} {
		fmt.Fprintf(&test, "mock_provider %q {\n  source = \"../../mocks/%s\"\n  override_during = plan\n}\n", provider, provider)
	}
	for _, v := range variants {
		fmt.Fprintf(&test, "run %q {\n  command = plan\n  variables {\n    %s\n  }\n%s}\n", v.name, v.variables, overrides.String())
	}
	file := filepath.Join(b.Dir, example, wiredTest)
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, []byte(test.String()), 0o600); err != nil {
		return nil, err
	}
	out, err := b.Terraform(example, "test", "-filter="+wiredTest, "-json", "-verbose")
	if err != nil {
		return nil, err
	}
	return readTestPlans(out, strings.NewReplacer(names...))
}

// readTestPlans finds the plans in the output of terraform test about each run.
func readTestPlans(out []byte, named *strings.Replacer) (map[string]*Plan, error) {
	plans := map[string]*Plan{}
	for line := range bytes.Lines(out) {
		var said struct {
			Run  string          `json:"@testrun"`
			Plan json.RawMessage `json:"test_plan"`
		}
		if err := json.Unmarshal(line, &said); err != nil {
			return nil, fmt.Errorf("terraform test said %q: %w", line, err)
		}
		if said.Plan == nil {
			continue
		}
		p, err := ReadPlan([]byte(named.Replace(string(said.Plan))))
		if err != nil {
			return nil, err
		}
		plans[said.Run] = p
	}
	if len(plans) != len(variants) {
		return nil, fmt.Errorf("terraform test made %d plans of %d", len(plans), len(variants))
	}
	return plans, nil
}
