output "api_url" {
  description = "Base address of the HTTP API."
  value       = "https://${local.app_hostname}/api"
}

output "app_name" {
  description = "Name of the Functions app."
  value       = local.names.app
}

output "app_settings" {
  description = "Every setting of the app, host's and handler's. Holds no secret except the telemetry connection string, which names an endpoint and opens nothing (local authentication is off)."
  value       = local.app_settings
  sensitive   = true
}

output "accounts" {
  description = "Name of each of the five core stages' account."
  value       = { for code, account in local.account_of : code => module.stage[account].name }
}

output "link_hosts" {
  description = "Hosts that links of the core accounts point to; people's firewalls have to let stalimex and stalexapp through."
  value       = { for code, account in local.account_of : code => "${local.names[account]}.blob.${var.storage_suffix}" }
}

output "portal_url" {
  description = "Address of the portal; also the redirect URI of its registration (entra/register.sh client)."
  value       = "https://${local.app_hostname}/api/ui"
}

output "portal_hosts" {
  description = "Hosts that a machine has to reach for the portal: the app's and those of the sign-in. Links need link_hosts as well."
  value       = concat([for origin in local.portal_origins : trimprefix(origin, "https://")], ["login.microsoftonline.com", "*.msauth.net", "*.msftauth.net"])
}

output "identity" {
  description = "The service identity: its Graph permissions are granted to principal_id (docs/DEPLOY.md)."
  value = {
    id           = azurerm_user_assigned_identity.airlock.id
    client_id    = azurerm_user_assigned_identity.airlock.client_id
    principal_id = azurerm_user_assigned_identity.airlock.principal_id
  }
}

output "evidence" {
  description = "Where anchors and receipts are kept, and the key that signs them; GET /api/receipt-keys has its public half."
  value = {
    account     = local.names.stalevidence
    signing_key = local.handler_settings.AIRLOCK_SIGNING_KEY
    worm_days   = var.worm_days
    worm_locked = var.worm_locked
    state_key   = local.handler_settings.AIRLOCK_STATE_KEY
  }
}

output "alerts" {
  description = "Names of the alert rules; each is a heading in docs/RUNBOOK.md."
  value       = sort(concat(keys(local.log_alerts), keys(local.silence_alerts), keys(local.change_alerts), ["events_dead_lettered", "handler_down"]))
}

output "gates_topic" {
  description = "The topic infra/gate subscribes to, once for each external gate."
  value = {
    id   = azurerm_eventgrid_topic.topic["gates"].id
    name = azurerm_eventgrid_topic.topic["gates"].name
  }
}

output "notification_topic" {
  description = "The topic infra/notifier subscribes to."
  value = {
    id   = azurerm_eventgrid_topic.topic["notification"].id
    name = azurerm_eventgrid_topic.topic["notification"].name
  }
}

output "dead_letters" {
  description = "Where undeliverable events go; for infra/notifier."
  value = {
    account_id            = azurerm_storage_account.state.id
    container             = azurerm_storage_container.dead_letters.name
    max_delivery_attempts = local.max_delivery_attempts
    event_time_to_live    = local.event_time_to_live_minute
  }
}

output "notified" {
  description = "Where the notifier notes what it has sent; for infra/notifier."
  value = {
    container_id = azurerm_storage_container.notified.id
    url          = "https://${local.names.stalstate}.blob.${var.storage_suffix}/${azurerm_storage_container.notified.name}"
  }
}

output "action_group_id" {
  description = "Who gets the alerts; for infra/notifier."
  value       = azurerm_monitor_action_group.operators.id
}

output "for_workspaces" {
  description = "Everything infra/workspace needs from the core, in one value."
  value = {
    tre_id                     = var.tre_id
    subscription_id            = local.subscription_id
    location                   = var.location
    storage_suffix             = var.storage_suffix
    portal_origins             = local.portal_origins
    service_principal_id       = azurerm_user_assigned_identity.airlock.principal_id
    service_endpoint           = { subnet_id = var.private_endpoint_subnet_ids.stages, private_dns_zone_id = var.private_dns_zone_ids.blob }
    log_analytics_workspace_id = azurerm_log_analytics_workspace.airlock.id
    storage_logs               = var.storage_logs
    scan_results_topic_id      = azurerm_eventgrid_topic.topic["scan_result"].id
    scanner_id                 = local.scanner_id
    tags_role_id               = azurerm_role_definition.airlock["scan_tags"].role_definition_resource_id
    blob_created               = local.blob_created
  }
  depends_on = [terraform_data.package]
}
