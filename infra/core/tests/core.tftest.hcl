# The core as a whole. Plans only: state, evidence and key must not be destroyed, so a test cannot clean them up either.

mock_provider "azurerm" {
  source          = "../mocks/azurerm"
  override_during = plan
}

mock_provider "azapi" {
  source          = "../mocks/azapi"
  override_during = plan
}

variables {
  tre_id              = "test"
  resource_group_name = "rg"
  location            = "westeurope"
  function_subnet_id  = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/functions"
  private_endpoint_subnet_ids = {
    stages     = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/stages"
    review     = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/review"
    operations = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/operations"
  }
  private_dns_zone_ids = {
    blob      = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
    queue     = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.queue.core.windows.net"
    table     = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.table.core.windows.net"
    vault     = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
    eventgrid = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.eventgrid.azure.net"
  }
  api = {
    audience   = "22222222-2222-4222-8222-222222222222"
    root_scope = "api://22222222-2222-4222-8222-222222222222"
    client_id  = "33333333-3333-4333-8333-333333333333"
  }
  alert_emails             = { operations = "operations@example.org" }
  role_propagation_seconds = 0
}

run "defaults" {
  command = plan

  assert {
    condition     = output.accounts == { stalimex = "stalimextest", stalimip = "stalimiptest", stalimrej = "stalimrejtest", stalimblocked = "stalimblockedtest", stalexapp = "stalexapptest" }
    error_message = "the core accounts do not end in the TRE id"
  }
  assert {
    condition     = length(azapi_resource.flex) == 1 && length(azurerm_linux_function_app.premium) == 0 && azurerm_service_plan.airlock.sku_name == "FC1"
    error_message = "the default plan is not Flex Consumption"
  }
  assert {
    condition     = azapi_resource.flex[0].body.properties.functionAppConfig.runtime.name == "custom" && azapi_resource.flex[0].body.properties.httpsOnly
    error_message = "not a custom handler behind https"
  }
  assert {
    condition     = azapi_resource.flex[0].body.properties.functionAppConfig.deployment.storage.authentication.type == "UserAssignedIdentity"
    error_message = "the package is fetched with a key"
  }
  assert {
    condition     = !contains(keys(output.app_settings), "AzureWebJobsStorage") && output.app_settings["AzureWebJobsStorage__credential"] == "managedidentity"
    error_message = "the host's storage is not reached by identity"
  }
  assert {
    condition     = alltrue([for value in values(output.app_settings) : !strcontains(value, "AccountKey") && !strcontains(value, "sig=")])
    error_message = "a setting holds a key"
  }
  assert {
    condition     = azurerm_storage_account.evidence.public_network_access_enabled == false && azurerm_storage_account.state.network_rules[0].default_action == "Deny"
    error_message = "state or evidence is reachable from outside"
  }
  assert {
    condition     = toset(keys(azapi_resource.table)) == toset(["AirlockRequests", "AirlockRequestWorkspaces", "AirlockWorkspaces", "AirlockParkedEvents"])
    error_message = "a table is missing or too many"
  }
  assert {
    condition     = toset([for container in azurerm_storage_container.evidence : container.name]) == toset(["anchors", "receipts", "findings"]) && length(azurerm_storage_container_immutability_policy.worm) == 3
    error_message = "evidence is not write-once"
  }
  assert {
    condition     = alltrue([for topic in azurerm_eventgrid_topic.topic : !topic.local_auth_enabled])
    error_message = "a topic accepts keys"
  }
  assert {
    condition     = [for name, topic in azurerm_eventgrid_topic.topic : name if topic.public_network_access_enabled] == ["scan_result"]
    error_message = "only Defender's topic is public"
  }
  assert {
    condition     = azurerm_key_vault.airlock.rbac_authorization_enabled && azurerm_key_vault.airlock.purge_protection_enabled && !azurerm_key_vault.airlock.public_network_access_enabled
    error_message = "the vault can be purged or is public"
  }
  assert {
    condition     = azapi_resource.signing_key.body.properties.kty == "EC" && azapi_resource.signing_key.body.properties.curveName == "P-256"
    error_message = "receipts are signed with another kind of key"
  }
  assert {
    condition     = alltrue([for action in azurerm_role_definition.airlock["evidence"].permissions[0].data_actions : endswith(action, "/blobs/read") || endswith(action, "/blobs/add/action")])
    error_message = "the service can overwrite or delete evidence"
  }
}

