mock_provider "azurerm" {
  source = "../mocks/azurerm"
}

mock_provider "azapi" {
  source = "../mocks/azapi"
}

variables {
  workspace_id               = "7d7d7b9a-1f1e-4a52-9d6e-6a3c1f0c0a01"
  resource_group_name        = "rg"
  private_endpoint_subnet_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/ws/subnets/pe"
  blob_private_dns_zone_id   = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/ws/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
  display_name               = "Genomics"
  client_id                  = "44444444-4444-4444-8444-444444444444"
  core = {
    tre_id               = "test"
    subscription_id      = "00000000-0000-4000-8000-000000000000"
    location             = "westeurope"
    storage_suffix       = "core.windows.net"
    portal_origins       = ["https://func.example"]
    service_principal_id = "aaaaaaaa-0000-4000-8000-000000000001"
    service_endpoint = {
      subnet_id           = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/core/subnets/pe"
      private_dns_zone_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
    }
    log_analytics_workspace_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log"
    storage_logs               = true
    scan_results_topic_id      = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scanresult"
    scanner_id                 = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Security/datascanners/StorageDataScanner"
    tags_role_id               = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-0000-4000-8000-000000000007"
    blob_created = {
      function_id               = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func/functions/OnBlobCreated"
      dead_letter_account_id    = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state"
      dead_letter_container     = "dead-letters"
      dead_letter_container_id  = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/dead-letters"
      max_delivery_attempts     = 30
      event_time_to_live_minute = 1440
    }
  }
}

run "names_and_registry_document" {
  assert {
    condition     = alltrue([for code, name in output.accounts : startswith(name, code) && length(name) <= 24]) && length(output.accounts) == 5
    error_message = "the five names do not follow code + hash"
  }
  assert {
    condition     = jsondecode(output.registry_document).accounts == output.accounts
    error_message = "the registry document names other accounts than those made"
  }
  assert {
    condition     = jsondecode(output.registry_document).scopeId == "api://${var.client_id}" && !can(jsondecode(output.registry_document).servicePrincipalId)
    error_message = "the document's optional members are wrong"
  }
}

run "another_workspace_has_other_names" {
  command = plan
  variables {
    workspace_id = "7d7d7b9a-1f1e-4a52-9d6e-6a3c1f0c0a02"
  }
  assert {
    condition     = length(setintersection(values(output.accounts), values(run.names_and_registry_document.accounts))) == 0
    error_message = "two workspaces share a name"
  }
}

run "existing_names_are_kept" {
  command = plan
  variables {
    account_names = { stalimapp = "stalimappws0a01" }
  }
  assert {
    condition     = output.accounts.stalimapp == "stalimappws0a01" && jsondecode(output.registry_document).accounts.stalimapp == "stalimappws0a01"
    error_message = "the given name is not used"
  }
}

# Every account is reached by the service in the core network, where the copies' sources and destinations meet, and by people
# in the workspace's; each endpoint writes into the zone of its own network.
run "two_ways_in" {
  assert {
    condition     = alltrue([for code, endpoints in output.private_endpoints : toset(keys(endpoints)) == toset(["core", "workspace"])]) && length(output.private_endpoints) == 5
    error_message = "an account is not reached from both networks"
  }
  assert {
    condition = alltrue(flatten([for endpoints in output.private_endpoints : [
      endpoints["core"] == var.core.service_endpoint,
      endpoints["workspace"] == { subnet_id = var.private_endpoint_subnet_id, private_dns_zone_id = var.blob_private_dns_zone_id },
    ]]))
    error_message = "an endpoint is in the wrong network or writes into the wrong zone"
  }
}

# The registry still names an account for each stage, and it is the same one: that is how the service knows.
run "compact" {
  variables {
    layout = "compact"
  }
  assert {
    condition     = length(distinct(values(output.accounts))) == 1 && length(output.accounts) == 5 && alltrue([for name in values(output.accounts) : startswith(name, "stalws") && length(name) <= 24])
    error_message = "the five stages do not share one account"
  }
  assert {
    condition     = jsondecode(output.registry_document).accounts == output.accounts
    error_message = "the registry document names other accounts than those made"
  }
  assert {
    condition     = toset(keys(output.private_endpoints)) == toset(["stalws"]) && toset(keys(output.private_endpoints["stalws"])) == toset(["core", "workspace"])
    error_message = "the account is not reached from both networks"
  }
}

run "a_third_layout_is_refused" {
  command = plan
  variables {
    layout = "tiny"
  }
  expect_failures = [var.layout]
}

run "nobody_reads_what_was_rejected" {
  command = plan
  variables {
    stages_in_workspace_network = ["stalimapp", "stalexint", "stalexip"]
  }
  assert {
    condition     = toset([for code, endpoints in output.private_endpoints : code if length(endpoints) == 1]) == toset(["stalexrej", "stalexblocked"])
    error_message = "the saved endpoints are not those of the two stages nobody gets a link to"
  }
}

run "one_zone_for_both_networks_is_refused" {
  command = plan
  variables {
    blob_private_dns_zone_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
  }
  expect_failures = [var.blob_private_dns_zone_id]
}

run "a_draft_nobody_can_reach_is_refused" {
  command = plan
  variables {
    stages_in_workspace_network = ["stalimapp", "stalexip"]
  }
  expect_failures = [var.stages_in_workspace_network]
}

run "two_stages_in_one_account_are_refused" {
  command = plan
  variables {
    account_names = { stalimapp = "same", stalexip = "same" }
  }
  expect_failures = [var.account_names]
}

run "an_unknown_stage_is_refused" {
  command = plan
  variables {
    account_names = { stalimip = "stalimipws" }
  }
  expect_failures = [var.account_names]
}

run "a_workspace_id_that_is_none_is_refused" {
  command = plan
  variables {
    workspace_id = "0A01"
  }
  expect_failures = [var.workspace_id]
}
