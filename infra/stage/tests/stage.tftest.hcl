# One stage account: closed by default, and each door opened only by its variable. Ids are wired, so an event subscription
# that points to the wrong topic or container fails here.

mock_provider "azurerm" {
  source = "../mocks/azurerm"
}

mock_provider "azapi" {
  source = "../mocks/azapi"
}

variables {
  stages               = ["stalimip"]
  name                 = "stalimiptest"
  resource_group_name  = "rg"
  location             = "westeurope"
  reach                = "private"
  recoverable_days     = 0
  service_principal_id = "aaaaaaaa-0000-4000-8000-000000000001"
  private_endpoints = {
    core = {
      subnet_id           = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/pe"
      private_dns_zone_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
    }
  }
}

run "a_private_stage_is_closed" {
  assert {
    condition     = !azurerm_storage_account.stage.shared_access_key_enabled && !azurerm_storage_account.stage.local_user_enabled
    error_message = "account keys or local users are on"
  }
  assert {
    condition     = !azurerm_storage_account.stage.allow_nested_items_to_be_public && !azurerm_storage_account.stage.cross_tenant_replication_enabled
    error_message = "blobs can be public or replicated to another tenant"
  }
  assert {
    condition     = azurerm_storage_account.stage.min_tls_version == "TLS1_2" && azurerm_storage_account.stage.https_traffic_only_enabled
    error_message = "old TLS or plain http is accepted"
  }
  assert {
    condition     = !azurerm_storage_account.stage.is_hns_enabled
    error_message = "the hierarchical namespace changes when BlobCreated is raised"
  }
  assert {
    condition     = !azurerm_storage_account.stage.public_network_access_enabled && azurerm_storage_account.stage.network_rules[0].default_action == "Deny"
    error_message = "the public endpoint of a private stage is on"
  }
  assert {
    condition     = azurerm_storage_account.stage.network_rules[0].bypass == toset(["None"]) && azurerm_storage_account.stage.allowed_copy_scope == "PrivateLink"
    error_message = "a trusted service gets into a stage without events, or copies come in from anywhere"
  }
  assert {
    condition     = !azurerm_storage_account.stage.blob_properties[0].versioning_enabled && length(azurerm_storage_account.stage.blob_properties[0].delete_retention_policy) == 0
    error_message = "deleted does not mean gone"
  }
  assert {
    condition     = azurerm_private_endpoint.blob["core"].private_service_connection[0].private_connection_resource_id == azurerm_storage_account.stage.id
    error_message = "the private endpoint leads somewhere else"
  }
  assert {
    condition     = azurerm_role_assignment.service.scope == azurerm_storage_account.stage.id && azurerm_role_assignment.service.role_definition_name == "Storage Blob Data Contributor"
    error_message = "the service has another role or scope"
  }
  assert {
    condition     = length(azurerm_eventgrid_system_topic.blobs) == 0 && length(azurerm_security_center_storage_defender.scan) == 0 && length(azurerm_role_assignment.scan_tags) == 0
    error_message = "events or scanning without being asked for"
  }
}

run "an_internet_stage_is_open_to_links_only" {
  variables {
    stages = ["stalimex"]
    reach  = "internet"
  }
  assert {
    condition     = azurerm_storage_account.stage.public_network_access_enabled && azurerm_storage_account.stage.network_rules[0].default_action == "Allow"
    error_message = "people outside cannot use their links"
  }
  assert {
    condition     = !azurerm_storage_account.stage.shared_access_key_enabled && !azurerm_storage_account.stage.allow_nested_items_to_be_public
    error_message = "more than a user-delegation link opens the account"
  }
}

run "the_portal_writes_drafts" {
  variables {
    stages          = ["stalexint"]
    browser_origins = ["https://func.example"]
  }
  assert {
    condition = (
      azurerm_storage_account.stage.blob_properties[0].cors_rule[0].allowed_origins == tolist(["https://func.example"]) &&
      contains(azurerm_storage_account.stage.blob_properties[0].cors_rule[0].allowed_methods, "PUT")
    )
    error_message = "the portal cannot upload"
  }
}

run "the_portal_only_reads_what_is_under_review" {
  variables {
    browser_origins = ["https://func.example"]
  }
  assert {
    condition     = toset(azurerm_storage_account.stage.blob_properties[0].cors_rule[0].allowed_methods) == toset(["GET", "HEAD"])
    error_message = "a page may write to what is under review"
  }
}

