//go:build infra

package infratest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// brokenNetwork asks the network's promises and its wiring of a planned example.
func brokenNetwork(t *testing.T, b *Workbench) []string {
	t.Helper()
	p, err := b.PlanExample()
	require.NoError(t, err)
	var all []string
	for _, promise := range NetworkPromises {
		for _, line := range promise.Check(p) {
			all = append(all, promise.Name+": "+line)
		}
	}
	raw, err := b.Terraform(example, "show", "-json", "plan")
	require.NoError(t, err)
	w, err := ReadWiring(raw)
	require.NoError(t, err)
	for _, line := range MatchNetworkWiring(w) {
		all = append(all, "wiring: "+line)
	}
	return all
}

const exampleNetwork = example + "/network.tf"

func TestNetworkDamageIsNoticed(t *testing.T) {
	whole := bench(t)
	require.NoError(t, whole.InitExample())
	require.Empty(t, brokenNetwork(t, whole), "the undamaged example")

	for _, d := range []struct{ name, file, old, replacement, noticed string }{
		{"exports have no way out", "workspace/main.tf", "{ core = var.core.service_endpoint }", "{}", "every account is reached"},
		{"people have no way in", "workspace/main.tf", "length(setintersection(var.stages_in_workspace_network, each.value)) > 0 ?", "false ?", "every account is reached"},
		{"a workspace is peered with the core", exampleNetwork, `resource "azurerm_private_dns_zone" "workspace"`,
			"resource \"azurerm_virtual_network_peering\" \"in\" {\n  for_each = var.workspaces\n  name = \"to-core\"\n  resource_group_name = azurerm_resource_group.workspace[each.key].name\n  virtual_network_name = azurerm_virtual_network.workspace[each.key].name\n  remote_virtual_network_id = azurerm_virtual_network.core.id\n}\n\nresource \"azurerm_private_dns_zone\" \"workspace\"",
			"no network leads"},
		{"security groups do not see endpoints", exampleNetwork, `  private_endpoint_network_policies = "NetworkSecurityGroupEnabled"`, "", "private endpoints let in"},
		{"a subnet without security group", exampleNetwork, "\"azurerm_subnet_network_security_group_association\" \"core\" {\n  for_each = local.doors", "\"azurerm_subnet_network_security_group_association\" \"core\" {\n  for_each = { for door, d in local.doors : door => d if door != \"stages\" }", ""},
		{"whoever is joined gets in", exampleNetwork, `access                     = "Deny"`, `access                     = "Allow"`, "private endpoints let in"},
		{"reviewers reach all stages", exampleNetwork, "range = local.core_subnets[0], from = azurerm_subnet.functions.address_prefixes", "range = local.core_subnets[0], from = concat(azurerm_subnet.functions.address_prefixes, var.review_ip_ranges)", "private endpoints let in"},
		{"the workspace's door is open to what it is joined with", exampleNetwork, "source_address_prefixes    = [each.value.address_space]", `source_address_prefix      = "VirtualNetwork"`, "private endpoints let in"},
		{"a workspace resolves the core's accounts", exampleNetwork, "private_dns_zone_id = azurerm_private_dns_zone.workspace[each.key].id", `private_dns_zone_id = azurerm_private_dns_zone.zone["blob"].id`, "wiring"},
		{"one zone for all", exampleNetwork, "  name                = local.zones.blob\n", "  name                = \"privatelink.example.org\"\n", "a workspace resolves"},
		{"endpoints of a workspace in the core network", example + "/main.tf", "azurerm_subnet_network_security_group_association.workspace[each.key].subnet_id", `azurerm_subnet_network_security_group_association.core["stages"].subnet_id`, "wiring"},
		{"Flex's subnet cannot be delegated", example + "/main.tf", "    \"Microsoft.App\",\n", "", "wiring"},
		{"Defender makes the topic first", "stage/main.tf", "    azurerm_eventgrid_system_topic_event_subscription.blob_created,\n", "", "wiring"},
		{"another subnet's security group", exampleNetwork, "azurerm_network_security_group.core[each.key].id", `azurerm_network_security_group.workspace["genomics"].id`, "wiring"},
	} {
		t.Run(d.name, func(t *testing.T) {
			b, err := whole.Copy(t.TempDir())
			require.NoError(t, err)
			require.NoError(t, b.Replace(d.file, d.old, d.replacement))
			if d.noticed == "" { // the core asks for this one, so there is no plan
				_, err := b.PlanExample()
				assert.Error(t, err)
				return
			}
			broken := strings.Join(brokenNetwork(t, b), "\n")
			assert.Contains(t, "\n"+broken, "\n"+d.noticed, "broken promises:\n%s", broken)
		})
	}
}

func TestReadWiringRefusesWhatIsNoPlan(t *testing.T) {
	_, err := ReadWiring([]byte(`{`))
	assert.Error(t, err)
	assert.NotEmpty(t, MatchNetworkWiring(Wiring{}))
}