# Which topic, which account: every id is its own here, so an id in the wrong place shows.
run "wiring" {
  command = plan

  override_resource {
    target          = azurerm_eventgrid_topic.topic["status_changed"]
    override_during = plan
    values = {
      id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/status_changed"
      endpoint = "https://status-changed.westeurope-1.eventgrid.azure.net/api/events"
    }
  }

  override_resource {
    target          = azurerm_eventgrid_topic.topic["notification"]
    override_during = plan
    values = {
      id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/notification"
      endpoint = "https://notification.westeurope-1.eventgrid.azure.net/api/events"
    }
  }

  override_resource {
    target          = azurerm_eventgrid_topic.topic["step_result"]
    override_during = plan
    values = {
      id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/step_result"
      endpoint = "https://step-result.westeurope-1.eventgrid.azure.net/api/events"
    }
  }

  override_resource {
    target          = azurerm_eventgrid_topic.topic["data_deletion"]
    override_during = plan
    values = {
      id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/data_deletion"
      endpoint = "https://data-deletion.westeurope-1.eventgrid.azure.net/api/events"
    }
  }

  override_resource {
    target          = azurerm_eventgrid_topic.topic["gates"]
    override_during = plan
    values = {
      id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/gates"
      endpoint = "https://gates.westeurope-1.eventgrid.azure.net/api/events"
    }
  }

  override_resource {
    target          = azurerm_eventgrid_topic.topic["scan_result"]
    override_during = plan
    values = {
      id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scan_result"
      endpoint = "https://scan-result.westeurope-1.eventgrid.azure.net/api/events"
    }
  }

  override_resource {
    target          = azurerm_storage_account.state
    override_during = plan
    values = {
      id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state"
    }
  }

  override_resource {
    target          = azurerm_storage_account.evidence
    override_during = plan
    values = {
      id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/evidence"
    }
  }

  override_resource {
    target          = azurerm_storage_account.host
    override_during = plan
    values = {
      id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/host"
    }
  }

  assert {
    condition     = alltrue([for name, subscription in azurerm_eventgrid_event_subscription.topic : endswith(subscription.scope, "/topics/${name}")])
    error_message = "a subscription listens to another topic"
  }
  assert {
    condition = alltrue([
      output.app_settings["AIRLOCK_TOPIC_STATUS_CHANGED"] == "https://status-changed.westeurope-1.eventgrid.azure.net/api/events",
      output.app_settings["AIRLOCK_TOPIC_NOTIFICATION"] == "https://notification.westeurope-1.eventgrid.azure.net/api/events",
      output.app_settings["AIRLOCK_TOPIC_STEP_RESULT"] == "https://step-result.westeurope-1.eventgrid.azure.net/api/events",
      output.app_settings["AIRLOCK_TOPIC_DATA_DELETION"] == "https://data-deletion.westeurope-1.eventgrid.azure.net/api/events",
      output.app_settings["AIRLOCK_TOPIC_GATES"] == "https://gates.westeurope-1.eventgrid.azure.net/api/events",
    ])
    error_message = "the service publishes to another topic"
  }
  assert {
    condition     = alltrue([for name, role in azurerm_role_assignment.publish : endswith(role.scope, "/topics/${name}")]) && length(azurerm_role_assignment.publish) == 5
    error_message = "the service may publish elsewhere"
  }
  assert {
    condition     = endswith(output.notification_topic.id, "/topics/notification") && endswith(output.for_workspaces.scan_results_topic_id, "/topics/scan_result")
    error_message = "the notifier or the workspaces get another topic"
  }
  assert {
    condition = alltrue(concat(
      [for subscription in azurerm_eventgrid_event_subscription.topic : endswith(subscription.storage_blob_dead_letter_destination[0].storage_account_id, "/storageAccounts/state")],
      [endswith(output.dead_letters.account_id, "/storageAccounts/state"), endswith(output.for_workspaces.blob_created.dead_letter_account_id, "/storageAccounts/state")],
      [endswith(azurerm_storage_container.dead_letters.storage_account_id, "/storageAccounts/state"), endswith(azurerm_eventgrid_system_topic.state.source_resource_id, "/storageAccounts/state")],
    ))
    error_message = "dead letters go to another account"
  }
  assert {
    condition = alltrue(concat(
      [for container in azurerm_storage_container.evidence : endswith(container.storage_account_id, "/storageAccounts/evidence")],
      [endswith(azurerm_role_assignment.evidence.scope, "/storageAccounts/evidence")],
      [for name, role in azurerm_role_assignment.state_tables : endswith(role.scope, "/storageAccounts/state/tableServices/default/tables/${name}")],
      [for role in azurerm_role_assignment.host_storage : endswith(role.scope, "/storageAccounts/host")],
    ))
    error_message = "a right is given on another account"
  }
  assert {
    condition = alltrue(concat(
      [for endpoint in azurerm_private_endpoint.state : endswith(endpoint.private_service_connection[0].private_connection_resource_id, "/storageAccounts/state")],
      [for endpoint in azurerm_private_endpoint.host : endswith(endpoint.private_service_connection[0].private_connection_resource_id, "/storageAccounts/host")],
      [endswith(azurerm_private_endpoint.evidence.private_service_connection[0].private_connection_resource_id, "/storageAccounts/evidence")],
      [for name, endpoint in azurerm_private_endpoint.topic : endswith(endpoint.private_service_connection[0].private_connection_resource_id, "/topics/${name}")],
    ))
    error_message = "a private endpoint leads elsewhere"
  }
  assert {
    condition = alltrue(concat(
      [for code, stage in module.stage : endswith(stage.private_endpoints["core"].subnet_id, code == "stalimip" ? "/subnets/review" : "/subnets/stages")],
      [endswith(output.for_workspaces.service_endpoint.subnet_id, "/subnets/stages")],
      [for endpoint in concat(values(azurerm_private_endpoint.state), values(azurerm_private_endpoint.host), values(azurerm_private_endpoint.topic), [azurerm_private_endpoint.evidence, azurerm_private_endpoint.vault]) : endswith(endpoint.subnet_id, "/subnets/operations")],
    ))
    error_message = "people who may reach one kind of endpoint reach another"
  }
}