run "the_portal_has_no_business_with_what_was_rejected" {
  variables {
    stages          = ["stalimrej"]
    browser_origins = ["https://func.example"]
  }
  assert {
    condition     = length(azurerm_storage_account.stage.blob_properties[0].cors_rule) == 0
    error_message = "a page may ask for rejected files"
  }
}

run "no_page_at_all_gets_in" {
  command = plan
  variables {
    browser_origins = ["*"]
  }
  expect_failures = [var.browser_origins]
}

run "an_internet_stage_can_be_narrowed" {
  variables {
    stages             = ["stalimex"]
    reach              = "internet"
    internet_ip_ranges = ["203.0.113.0/24"]
  }
  assert {
    condition     = azurerm_storage_account.stage.network_rules[0].default_action == "Deny" && contains(azurerm_storage_account.stage.network_rules[0].ip_rules, "203.0.113.0/24")
    error_message = "the ranges are not enforced"
  }
}

run "scanning_and_events_are_wired" {
  variables {
    scan = {
      results_topic_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scanresult"
      cap_gb_per_month = 500
      scanner_id       = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Security/datascanners/StorageDataScanner"
      tags_role_id     = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-0000-4000-8000-000000000007"
    }
    events = {
      function_id               = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func/functions/OnBlobCreated"
      dead_letter_account_id    = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state"
      dead_letter_container     = "dead-letters"
      dead_letter_container_id  = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/dead-letters"
      max_delivery_attempts     = 30
      event_time_to_live_minute = 1440
    }
    recoverable_days = 7
  }
  assert {
    condition = alltrue([
      azurerm_security_center_storage_defender.scan[0].storage_account_id == azurerm_storage_account.stage.id,
      azurerm_security_center_storage_defender.scan[0].malware_scanning_on_upload_enabled,
      azurerm_security_center_storage_defender.scan[0].override_subscription_settings_enabled,
      azurerm_security_center_storage_defender.scan[0].scan_results_event_grid_topic_id == var.scan.results_topic_id,
      azurerm_security_center_storage_defender.scan[0].malware_scanning_on_upload_cap_gb_per_month == 500,
    ])
    error_message = "the scan is not set up as asked"
  }
  assert {
    condition     = azurerm_role_assignment.scan_tags[0].scope == azurerm_storage_account.stage.id && azurerm_role_assignment.scan_tags[0].role_definition_id == var.scan.tags_role_id && azurerm_role_assignment.scan_tags[0].principal_id == var.service_principal_id
    error_message = "the service does not see the scanner's verdict on the blob"
  }
  assert {
    condition     = azurerm_storage_account.stage.network_rules[0].bypass == toset(["AzureServices"])
    error_message = "Event Grid is not told of new blobs"
  }
  assert {
    condition     = azurerm_eventgrid_system_topic.blobs[0].source_resource_id == azurerm_storage_account.stage.id
    error_message = "the system topic watches another account"
  }
  assert {
    condition = alltrue([
      azurerm_eventgrid_system_topic_event_subscription.blob_created[0].system_topic == azurerm_eventgrid_system_topic.blobs[0].name,
      azurerm_eventgrid_system_topic_event_subscription.blob_created[0].azure_function_endpoint[0].function_id == var.events.function_id,
      azurerm_eventgrid_system_topic_event_subscription.blob_created[0].storage_blob_dead_letter_destination[0].storage_account_id == var.events.dead_letter_account_id,
      azurerm_eventgrid_system_topic_event_subscription.blob_created[0].subject_filter[0].subject_begins_with == "/blobServices/default/containers/",
    ])
    error_message = "the subscription is wired elsewhere"
  }
  assert {
    condition = alltrue([
      azurerm_role_assignment.dead_letters[0].scope == var.events.dead_letter_container_id,
      azurerm_role_assignment.dead_letters[0].principal_id == azurerm_eventgrid_system_topic.blobs[0].identity[0].principal_id,
    ])
    error_message = "Event Grid cannot write dead letters"
  }
  assert {
    condition     = azurerm_storage_account.stage.blob_properties[0].delete_retention_policy[0].days == 7 && azurerm_storage_account.stage.blob_properties[0].container_delete_retention_policy[0].days == 7
    error_message = "quarantine cannot be recovered"
  }
}

