//go:build infra

package infratest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// damages take one property away from a copy of infra/. Each must be noticed by
// the promise it breaks; otherwise the promise is worth nothing.
var damages = []struct {
	name, file, old, replacement string
	noticed                      string // beginning of the broken promise
}{
	{"stage accounts accept keys", "stage/main.tf", "shared_access_key_enabled       = false", "shared_access_key_enabled       = true", "no account opens"},
	{"state account accepts keys by default", "core/state.tf", "  shared_access_key_enabled         = false\n", "", "no account opens"},
	{"blobs can be public", "stage/main.tf", "allow_nested_items_to_be_public  = false", "allow_nested_items_to_be_public  = true", "no account opens"},
	{"hierarchical namespace", "stage/main.tf", "is_hns_enabled = false", "is_hns_enabled = true", "no account opens"},
	{"a private stage is open to the internet", "core/main.tf", `stalimrej     = { reach = "private"`, `stalimrej     = { reach = "internet"`, "each stage is reachable"},
	{"an internet stage is shut", "core/main.tf", `stalexapp     = { reach = "internet"`, `stalexapp     = { reach = "private"`, "each stage is reachable"},
	{"the firewall lets everybody in", "stage/main.tf", `default_action = local.open_to_all ? "Allow" : "Deny"`, `default_action = "Allow"`, "each stage is reachable"},
	{"the scanner is not let in", "stage/main.tf", "for_each = var.scan == null || local.open_to_all ? [] : [var.scan.scanner_id]", "for_each = []", "each stage is reachable"},
	{"no private endpoint for a stage", "stage/main.tf", "for_each = var.private_endpoints\n", "for_each = {}\n", "everything private"},
	{"no private endpoint for evidence", "core/state.tf", `resource "azurerm_private_endpoint" "evidence" {`, "resource \"azurerm_private_endpoint\" \"evidence\" {\n  count = 0", "everything private"},
	{"deleted drafts are kept", "workspace/variables.tf", "stalexint     = optional(number, 0)", "stalexint     = optional(number, 30)", "deleted means gone"},
	{"versions are kept", "stage/main.tf", "versioning_enabled  = false", "versioning_enabled  = true", "deleted means gone"},
	{"uploads are not scanned", "stage/main.tf", "malware_scanning_on_upload_enabled          = true", "malware_scanning_on_upload_enabled          = false", "both in-progress stages"},
	{"exports are not scanned", "workspace/main.tf", "{ scan = var.malware_scanning, events = true }", "{ scan = false, events = true }", "both in-progress stages"},
	{"verdicts go nowhere", "stage/main.tf", "  scan_results_event_grid_topic_id            = var.scan.results_topic_id\n", "", "both in-progress stages"},
	{"no monthly cap", "stage/main.tf", "  malware_scanning_on_upload_cap_gb_per_month = var.scan.cap_gb_per_month\n", "", "both in-progress stages"},
	{"evidence can be overwritten", "core/state.tf", "for_each = azurerm_storage_container.evidence\n", "for_each = {}\n", "evidence is write-once"},
	{"the service may delete evidence", "core/roles.tf", "containers/blobs/delete'", "containers/blobs/read'", "evidence is write-once"},
	{"the anchor key is in the plan", "core/vault.tf", "value_wo         = base64sha512(join(\"\", [uuid(), uuid(), uuid(), uuid(), uuid(), uuid()]))\n  value_wo_version = var.anchor_secret_version", "value = \"an HMAC key\"", "the vault holds"},
	{"the vault can be purged", "core/vault.tf", "purge_protection_enabled   = true", "purge_protection_enabled   = false", "the vault holds"},
	{"topics accept keys", "core/topics.tf", "local_auth_enabled = false", "local_auth_enabled = true", "topics take Entra"},
	{"topics are public", "core/variables.tf", "  type        = bool\n  default     = true\n}\n\nvariable \"internet_ip_ranges\"", "  type        = bool\n  default     = false\n}\n\nvariable \"internet_ip_ranges\"", "topics take Entra"},
	{"no subject filter on blobs", "stage/main.tf", `subject_begins_with = "/blobServices/default/containers/"`, `subject_begins_with = "/"`, "exactly the promised"},
	{"no event type filter on blobs", "stage/main.tf", "  included_event_types  = [\"Microsoft.Storage.BlobCreated\"]\n", "", "exactly the promised"},
	{"the dead-letter filter is gone", "core/topics.tf", `/blobServices/default/containers/${azurerm_storage_container.dead_letters.name}/`, `/blobServices/default/containers/`, "exactly the promised"},
	{"an event goes to the wrong function", "core/topics.tf", `function = "OnStepResult"`, `function = "OnStatusChanged"`, "exactly the promised"},
	{"a draft raises events", "workspace/main.tf", "stalexint     = { scan = false, events = false }", "stalexint     = { scan = false, events = true }", "exactly the promised"},
	{"no dead letters for topics", "core/topics.tf", "  storage_blob_dead_letter_destination {\n    storage_account_id          = azurerm_storage_account.state.id\n    storage_blob_container_name = azurerm_storage_container.dead_letters.name\n  }\n\n  dead_letter_identity {\n    type = \"SystemAssigned\"\n  }\n", "", "no event is lost"},
	{"no dead letters for stages", "stage/main.tf", "  storage_blob_dead_letter_destination {\n    storage_account_id          = var.events.dead_letter_account_id\n    storage_blob_container_name = var.events.dead_letter_container\n  }\n\n  dead_letter_identity {\n    type = \"SystemAssigned\"\n  }\n", "", "no event is lost"},
	{"deliveries are given up early", "core/main.tf", "max_delivery_attempts     = 30", "max_delivery_attempts     = 3", "no event is lost"},
	{"a table is missing", "core/state.tf", `"AirlockParkedEvents"`, `"AirlockParked"`, "state is kept"},
	{"the app is served without TLS", "core/app.tf", "httpsOnly                 = true", "httpsOnly                 = false", "one identity and no keys"},
	{"the host's storage by key", "core/app.tf", "AzureWebJobsStorage__credential      =", "AzureWebJobsStorage      =", "one identity and no keys"},
	{"somebody else gets into a stage", "stage/main.tf", "role_definition_name = \"Storage Blob Data Contributor\"\n  principal_id         = var.service_principal_id", "role_definition_name = \"Storage Blob Data Owner\"\n  principal_id         = var.service_principal_id", "only the service"},
}