run "dead_letters_are_told" {
  command = plan
  assert {
    condition     = azurerm_monitor_metric_alert.events_dead_lettered.criteria[0].metric_name == "MatchedEventCount" && one(azurerm_monitor_metric_alert.events_dead_lettered.scopes) == azurerm_eventgrid_system_topic.state.id
    error_message = "dead letters are told to nobody"
  }
  assert {
    condition     = one(one(azurerm_monitor_metric_alert.events_dead_lettered.criteria[0].dimension).values) == "OnDeadLetter" && one(azurerm_monitor_metric_alert.events_dead_lettered.action).action_group_id == azurerm_monitor_action_group.operators.id
    error_message = "the alert watches another subscription, or reaches nobody"
  }
}

run "what_is_always_ready" {
  command = plan
  assert {
    condition     = { for group in azapi_resource.flex[0].body.properties.functionAppConfig.scaleAndConcurrency.alwaysReady : group.name => group.instanceCount } == { blob = 1, "function:OnScanResult" = 1 }
    error_message = "the first verdict after idle hours, or the first notice of a dead letter, meets a cold instance"
  }
}

run "nothing_need_be_always_ready" {
  command = plan
  variables {
    flex = { always_ready = { http = 2, blob = 0 } }
  }
  assert {
    condition     = { for group in azapi_resource.flex[0].body.properties.functionAppConfig.scaleAndConcurrency.alwaysReady : group.name => group.instanceCount } == { http = 2 }
    error_message = "other groups than asked for are always ready"
  }
}

run "an_unknown_group_is_refused" {
  command = plan
  variables {
    flex = { always_ready = { OnScanResult = 1 } }
  }
  expect_failures = [var.flex]
}

