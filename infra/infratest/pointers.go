package infratest

import (
	"regexp"
	"slices"
	"strings"
)

// promisedPointers is who points at whom in the example: every id, address or
// principal of one resource in another one. Both ways: what points elsewhere, or
// at nothing, is found, and what points at something new is to be written down
// here. [=] is a key of the resource itself, e.g. its workspace; a resource
// without module. before it is in the same module.
//
//nolint:misspell // a provider's names
const promisedPointers = `
# who has which right, and where: no wider than this
core: azurerm_role_assignment.state_key principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.state_key scope -> azurerm_key_vault.airlock/secrets/airlock-state-key
core: azurerm_role_assignment.dead_letter_blobs principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.dead_letter_blobs role_definition_id -> azurerm_role_definition.airlock[dead_letters].role_definition_resource_id
core: azurerm_role_assignment.dead_letter_blobs scope -> azurerm_storage_container.dead_letters
core: azurerm_role_assignment.dead_letter_queues principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.dead_letter_queues scope -> azurerm_storage_account.state
core: azurerm_role_assignment.inspections principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.inspections role_definition_id -> azurerm_role_definition.airlock[inspections].role_definition_resource_id
core: azurerm_role_assignment.inspections scope -> azurerm_storage_container.inspect
core: azurerm_role_assignment.evidence principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.evidence role_definition_id -> azurerm_role_definition.airlock[evidence].role_definition_resource_id
core: azurerm_role_assignment.evidence scope -> azurerm_storage_account.evidence
core: azurerm_role_assignment.host_storage principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.host_storage scope -> azurerm_storage_account.host
core: azurerm_role_assignment.publish principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.publish scope -> azurerm_eventgrid_topic.topic[=]
core: azurerm_role_assignment.signing_key principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.signing_key role_definition_id -> azurerm_role_definition.airlock[signer].role_definition_resource_id
core: azurerm_role_assignment.signing_key scope -> azurerm_key_vault.airlock/keys/airlock-signing
core: azurerm_role_assignment.state_tables principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.state_tables role_definition_id -> azurerm_role_definition.airlock[table_rows].role_definition_resource_id
core: azurerm_role_assignment.state_tables[AirlockRequests] scope -> azurerm_storage_account.state/tableServices/default/tables/AirlockRequests
core: azurerm_role_assignment.state_tables[AirlockRequestWorkspaces] scope -> azurerm_storage_account.state/tableServices/default/tables/AirlockRequestWorkspaces
core: azurerm_role_assignment.state_tables[AirlockWorkspaces] scope -> azurerm_storage_account.state/tableServices/default/tables/AirlockWorkspaces
core: azurerm_role_assignment.state_tables[AirlockParkedEvents] scope -> azurerm_storage_account.state/tableServices/default/tables/AirlockParkedEvents
core: azurerm_role_assignment.telemetry principal_id -> azurerm_user_assigned_identity.airlock.principal_id
core: azurerm_role_assignment.telemetry scope -> azurerm_application_insights.airlock
notifier: azurerm_role_assignment.notified principal_id -> azurerm_logic_app_workflow.notifier.principal_id
notifier: azurerm_role_assignment.notified scope -> module.core.azurerm_storage_container.notified
core: azurerm_role_assignment.topic_dead_letters principal_id -> azurerm_eventgrid_topic.topic[=].principal_id
core: azurerm_role_assignment.topic_dead_letters scope -> azurerm_storage_container.dead_letters
stage: azurerm_role_assignment.dead_letters principal_id -> azurerm_eventgrid_system_topic.blobs.principal_id
stage: azurerm_role_assignment.dead_letters scope -> module.core.azurerm_storage_container.dead_letters
stage: azurerm_role_assignment.scan_tags principal_id -> module.core.azurerm_user_assigned_identity.airlock.principal_id
stage: azurerm_role_assignment.scan_tags role_definition_id -> module.core.azurerm_role_definition.airlock[scan_tags].role_definition_resource_id
stage: azurerm_role_assignment.scan_tags scope -> azurerm_storage_account.stage
stage: azurerm_role_assignment.service principal_id -> module.core.azurerm_user_assigned_identity.airlock.principal_id
stage: azurerm_role_assignment.service scope -> azurerm_storage_account.stage

# private endpoints: in which network, to what, found through which zone
core: azurerm_private_endpoint.evidence private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.zone[blob]
core: azurerm_private_endpoint.evidence private_service_connection.private_connection_resource_id -> azurerm_storage_account.evidence
core: azurerm_private_endpoint.evidence subnet_id -> azurerm_subnet.core_endpoints[operations]
core: azurerm_private_endpoint.host private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.zone[=]
core: azurerm_private_endpoint.host private_service_connection.private_connection_resource_id -> azurerm_storage_account.host
core: azurerm_private_endpoint.host subnet_id -> azurerm_subnet.core_endpoints[operations]
core: azurerm_private_endpoint.state private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.zone[=]
core: azurerm_private_endpoint.state private_service_connection.private_connection_resource_id -> azurerm_storage_account.state
core: azurerm_private_endpoint.state subnet_id -> azurerm_subnet.core_endpoints[operations]
core: azurerm_private_endpoint.topic private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.zone[eventgrid]
core: azurerm_private_endpoint.topic private_service_connection.private_connection_resource_id -> azurerm_eventgrid_topic.topic[=]
core: azurerm_private_endpoint.topic subnet_id -> azurerm_subnet.core_endpoints[operations]
core: azurerm_private_endpoint.vault private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.zone[vault]
core: azurerm_private_endpoint.vault private_service_connection.private_connection_resource_id -> azurerm_key_vault.airlock
core: azurerm_private_endpoint.vault subnet_id -> azurerm_subnet.core_endpoints[operations]
stage: azurerm_private_endpoint.blob private_service_connection.private_connection_resource_id -> azurerm_storage_account.stage
stage: azurerm_private_endpoint.blob[core] private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.zone[blob]
stage: azurerm_private_endpoint.blob[core] subnet_id -> azurerm_subnet.core_endpoints[review]
stage: azurerm_private_endpoint.blob[core] subnet_id -> azurerm_subnet.core_endpoints[stages]
stage: azurerm_private_endpoint.blob[workspace] private_dns_zone_group.private_dns_zone_ids -> azurerm_private_dns_zone.workspace[=]
stage: azurerm_private_endpoint.blob[workspace] subnet_id -> azurerm_subnet.workspace_endpoints[=]

# the networks
example: azurerm_private_dns_zone_virtual_network_link.core private_dns_zone_id -> azurerm_private_dns_zone.zone[=]
example: azurerm_private_dns_zone_virtual_network_link.core virtual_network_id -> azurerm_virtual_network.core
example: azurerm_private_dns_zone_virtual_network_link.workspace private_dns_zone_id -> azurerm_private_dns_zone.workspace[=]
example: azurerm_private_dns_zone_virtual_network_link.workspace virtual_network_id -> azurerm_virtual_network.workspace[=]
example: azurerm_subnet_network_security_group_association.core network_security_group_id -> azurerm_network_security_group.core[=]
example: azurerm_subnet_network_security_group_association.core subnet_id -> azurerm_subnet.core_endpoints[=]
example: azurerm_subnet_network_security_group_association.workspace network_security_group_id -> azurerm_network_security_group.workspace[=]
example: azurerm_subnet_network_security_group_association.workspace subnet_id -> azurerm_subnet.workspace_endpoints[=]

# events: from where, and where to when they cannot be delivered
core: azurerm_eventgrid_event_subscription.topic scope -> azurerm_eventgrid_topic.topic[=]
core: azurerm_eventgrid_event_subscription.topic storage_blob_dead_letter_destination.storage_account_id -> azurerm_storage_account.state
core: azurerm_eventgrid_system_topic.state source_resource_id -> azurerm_storage_account.state
notifier: azurerm_eventgrid_event_subscription.notification scope -> module.core.azurerm_eventgrid_topic.topic[notification]
notifier: azurerm_eventgrid_event_subscription.notification storage_blob_dead_letter_destination.storage_account_id -> module.core.azurerm_storage_account.state
notifier: azurerm_eventgrid_event_subscription.notification webhook_endpoint.url -> azurerm_logic_app_trigger_http_request.notification.callback_url
stage: azurerm_eventgrid_system_topic.blobs source_resource_id -> azurerm_storage_account.stage
stage: azurerm_eventgrid_system_topic_event_subscription.blob_created storage_blob_dead_letter_destination.storage_account_id -> module.core.azurerm_storage_account.state
stage: azurerm_security_center_storage_defender.scan scan_results_event_grid_topic_id -> module.core.azurerm_eventgrid_topic.topic[scan_result]
stage: azurerm_security_center_storage_defender.scan storage_account_id -> azurerm_storage_account.stage

# what is watched, and who is told
core: azurerm_application_insights.airlock workspace_id -> azurerm_log_analytics_workspace.airlock
core: azurerm_application_insights_standard_web_test.health application_insights_id -> azurerm_application_insights.airlock
core: azurerm_monitor_activity_log_alert.changes action.action_group_id -> azurerm_monitor_action_group.operators
core: azurerm_monitor_metric_alert.events_dead_lettered action.action_group_id -> azurerm_monitor_action_group.operators
core: azurerm_monitor_metric_alert.events_dead_lettered scopes -> azurerm_eventgrid_system_topic.state
core: azurerm_monitor_metric_alert.handler_down action.action_group_id -> azurerm_monitor_action_group.operators
core: azurerm_monitor_metric_alert.handler_down application_insights_web_test_location_availability_criteria.component_id -> azurerm_application_insights.airlock
core: azurerm_monitor_metric_alert.handler_down application_insights_web_test_location_availability_criteria.web_test_id -> azurerm_application_insights_standard_web_test.health
core: azurerm_monitor_metric_alert.handler_down scopes -> azurerm_application_insights.airlock
core: azurerm_monitor_metric_alert.handler_down scopes -> azurerm_application_insights_standard_web_test.health
core: azurerm_monitor_scheduled_query_rules_alert_v2.log action.action_groups -> azurerm_monitor_action_group.operators
core: azurerm_monitor_scheduled_query_rules_alert_v2.log scopes -> azurerm_log_analytics_workspace.airlock
core: azurerm_monitor_scheduled_query_rules_alert_v2.silence action.action_groups -> azurerm_monitor_action_group.operators
core: azurerm_monitor_scheduled_query_rules_alert_v2.silence scopes -> azurerm_log_analytics_workspace.airlock
notifier: azurerm_monitor_metric_alert.notifier_failing action.action_group_id -> module.core.azurerm_monitor_action_group.operators
notifier: azurerm_monitor_metric_alert.notifier_failing scopes -> azurerm_logic_app_workflow.notifier
stage: azurerm_monitor_diagnostic_setting.blob log_analytics_workspace_id -> module.core.azurerm_log_analytics_workspace.airlock
stage: azurerm_monitor_diagnostic_setting.blob target_resource_id -> azurerm_storage_account.stage/blobServices/default

# storage and keys
core: azapi_resource.table parent_id -> azurerm_storage_account.state/tableServices/default
core: azapi_resource.signing_key parent_id -> azurerm_key_vault.airlock
core: azurerm_storage_container.dead_letters storage_account_id -> azurerm_storage_account.state
core: azurerm_storage_container.inspect storage_account_id -> azurerm_storage_account.state
core: azurerm_storage_container.notified storage_account_id -> azurerm_storage_account.state
core: azurerm_storage_management_policy.state storage_account_id -> azurerm_storage_account.state
core: azurerm_storage_container.evidence storage_account_id -> azurerm_storage_account.evidence
core: azurerm_storage_container.packages storage_account_id -> azurerm_storage_account.host
core: azurerm_storage_container_immutability_policy.worm storage_container_resource_manager_id -> azurerm_storage_container.evidence[=]

# the app
core: azapi_resource.flex body.properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId -> azurerm_user_assigned_identity.airlock
core: azapi_resource.flex body.properties.keyVaultReferenceIdentity -> azurerm_user_assigned_identity.airlock
core: azapi_resource.flex body.properties.serverFarmId -> azurerm_service_plan.airlock
core: azapi_resource.flex body.properties.virtualNetworkSubnetId -> azurerm_subnet.functions
core: azapi_resource.flex identity.identity_ids -> azurerm_user_assigned_identity.airlock
core: azapi_update_resource.no_publishing_password parent_id -> azapi_resource.flex

# the notifier
notifier: azurerm_logic_app_action_custom.handle logic_app_id -> azurerm_logic_app_workflow.notifier
notifier: azurerm_logic_app_trigger_http_request.notification logic_app_id -> azurerm_logic_app_workflow.notifier
notifier: azurerm_logic_app_workflow.notifier parameters.$connections -> azurerm_api_connection.mail
`

