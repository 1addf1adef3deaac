# State, dead letters, evidence.

locals {
  tables = toset(["AirlockRequests", "AirlockRequestWorkspaces", "AirlockWorkspaces", "AirlockParkedEvents"])

  # The host's connection for OnDeadLetter needs queues in this account, the handler needs tables, Event Grid blobs.
  state_services = toset(["blob", "queue", "table"])
}

resource "azurerm_storage_account" "state" {
  name                = local.names.stalstate
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = var.replication_type

  shared_access_key_enabled         = false
  local_user_enabled                = false
  default_to_oauth_authentication   = true
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  is_hns_enabled                    = false

  # Event Grid writes dead letters as a trusted service, with its topic's identity; that is an exception of the
  # firewall, so the public endpoint is on and closed.
  public_network_access_enabled = true
  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
  }

  blob_properties {
    versioning_enabled  = false
    change_feed_enabled = false
    # A dead letter is an operator's evidence of an incident, and holds no payload: a week to get it back.
    delete_retention_policy {
      days = 7
    }
    container_delete_retention_policy {
      days = 7
    }
  }

  lifecycle {
    # Every request and its audit trail. Tables have no soft delete.
    prevent_destroy = true
  }
}

# Not azurerm_storage_table: it reads the table's ACL with the account key, which this account refuses.
resource "azapi_resource" "table" {
  for_each = local.tables

  type      = "Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01"
  name      = each.key
  parent_id = "${azurerm_storage_account.state.id}/tableServices/default"
  body = {
    properties = {}
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "dead_letters" {
  name                  = "dead-letters"
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"
}

# Which notifications the notifier has in hand or has sent, one small blob each, named by the event's id. Event Grid gives up an
# event after a day.
resource "azurerm_storage_container" "notified" {
  name                  = "notified"
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"
}

# How far the inspection of files has come: no values of the files, and no loss if it is gone.
resource "azurerm_storage_container" "inspect" {
  name                  = "inspect"
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"
}

resource "azurerm_storage_management_policy" "state" {
  storage_account_id = azurerm_storage_account.state.id

  rule {
    name    = "forget-notified"
    enabled = true
    filters {
      prefix_match = ["${azurerm_storage_container.notified.name}/"]
      blob_types   = ["blockBlob"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 2
      }
    }
  }

  rule {
    name    = "forget-inspections"
    enabled = true
    filters {
      prefix_match = ["${azurerm_storage_container.inspect.name}/"]
      blob_types   = ["blockBlob"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 14
      }
    }
  }
}

resource "azurerm_private_endpoint" "state" {
  for_each = local.state_services

  name                = "pe-${local.names.stalstate}-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.private_endpoint_subnet_ids.operations
  tags                = var.tags

  private_service_connection {
    name                           = "psc-${local.names.stalstate}-${each.key}"
    private_connection_resource_id = azurerm_storage_account.state.id
    subresource_names              = [each.key]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = each.key
    private_dns_zone_ids = [var.private_dns_zone_ids[each.key]]
  }
}

# ---- evidence ----------------------------------------------------------------------------------------------------------------

resource "azurerm_storage_account" "evidence" {
  name                = local.names.stalevidence
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = var.replication_type

  shared_access_key_enabled         = false
  local_user_enabled                = false
  default_to_oauth_authentication   = true
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  is_hns_enabled                    = false

  public_network_access_enabled = false
  network_rules {
    default_action = "Deny"
    bypass         = ["None"]
  }

  # No soft delete or versions: the containers' immutability policies are stronger than both.
  blob_properties {
    versioning_enabled  = false
    change_feed_enabled = false
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "evidence" {
  for_each = toset(["anchors", "receipts", "findings"])

  name                  = each.key
  storage_account_id    = azurerm_storage_account.evidence.id
  container_access_type = "private"
}

# Write once, read many: not even the service, the operator or the subscription's owner can rewrite history.
resource "azurerm_storage_container_immutability_policy" "worm" {
  for_each = azurerm_storage_container.evidence

  storage_container_resource_manager_id = each.value.id
  immutability_period_in_days           = var.worm_days
  locked                                = var.worm_locked
  protected_append_writes_enabled       = false
  protected_append_writes_all_enabled   = false
}

resource "azurerm_private_endpoint" "evidence" {
  name                = "pe-${local.names.stalevidence}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.private_endpoint_subnet_ids.operations
  tags                = var.tags

  private_service_connection {
    name                           = "psc-${local.names.stalevidence}"
    private_connection_resource_id = azurerm_storage_account.evidence.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "blob"
    private_dns_zone_ids = [var.private_dns_zone_ids.blob]
  }
}