# One account, several stages: a draft raises no event, and only what waits for review is scanned.
run "a_shared_account_tells_stages_apart" {
  variables {
    stages          = ["stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"]
    browser_origins = ["https://func.example"]
    scan = {
      results_topic_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scanresult"
      cap_gb_per_month = 500
      scanner_id       = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Security/datascanners/StorageDataScanner"
      tags_role_id     = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-0000-4000-8000-000000000007"
    }
    events = {
      function_id               = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func/functions/OnBlobCreated"
      dead_letter_account_id    = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state"
      dead_letter_container     = "dead-letters"
      dead_letter_container_id  = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/dead-letters"
      max_delivery_attempts     = 30
      event_time_to_live_minute = 1440
    }
  }
  assert {
    condition = toset(azurerm_eventgrid_system_topic_event_subscription.blob_created[0].advanced_filter[0].string_begins_with[0].values) == toset([
      "/blobServices/default/containers/stalimapp-", "/blobServices/default/containers/stalexip-",
      "/blobServices/default/containers/stalexrej-", "/blobServices/default/containers/stalexblocked-",
    ])
    error_message = "events are raised by other stages than those that receive copies"
  }
  assert {
    condition = (
      toset(azapi_update_resource.scan_filters[0].body.properties.malwareScanning.onUpload.filters.excludeBlobsWithPrefix) == toset(["stalimapp-", "stalexint-", "stalexrej-", "stalexblocked-"]) &&
      azapi_update_resource.scan_filters[0].parent_id == azurerm_storage_account.stage.id
    )
    error_message = "other stages are scanned than the one in progress"
  }
  assert {
    condition     = contains(azurerm_storage_account.stage.blob_properties[0].cors_rule[0].allowed_methods, "PUT")
    error_message = "the portal cannot upload"
  }
}

run "an_account_of_one_stage_has_no_such_filters" {
  variables {
    scan = {
      results_topic_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scanresult"
      cap_gb_per_month = 500
      scanner_id       = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Security/datascanners/StorageDataScanner"
      tags_role_id     = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-0000-4000-8000-000000000007"
    }
    events = {
      function_id               = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func/functions/OnBlobCreated"
      dead_letter_account_id    = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state"
      dead_letter_container     = "dead-letters"
      dead_letter_container_id  = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/dead-letters"
      max_delivery_attempts     = 30
      event_time_to_live_minute = 1440
    }
  }
  assert {
    condition     = length(azurerm_eventgrid_system_topic_event_subscription.blob_created[0].advanced_filter) == 0 && length(azapi_update_resource.scan_filters) == 0
    error_message = "containers of a separate account do not begin with their stage: nothing would be told or everything left out"
  }
}

run "some_stages_of_a_workspace_are_refused" {
  command = plan
  variables {
    stages = ["stalexint", "stalexip"]
  }
  expect_failures = [var.stages]
}

run "the_internet_shares_no_account" {
  command = plan
  variables {
    stages = ["stalimex", "stalimip", "stalimrej", "stalimblocked"]
  }
  expect_failures = [var.stages]
}

run "scanning_without_a_topic_of_ours_is_refused" {
  command = plan
  variables {
    scan = {
      results_topic_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scanresult"
      cap_gb_per_month = 500
      scanner_id       = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Security/datascanners/StorageDataScanner"
      tags_role_id     = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-0000-4000-8000-000000000007"
    }
  }
  expect_failures = [var.scan]
}

run "a_stage_without_private_endpoint_is_refused" {
  command = plan
  variables {
    private_endpoints = {}
  }
  expect_failures = [var.private_endpoints]
}

run "two_endpoints_in_one_zone_are_refused" {
  command = plan
  variables {
    private_endpoints = {
      core = {
        subnet_id           = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/pe"
        private_dns_zone_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
      }
      review = {
        subnet_id           = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/review/subnets/pe"
        private_dns_zone_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
      }
    }
  }
  expect_failures = [var.private_endpoints]
}

run "a_name_that_does_not_fit_is_refused" {
  command = plan
  variables {
    name = "stalexblocked-much-too-long"
  }
  expect_failures = [var.name]
}

run "geo_replication_is_refused" {
  command = plan
  variables {
    replication_type = "GRS"
  }
  expect_failures = [var.replication_type]
}
