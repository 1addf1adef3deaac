//go:build infra

package infratest

import (
	"math/bits"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type damage struct {
	name, file, old, replacement string
	noticed                      string // in a finding of its own
}

// damages take one property away from a copy of infra/. Each must be noticed;
// otherwise the promise it breaks is worth nothing. A plan takes seconds, so those
// of a group are done to one copy: what notices each must be told apart.
var damages = [][]damage{
	{
		{"stage accounts accept keys", "stage/main.tf", "shared_access_key_enabled       = false", "shared_access_key_enabled       = true", `stage["stalimex"].azurerm_storage_account.stage: shared keys`},
		{"state account accepts keys by default", "core/state.tf", "  shared_access_key_enabled         = false\n", "", "module.core.azurerm_storage_account.state: shared keys"},
		{"blobs can be public", "stage/main.tf", "allow_nested_items_to_be_public  = false", "allow_nested_items_to_be_public  = true", "allow_nested_items_to_be_public is not off"},
		{"hierarchical namespace", "stage/main.tf", "is_hns_enabled = false", "is_hns_enabled = true", "is_hns_enabled is not off"},
		{"a private stage is open to the internet", "core/main.tf", `stalimrej     = { reach = "private"`, `stalimrej     = { reach = "internet"`, `stage["stalimrej"].azurerm_storage_account.stage: the network's default is "Allow"`},
		{"an internet stage is shut", "core/main.tf", `stalexapp     = { reach = "internet"`, `stalexapp     = { reach = "private"`, `stage["stalexapp"].azurerm_storage_account.stage: people outside cannot`},
		{"the scanner is not let in", "stage/main.tf", "for_each = var.scan == null || local.open_to_all ? [] : [var.scan.scanner_id]", "for_each = []", `stage["stalimip"].azurerm_storage_account.stage: Defender's scanner`},
		{"blobs of a private stage raise no events", "stage/main.tf", `bypass   = var.events == null ? ["None"] : ["AzureServices"]`, `bypass   = ["None"]`, `stage["stalexrej"].azurerm_storage_account.stage: firewall bypass [None], want [AzureServices]`},
		{"copies come in from anywhere", "stage/main.tf", "  allowed_copy_scope = \"PrivateLink\"\n", "", `stage["stalexint"].azurerm_storage_account.stage: copies come in from ""`},
		{"the first verdict meets a cold instance", "core/variables.tf", `{ blob = 1, "function:OnScanResult" = 1 }`, `{ blob = 1 }`, "always ready: missing function:OnScanResult=1"},
		{"a property that Flex Consumption deprecated", "core/app.tf", "      clientAffinityEnabled     = false\n", "      clientAffinityEnabled     = false\n      vnetRouteAllEnabled       = true\n", "vnetRouteAllEnabled must not be set"},
		{"dead letters cannot be written", "core/state.tf", `bypass         = ["AzureServices"]`, `bypass         = ["None"]`, "module.core.azurerm_storage_account.state: firewall bypass [None]"},
		{"the host's account is open to Azure", "core/app.tf", "    default_action = \"Deny\"\n    bypass         = [\"None\"]\n", "    default_action = \"Deny\"\n    bypass         = [\"AzureServices\"]\n", "module.core.azurerm_storage_account.host: firewall bypass [AzureServices]"},
		{"the host's account has a public endpoint", "core/app.tf", "public_network_access_enabled = length(local.package_uploaders) > 0", "public_network_access_enabled = true", "business with: module.core.azurerm_storage_account.host: public"},
		{"no private endpoint for evidence", "core/state.tf", `resource "azurerm_private_endpoint" "evidence" {`, "resource \"azurerm_private_endpoint\" \"evidence\" {\n  count = 0", "missing psc-stalevidencemytre blob"},
		{"deleted drafts are kept", "workspace/variables.tf", "stalexint     = optional(number, 0)", "stalexint     = optional(number, 30)", `stage["stalexint"].azurerm_storage_account.stage: delete_retention_policy 30`},
		{"versions are kept", "stage/main.tf", "versioning_enabled  = false", "versioning_enabled  = true", "versions keep what was overwritten"},
		{"uploads are not scanned", "stage/main.tf", "malware_scanning_on_upload_enabled          = true", "malware_scanning_on_upload_enabled          = false", "uploads are not scanned"},
		{"exports are not scanned", "workspace/main.tf", "{ scan = var.malware_scanning, events = true }", "{ scan = false, events = true }", `missing module.workspace["genomics"] stalexip`},
		{"verdicts go nowhere", "stage/main.tf", "  scan_results_event_grid_topic_id            = var.scan.results_topic_id\n", "", "verdicts are sent to no topic"},
		{"no monthly cap", "stage/main.tf", "  malware_scanning_on_upload_cap_gb_per_month = var.scan.cap_gb_per_month\n", "", "no monthly cap"},
		{"evidence can be overwritten", "core/state.tf", "for_each = azurerm_storage_container.evidence\n", "for_each = {}\n", `write-once containers: missing ["anchors"]`},
		{"the service may delete evidence", "core/definitions.tf", "data_actions = [\"${local.blobs}/read\", \"${local.blobs}/add/action\"]", "data_actions = [\"${local.blobs}/read\", \"${local.blobs}/add/action\", \"${local.blobs}/delete\"]", "roles of our own: missing evidence:"},
		{"the service may make tables", "core/definitions.tf", "      actions      = []\n      data_actions = [\"${local.rows}/read\"", "      actions      = [\"Microsoft.Storage/storageAccounts/tableServices/tables/write\"]\n      data_actions = [\"${local.rows}/read\"", "roles of our own: missing table_rows:"},
		{"the service may use its key for more", "core/definitions.tf", `"Microsoft.KeyVault/vaults/keys/sign/action"`, `"Microsoft.KeyVault/vaults/keys/*"`, "roles of our own: missing signer:"},
		{"the service plants dead letters", "core/definitions.tf", "[\"${local.blobs}/read\", \"${local.blobs}/delete\"]", "[\"${local.blobs}/read\", \"${local.blobs}/delete\", \"${local.blobs}/write\"]", "roles of our own: missing dead_letters:"},
		{"the service writes verdicts", "core/definitions.tf", "[\"${local.blobs}/tags/read\"]", "[\"${local.blobs}/tags/read\", \"${local.blobs}/tags/write\"]", "roles of our own: missing scan_tags:"},
		{"the secret is in the plan", "core/vault.tf", "resource \"terraform_data\" \"state_key\" {", "resource \"azurerm_key_vault_secret\" \"state_key\" {\n  name         = \"airlock-state-key\"\n  key_vault_id = azurerm_key_vault.airlock.id\n  value        = \"an HMAC key\"\n}\n\nresource \"terraform_data\" \"state_key\" {", "module.core.azurerm_key_vault_secret.state_key: whoever deploys needs a right"},
		{"another secret is made", "core/vault.tf", "}/secrets/airlock-state-key\"", "}/secrets/airlock-state\"", "secret.sh does not write"},
		{"the vault has a public endpoint", "core/vault.tf", "public_network_access_enabled = false", "public_network_access_enabled = true", "module.core.azurerm_key_vault.airlock: public endpoint"},
		{"another kind of key", "core/vault.tf", `"P-256"`, `"P-384"`, "keys: missing airlock-signing EC P-256"},
		{"the vault can be purged", "core/vault.tf", "purge_protection_enabled   = true", "purge_protection_enabled   = false", "keys can be lost for good"},
		{"topics accept keys", "core/topics.tf", "local_auth_enabled = false", "local_auth_enabled = true", `topic["status_changed"]: accepts keys`},
		{"topics are public", "core/topics.tf", `each.key == "scan_result" || !var.private_topics`, "true", `topic["status_changed"]: public endpoint`},
		{"no subject filter on blobs", "stage/main.tf", `subject_begins_with = "/blobServices/default/containers/"`, `subject_begins_with = "/"`, "{topic:evgt-stalimipmytre target:OnBlobCreated eventType:Microsoft.Storage.BlobCreated begins:/ ends:} is not promised"},
		{"the dead-letter filter is gone", "core/topics.tf", `/blobServices/default/containers/${azurerm_storage_container.dead_letters.name}/`, `/blobServices/default/containers/`, "target:OnDeadLetter eventType:Microsoft.Storage.BlobCreated begins:/blobServices/default/containers/ ends:} is not promised"},
		{"an event goes to the wrong function", "core/topics.tf", `function = "OnStepResult"`, `function = "OnStatusChanged"`, "{topic:step_result target:OnStatusChanged"},
		{"a draft raises events", "workspace/main.tf", "stalexint     = { scan = false, events = false }", "stalexint     = { scan = false, events = true }", "{topic:evgt-stalexint"},
		{"deliveries are given up early", "core/main.tf", "max_delivery_attempts     = 30", "max_delivery_attempts     = 3", "gives up before a day"},
		{"a table is missing", "core/state.tf", `"AirlockParkedEvents"`, `"AirlockParked"`, "tables: missing AirlockParkedEvents"},
		{"the app is served without TLS", "core/app.tf", "httpsOnly                 = true", "httpsOnly                 = false", "plain http or old TLS"},
		{"the host shows its own page", "core/app.tf", "AzureWebJobsDisableHomepage = \"true\"", "AzureWebJobsDisableHomepage = \"false\"", "AzureWebJobsDisableHomepage is"},
		{"the host's storage by key", "core/app.tf", "AzureWebJobsStorage__credential      =", "AzureWebJobsStorage      =", "setting AzureWebJobsStorage holds a key"},
		{"the service cannot read the scanner's tags", "stage/main.tf", "scope              = azurerm_storage_account.stage.id\n  role_definition_id", "scope              = var.scan.results_topic_id\n  role_definition_id", "azurerm_role_assignment.scan_tags scope"},
		{"somebody else gets into a stage", "stage/main.tf", "role_definition_name = \"Storage Blob Data Contributor\"\n  principal_id         = var.service_principal_id", "role_definition_name = \"Storage Blob Data Owner\"\n  principal_id         = var.service_principal_id", "roles: service Storage Blob Data Owner is not promised"},
		{"use of links is not on record", "stage/main.tf", "count = var.logs == null ? 0 : 1", "count = 0", "azurerm_storage_account.stage logs: missing StorageRead"},
	},
	{
		{"who deploys gets to the state", "core/state.tf", "    bypass         = [\"AzureServices\"]\n", "    bypass         = [\"AzureServices\"]\n    ip_rules       = var.deployer_ip_ranges\n", "module.core.azurerm_storage_account.state: lets in [203.0.113.7]"},
		{"the firewall lets everybody in", "stage/main.tf", `default_action = local.open_to_all ? "Allow" : "Deny"`, `default_action = "Allow"`, `stage["stalimip"].azurerm_storage_account.stage: the network's default is "Allow"`},
		{"no private endpoint for a stage", "stage/main.tf", "for_each = var.private_endpoints\n", "for_each = {}\n", "missing psc-stalimexmytre blob"},
		{"no event type filter on blobs", "stage/main.tf", "  included_event_types  = [\"Microsoft.Storage.BlobCreated\"]\n", "", "{topic:evgt-stalimipmytre target:OnBlobCreated eventType:<nil>"},
		{"no dead letters for topics", "core/topics.tf", "  storage_blob_dead_letter_destination {\n    storage_account_id          = azurerm_storage_account.state.id\n    storage_blob_container_name = azurerm_storage_container.dead_letters.name\n  }\n\n  dead_letter_identity {\n    type = \"SystemAssigned\"\n  }\n", "", `azurerm_eventgrid_event_subscription.topic["status_changed"]: no dead letters`},
		{"no dead letters for stages", "stage/main.tf", "  storage_blob_dead_letter_destination {\n    storage_account_id          = var.events.dead_letter_account_id\n    storage_blob_container_name = var.events.dead_letter_container\n  }\n\n  dead_letter_identity {\n    type = \"SystemAssigned\"\n  }\n", "", "blob_created[0]: no dead letters"},

		// where things lead
		{"the service publishes to another topic", "core/app.tf", `azurerm_eventgrid_topic.topic["step_result"].endpoint`, `azurerm_eventgrid_topic.topic["data_deletion"].endpoint`, `: AIRLOCK_TOPIC_STEP_RESULT is`},
		{"the registry names other accounts", "workspace/main.tf", "accounts    = local.account_names", `accounts    = { for code in local.codes : code => "${code}0a01" }`, "accounts of the registry"},
		{"the stages' settings name other accounts", "core/app.tf", `"AIRLOCK_ACCOUNT_${upper(code)}" => local.names[local.account_of[code]]`, `"AIRLOCK_ACCOUNT_${upper(code)}" => "x${local.names[local.account_of[code]]}"`, `leads: AIRLOCK_ACCOUNT_STALIMIP is "x`},
		{"requests are kept elsewhere", "core/app.tf", `"https://${local.names.stalstate}.table.${var.storage_suffix}"`, `"https://${local.names.stalhost}.table.${var.storage_suffix}"`, "leads: AIRLOCK_TABLE_ENDPOINT is"},
		{"evidence is looked for elsewhere", "core/app.tf", `AIRLOCK_EVIDENCE_ACCOUNT           = local.names.stalevidence`, `AIRLOCK_EVIDENCE_ACCOUNT           = local.names.stalstate`, "leads: AIRLOCK_EVIDENCE_ACCOUNT is"},
		{"another signing key", "core/app.tf", `/keys/airlock-signing"`, `/keys/airlock-sign"`, "leads: AIRLOCK_SIGNING_KEY is"},
		{"another state key", "core/app.tf", `/secrets/airlock-state-key"`, `/secrets/airlock-state"`, "leads: AIRLOCK_STATE_KEY is"},
		{"dead letters are read without identity", "core/app.tf", `AirlockDeadLetters__credential      = "managedidentity"`, `AirlockDeadLetters__credential      = "workloadidentity"`, "plan leads: AirlockDeadLetters__credential is"},
		{"dead letters are fed to another function", "core/topics.tf", "functionName=Host.Functions.OnDeadLetter&", "functionName=Host.Functions.OnDeadLetters&", "blob webhook: missing OnDeadLetter"},
		{"the app is outside the network", "core/app.tf", "      virtualNetworkSubnetId    = var.function_subnet_id\n", "", "missing core: azapi_resource.flex body.properties.virtualNetworkSubnetId"},
		{"a runtime that does not exist", "core/app.tf", `version = "1.0"`, `version = "9.9"`, "the custom runtime has one version"},
		{"the subnet is another service's", example + "/network.tf", `var.plan == "flex" ? "Microsoft.App/environments" : "Microsoft.Web/serverFarms"`, `"Microsoft.Web/serverFarms"`, "is delegated to Microsoft.Web/serverFarms"},
		{"a zone of another name", example + "/network.tf", `"privatelink.table.core.windows.net"`, `"privatelink.tables.core.windows.net"`, "privatelink.tables.core.windows.net is not promised"},
		{"the networks do not know the zones", example + "/network.tf", "virtual_network_id  = azurerm_virtual_network.core.id", `virtual_network_id  = azurerm_virtual_network.workspace["genomics"].id`, "missing example: azurerm_private_dns_zone_virtual_network_link.core virtual_network_id"},
		{"an endpoint is found under another zone", "core/state.tf", "private_dns_zone_ids = [var.private_dns_zone_ids[each.key]]", "private_dns_zone_ids = [var.private_dns_zone_ids.blob]", "missing core: azurerm_private_endpoint.state private_dns_zone_group.private_dns_zone_ids"},
		{"functions listen to another topic", "core/topics.tf", "scope                 = azurerm_eventgrid_topic.topic[each.key].id", `scope                 = azurerm_eventgrid_topic.topic["scan_result"].id`, "missing core: azurerm_eventgrid_event_subscription.topic scope"},
		{"the notifier listens to another topic", "core/outputs.tf", `id   = azurerm_eventgrid_topic.topic["notification"].id`, `id   = azurerm_eventgrid_topic.topic["status_changed"].id`, "missing notifier: azurerm_eventgrid_event_subscription.notification scope"},
		{"lost notifications are kept elsewhere", "core/outputs.tf", "account_id            = azurerm_storage_account.state.id", "account_id            = azurerm_storage_account.host.id", "missing notifier: azurerm_eventgrid_event_subscription.notification storage_blob_dead_letter_destination"},
		{"evidence is kept in the state account", "core/state.tf", "storage_account_id    = azurerm_storage_account.evidence.id", "storage_account_id    = azurerm_storage_account.state.id", "missing core: azurerm_storage_container.evidence storage_account_id"},
		{"the vault's endpoint leads elsewhere", "core/vault.tf", "private_connection_resource_id = azurerm_key_vault.airlock.id", "private_connection_resource_id = azurerm_storage_account.state.id", "missing core: azurerm_private_endpoint.vault private_service_connection"},

		// who may do what, and where
		{"the service signs with any key", "core/roles.tf", "scope              = \"${azurerm_key_vault.airlock.id}/keys/${azapi_resource.signing_key.name}\"", "scope              = azurerm_key_vault.airlock.id", "missing core: azurerm_role_assignment.signing_key scope"},
		{"the service owns the group's blobs", "core/roles.tf", "  scope              = azurerm_storage_container.dead_letters.id\n", "  scope              = local.resource_group_id\n", "missing core: azurerm_role_assignment.dead_letter_blobs scope"},
		{"topics write in the whole state account", "stage/main.tf", "scope                = var.events.dead_letter_container_id", "scope                = var.events.dead_letter_account_id", "missing stage: azurerm_role_assignment.dead_letters scope"},
		{"the service has another role in the tables", "core/roles.tf", `azurerm_role_definition.airlock["table_rows"]`, `azurerm_role_definition.airlock["signer"]`, "role assignments: core: azurerm_role_assignment.state_tables Airlock: signer is not promised"},
		{"who deploys reads the secret", "core/roles.tf", "role_definition_name = \"Key Vault Secrets User\"\n  principal_id         = local.airlock_id", "role_definition_name = \"Key Vault Secrets User\"\n  principal_id         = local.deployer_id", "rights of whoever deploys: state_key Key Vault Secrets User"},
		{"the premium plan's deployer has the whole account", "core/roles.tf", "  scope                = azurerm_storage_container.packages.id\n", "  scope                = azurerm_storage_account.host.id\n", "nothing more: rights of whoever deploys: missing deployer_packages"},
		{"who deploys is shut out of the narrowed app", "core/app.tf", "    [for i, range in var.deployer_ip_ranges :", "    [for i, range in [] :", "who gets to the app: missing 203.0.113.7/32"},
		{"the deployer publishes events", "core/roles.tf", "role_definition_name = \"EventGrid Data Sender\"\n  principal_id         = local.airlock_id", "role_definition_name = \"EventGrid Data Sender\"\n  principal_id         = local.deployer_id", "missing core: azurerm_role_assignment.publish principal_id"},

		// one apply
		{"the core's stages do not wait for the package", "core/stages.tf", "  depends_on = [terraform_data.package]\n", "", "core.stage: azurerm_eventgrid_system_topic_event_subscription.blob_created does not wait for the package"},
		{"the workspaces' stages do not wait for the package", "core/outputs.tf", "  depends_on = [terraform_data.package]\n", "", "workspace.stage: azurerm_eventgrid_system_topic_event_subscription.blob_created does not wait for the package"},
		{"subscriptions do not wait for the package", "core/topics.tf", "depends_on = [azurerm_role_assignment.topic_dead_letters, terraform_data.package]", "depends_on = [azurerm_role_assignment.topic_dead_letters]", "core: azurerm_eventgrid_event_subscription.topic does not wait for the package"},
		{"the webhook's key is asked for before the package", "core/topics.tf", "  depends_on = [terraform_data.package]\n", "", "core: azurerm_eventgrid_system_topic_event_subscription.dead_letter does not wait for the package"},
		{"the package does not wait for the key", "core/app.tf", "    azapi_resource.signing_key,\n", "", "core: terraform_data.package does not wait for core: azapi_resource.signing_key"},
		{"the app does not wait for the host's storage", "core/roles.tf", "    join(\",\", [for role in azurerm_role_assignment.host_storage : role.id]),\n", "", "does not wait for core: azurerm_role_assignment.host_storage"},
		{"the app does not wait for its rights", "core/app.tf", "    terraform_data.roles_propagated,\n", "", "core: azapi_resource.flex does not wait for core: terraform_data.roles_propagated"},
		{"the notifier is asked before it can answer", "notifier/main.tf", "  depends_on = [azurerm_logic_app_action_custom.handle, azurerm_role_assignment.notified]\n", "", "does not wait for notifier: azurerm_logic_app_action_custom.handle"},
		{"storage with account keys", example + "/main.tf", "storage_use_azuread = true", "storage_use_azuread = false", `storage_use_azuread is "false"`},
		{"accounts are waited for where they are out of reach", example + "/main.tf", "data_plane_available = false", "data_plane_available = true", `data_plane_available is "true"`},

		// the record
		{"the state can be destroyed", "core/state.tf", "    # Every request and its audit trail. Tables have no soft delete.\n    prevent_destroy = true", "    prevent_destroy = false", "protected: missing core: azurerm_storage_account.state prevent_destroy"},
		{"the keys can be destroyed", "core/vault.tf", "    prevent_destroy = true\n", "", "protected: missing core: azapi_resource.signing_key prevent_destroy"},

		// watching
		{"alerts tell nobody", "core/monitor.tf", "action_groups     = [azurerm_monitor_action_group.operators.id]", "action_groups     = []", `log["scan_silent"]: tells nobody`},
		{"late log lines are overlooked", "core/monitor.tf", "log_alert_window = { 5 = 15, 15 = 30 }", "log_alert_window = { 5 = 10, 15 = 30 }", `log["integrity_violation"]: looks back PT10M every PT5M`},
		{"a log line is told again and again", "core/monitor.tf", "local.log_alert_window[each.value.every_minutes] - each.value.every_minutes}M", "local.log_alert_window[each.value.every_minutes]}M", `log["scan_silent"]: is silent for PT30M, want PT15M`},
		{"log alerts are off", "core/monitor.tf", "  # The table exists only after the first line was logged.\n", "  enabled = false\n", `log["scan_silent"]: is off`},
		{"an alert looks for another member", "core/monitor.tf", "tostring(Line.alert) ==", "tostring(Line.alerts) ==", `log["scan_silent"]: the handler logs no member alerts`},
		{"an alert looks at another column", "core/monitor.tf", "where Success == false", "where Succeeded == false", "there is no column Succeeded"},
		{"an alert waits for another function", "core/monitor.tf", `OperationName == "Reconcile"`, `OperationName == "Reconciler"`, "there is no function Reconciler"},
		{"an alert counts what is not counted", "notifier/main.tf", `"RunsFailed"`, `"RunsFail"`, "Microsoft.Logic/workflows has no metric RunsFail"},
		{"rights are given unseen", "core/monitor.tf", "    rights_given    = {", "    rights_taken    = {", "missing rights_given"},
		{"nobody is told when the handler is down", "core/monitor.tf", "resource \"azurerm_monitor_metric_alert\" \"handler_down\" {", "resource \"azurerm_monitor_metric_alert\" \"handler_down\" {\n  count = 0", "missing handler_down"},
		{"an unsent mail counts as sent", "notifier/workflow.tf", `statusCode = 500`, `statusCode = 200`, "answers by outcome"},
		{"every delivery is mailed", "notifier/main.tf", `, { "If-None-Match" = "*" })`, `)`, "the notifier's claim takes what somebody has"},
		{"what somebody has in hand counts as sent", "notifier/workflow.tf", `'sent'),200,503)`, `'sent'),200,200)`, "a duplicate is answered @if"},
		{"nothing is sent without the state account", "notifier/main.tf", `runAfter   = { claim = ["Succeeded", "Failed", "TimedOut"] }`, `runAfter   = { claim = ["Succeeded"] }`, "without its blobs the notifier sends nothing"},
		{"an unsent mail is never tried again", "notifier/workflow.tf", `method = "DELETE"`, `method = "GET"`, "what the notifier could not send is never tried again"},
	},
	{
		{"deletions are not on record", "stage/main.tf", "  enabled_log {\n    category = \"StorageDelete\"\n  }\n", "", "azurerm_storage_account.stage logs: missing StorageDelete"},
		{"nobody is told of silence", "core/monitor.tf", "for_each = local.silence_alerts", "for_each = {}", "missing reconciler_silent"},
		{"nobody is told of dead letters", "core/monitor.tf", "resource \"azurerm_monitor_metric_alert\" \"events_dead_lettered\" {", "resource \"azurerm_monitor_metric_alert\" \"events_dead_lettered\" {\n  count = 0", "missing events_dead_lettered"},
		{"nobody is told of unsent mail", "notifier/main.tf", "resource \"azurerm_monitor_metric_alert\" \"notifier_failing\" {", "resource \"azurerm_monitor_metric_alert\" \"notifier_failing\" {\n  count = 0", "missing notifier_failing"},
		{"a log alert is gone", "core/monitor.tf", "    scan_silent            = {", "    scan_quiet             = {", "missing scan_silent"},
		{"a time-out counts as sent", "notifier/workflow.tf", `runAfter = { events = ["Failed", "TimedOut"] }`, `runAfter = { events = ["Failed"] }`, "answers by outcome"},
		{"nobody asks for the app's health", "core/monitor.tf", "/api/health\"\n", "/api/healthy\"\n", "does not ask for the app's health"},
		{"premium: outside the network", "core/app.tf", "  virtual_network_subnet_id                      = var.function_subnet_id\n", "", "premium: one identity and no keys in the app: module.core.azurerm_linux_function_app.premium[0]: goes out beside"},
		{"premium: publishing passwords", "core/app.tf", "webdeploy_publish_basic_authentication_enabled = false", "webdeploy_publish_basic_authentication_enabled = true", "azurerm_linux_function_app.premium[0]: publishing passwords"},
		{"premium: settings of another kind", "core/app.tf", `if name != "APPLICATIONINSIGHTS_CONNECTION_STRING"`, `if !startswith(name, "APPLICATIONINSIGHTS_")`, "premium: the settings lead where the plan leads: settings: missing APPLICATIONINSIGHTS_AUTHENTICATION_STRING"},
		{"the portal asks for keys", "stage/main.tf", "default_to_oauth_authentication = true", "default_to_oauth_authentication = false", "the portal asks for keys first"},
		{"deleted dead letters are gone", "core/state.tf", "    container_delete_retention_policy {\n      days = 7\n    }\n", "", "azurerm_storage_account.state: container_delete_retention_policy 0"},
		{"operators have no address", "core/monitor.tf", "for_each = var.alert_emails", "for_each = {}", "azurerm_monitor_action_group.operators: tells nobody"},
	},
}

func TestDamageIsNoticed(t *testing.T) {
	whole, p := examplePlan(t)
	s := readSources(t)
	for _, group := range damages {
		told := map[string]string{}
		for _, d := range group {
			require.Empty(t, told[d.noticed], "%s and this cannot be told apart: %s", told[d.noticed], d.name)
			told[d.noticed] = d.name
		}
		all := s.damaged(t, whole, p, group, func(int) bool { return true })
		for _, d := range group {
			t.Run(d.name, func(t *testing.T) {
				assert.True(t, strings.Contains(all, d.noticed), "nobody says %q", d.noticed)
			})
		}
		if t.Failed() {
			t.Logf("what was noticed:\n%s", all)
		}
	}
}

// Is each damage noticed by what it says, or did another of its group take the
// credit? Half of a group is done to a copy, by one binary digit of its members'
// numbers after the other: a finding is there just when its damage is. It takes
// minutes; after changing damages run it with INFRA_DAMAGES=apart.
func TestDamagesAreToldApart(t *testing.T) {
	if os.Getenv("INFRA_DAMAGES") != "apart" {
		t.Skip("INFRA_DAMAGES=apart runs it")
	}
	whole, p := examplePlan(t)
	s := readSources(t)
	for _, group := range damages {
		for digit := range bits.Len(uint(len(group))) {
			done := func(i int) bool { return (i+1)>>digit&1 == 1 }
			all := s.damaged(t, whole, p, group, done)
			for i, d := range group {
				assert.Equal(t, done(i), strings.Contains(all, d.noticed), "%s (digit %d): %q", d.name, digit, d.noticed)
			}
		}
	}
}

// damaged does some of a group to a copy and returns the complaints.
func (s sources) damaged(t *testing.T, whole *Workbench, p *Plan, group []damage, done func(i int) bool) string {
	t.Helper()
	b, err := whole.Copy(t.TempDir())
	require.NoError(t, err)
	for i, d := range group {
		if done(i) {
			assert.NoError(t, b.Replace(d.file, d.old, d.replacement), d.name)
		}
	}
	return strings.Join(s.findings(t, b, p), "\n")
}