run "premium" {
  command = plan
  variables {
    plan = "premium"
  }
  assert {
    condition     = length(azapi_resource.flex) == 0 && length(azurerm_linux_function_app.premium) == 1 && azurerm_service_plan.airlock.sku_name == "EP1"
    error_message = "premium is not Elastic Premium"
  }
  assert {
    condition = alltrue([
      azurerm_linux_function_app.premium[0].storage_uses_managed_identity,
      azurerm_linux_function_app.premium[0].content_share_force_disabled,
      azurerm_linux_function_app.premium[0].https_only,
      !azurerm_linux_function_app.premium[0].ftp_publish_basic_authentication_enabled,
      !azurerm_linux_function_app.premium[0].webdeploy_publish_basic_authentication_enabled,
      azurerm_linux_function_app.premium[0].site_config[0].application_stack[0].use_custom_runtime,
    ])
    error_message = "the premium app uses keys, passwords or another runtime"
  }
  assert {
    condition     = toset([for name in keys(output.app_settings) : name if name != "APPLICATIONINSIGHTS_CONNECTION_STRING"]) == toset(keys(azurerm_linux_function_app.premium[0].app_settings))
    error_message = "the plans have different settings"
  }
}

run "callers_can_be_narrowed" {
  command = plan
  variables {
    api_ip_ranges = ["198.51.100.0/24"]
  }
  assert {
    condition     = azapi_resource.flex[0].body.properties.siteConfig.ipSecurityRestrictionsDefaultAction == "Deny"
    error_message = "everybody can still call"
  }
  assert {
    condition     = contains([for rule in azapi_resource.flex[0].body.properties.siteConfig.ipSecurityRestrictions : rule.ipAddress], "AzureEventGrid")
    error_message = "Event Grid cannot deliver any more"
  }
}

run "who_deploys_gets_to_the_narrowed_app" {
  command = plan
  variables {
    api_ip_ranges      = ["198.51.100.0/24"]
    deployer_ip_ranges = ["203.0.113.7", "203.0.113.8/30"]
  }
  assert {
    condition = toset([for rule in azapi_resource.flex[0].body.properties.siteConfig.ipSecurityRestrictions : rule.ipAddress]) == toset([
      "198.51.100.0/24", "203.0.113.7/32", "203.0.113.8/30", "AzureEventGrid", "ApplicationInsightsAvailability",
    ])
    error_message = "the deployment would wait for an app that refuses it"
  }
}

run "a_deployer_inside_is_warned" {
  command = plan
  variables {
    api_ip_ranges = ["198.51.100.0/24"]
    package_path  = "tests/core.tftest.hcl" # any file will do
  }
  expect_failures = [check.the_deployer_reaches_the_app]
}

run "a_range_that_is_none_is_refused" {
  command = plan
  variables {
    api_ip_ranges = ["198.51.100"]
  }
  expect_failures = [var.api_ip_ranges]
}

run "without_scanning" {
  command = plan
  variables {
    malware_scanning = false
  }
  assert {
    condition     = output.accounts["stalimip"] == "stalimiptest"
    error_message = "the stage is gone"
  }
}

run "reviewers_have_networks_of_their_own" {
  command = plan
  variables {
    review_endpoints = {
      secure = {
        subnet_id           = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/review/providers/Microsoft.Network/virtualNetworks/review/subnets/pe"
        private_dns_zone_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/review/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
      }
    }
  }
  assert {
    condition     = module.stage["stalimip"].private_endpoints["secure"] == var.review_endpoints["secure"]
    error_message = "reviewers' endpoint is not in their network and zone"
  }
  assert {
    condition     = alltrue([for code, stage in module.stage : length(stage.private_endpoints) == (code == "stalimip" ? 2 : 1)])
    error_message = "reviewers reach more than imports under review"
  }
}

run "auditors_read" {
  command = plan
  variables {
    auditor_object_ids = ["dddddddd-0000-4000-8000-000000000001"]
  }
  assert {
    condition = alltrue([
      azurerm_role_assignment.auditor_evidence["dddddddd-0000-4000-8000-000000000001"].role_definition_name == "Storage Blob Data Reader",
      azurerm_role_assignment.auditor_evidence["dddddddd-0000-4000-8000-000000000001"].scope == azurerm_storage_account.evidence.id,
    ])
    error_message = "auditors cannot verify, or may do more"
  }
}

run "a_long_tre_id_is_refused" {
  command = plan
  variables {
    tre_id = "muchtoolongid"
  }
  expect_failures = [var.tre_id]
}

run "a_link_base_without_account_is_refused" {
  command = plan
  variables {
    link_base = "https://airlock.example.org"
  }
  expect_failures = [var.link_base]
}

run "an_airlock_nobody_watches_is_refused" {
  command = plan
  variables {
    alert_emails = {}
  }
  expect_failures = [var.alert_emails]
}