// compactPointers come with accounts that serve several stages.
var compactPointers = []string{"stage: azapi_update_resource.scan_filters parent_id -> azurerm_storage_account.stage"}

// checkPointers asks a plan with known ids.
func checkPointers(p *Plan) []string {
	var f findings
	var want []string
	for line := range strings.Lines(promisedPointers) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	if p.Compact {
		want = append(want, compactPointers...)
	}
	f.same("who points at whom", want, pointers(p))
	return f
}

var named = regexp.MustCompile(`<[^<>]+>`)

// pointers lists "kind[key] attribute -> target", the key only where instances
// of a resource point at different things.
func pointers(p *Plan) []string {
	type line struct{ source, key, attribute, target string }
	var all []line
	targets := map[string][]string{}
	for _, r := range p.Resources {
		address := strings.ReplaceAll(r.Address, `"`, "")
		eachText(r.Values, "", func(attribute, text string) {
			list := named.FindAllString(text, -1)
			if len(list) == 1 && strings.HasPrefix(text, "<") {
				list = []string{text}
			}
			for _, target := range list {
				if strings.HasPrefix(target, "<"+address) || strings.Contains(attribute, "appSettings") || attribute == "app_settings" {
					continue // its own, or asked for by name in settings.go
				}
				l := line{r.Kind(), keyOf(r.Address), attribute, seenFrom(address, target)}
				all = append(all, l)
				targets[l.source+l.attribute] = append(targets[l.source+l.attribute], l.target)
			}
		})
	}
	var lines []string
	for _, l := range all {
		if different := targets[l.source+l.attribute]; l.key != "" && slices.Max(different) != slices.Min(different) {
			l.source += "[" + l.key + "]"
		}
		lines = append(lines, l.source+" "+l.attribute+" -> "+l.target)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

var (
	key    = regexp.MustCompile(`\[([^\]]+)\]`)
	module = regexp.MustCompile(`^(module\.\w+(\[[^\]]+\])?\.)*`)
)

// seenFrom writes a target as one resource sees it: its own keys as [=], its own
// module left out.
func seenFrom(source, target string) string {
	target = strings.NewReplacer("<"+module.FindString(source), "", "<", "", ">", "", "[0]", "").Replace(target)
	for _, k := range key.FindAllStringSubmatch(source, -1) {
		target = strings.ReplaceAll(target, k[0], "[=]")
	}
	return target
}

// eachText visits every string of a value with the members that lead to it.
func eachText(v any, path string, visit func(path, text string)) {
	switch node := v.(type) {
	case map[string]any:
		for k, inner := range node {
			eachText(inner, strings.TrimPrefix(path+"."+k, "."), visit)
		}
	case []any:
		for _, inner := range node {
			eachText(inner, path, visit)
		}
	case string:
		visit(path, node)
	}
}