func TestDamageIsNoticed(t *testing.T) {
	whole, p := examplePlan(t)
	require.Empty(t, Broken(p), "the undamaged example")

	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			b, err := whole.Copy(t.TempDir())
			require.NoError(t, err)
			require.NoError(t, b.Replace(d.file, d.old, d.replacement))
			p, err := b.PlanExample()
			require.NoError(t, err)
			broken := strings.Join(Broken(p), "\n")
			assert.Contains(t, "\n"+broken, "\n"+d.noticed, "broken promises:\n%s", broken)
		})
	}
}

// wiring damages lead an id elsewhere. A plan does not know ids yet; the modules'
// own tests, with a distinct id for each resource, must notice.
var wiringDamages = []struct{ name, module, file, old, replacement string }{
	{"functions listen to another topic", "core", "core/topics.tf", "scope                 = azurerm_eventgrid_topic.topic[each.key].id", `scope                 = azurerm_eventgrid_topic.topic["scan_result"].id`},
	{"the service publishes to another topic", "core", "core/app.tf", `azurerm_eventgrid_topic.topic["step_result"].endpoint`, `azurerm_eventgrid_topic.topic["data_deletion"].endpoint`},
	{"evidence is kept in the state account", "core", "core/state.tf", "storage_account_id    = azurerm_storage_account.evidence.id", "storage_account_id    = azurerm_storage_account.state.id"},
	{"a stage's endpoint leads elsewhere", "stage", "stage/main.tf", "private_connection_resource_id = azurerm_storage_account.stage.id", "private_connection_resource_id = var.service_principal_id"},
	{"the registry names other accounts", "workspace", "workspace/main.tf", "accounts    = local.account_names", `accounts    = { for code in local.codes : code => "${code}0a01" }`},
	{"lost notifications leave no trace", "notifier", "notifier/main.tf", "storage_account_id          = var.dead_letters.account_id", "storage_account_id          = var.action_group_id"},
}

func TestWrongWiringIsNoticed(t *testing.T) {
	for _, d := range wiringDamages {
		t.Run(d.name, func(t *testing.T) {
			b := bench(t)
			require.NoError(t, b.Replace(d.file, d.old, d.replacement))
			_, err := b.Terraform(d.module, "init", "-input=false", "-no-color")
			require.NoError(t, err)
			out, err := b.Terraform(d.module, "test", "-no-color")
			assert.Error(t, err, "%s", out)
		})
	}
}
