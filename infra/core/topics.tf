locals {
  # The airlock's own topics and who listens. The notifier's subscription is in infra/notifier. What asks external gates has
  # no subscription here: each gate brings its own (docs/GATES.md).
  topics = merge({
    status_changed = "statuschanged"
    notification   = "notification"
    step_result    = "stepresult"
    data_deletion  = "datadeletion"
    gates          = "gates"
  }, { scan_result = "scanresult" })

  # What the service publishes; scan results are published by Defender alone.
  published_topics = toset(["status_changed", "notification", "step_result", "data_deletion", "gates"])

  subscriptions = {
    status_changed = { function = "OnStatusChanged", event_type = "statusChanged", subject_begins_with = "", subject_ends_with = "/statusChanged" }
    step_result    = { function = "OnStepResult", event_type = "Airlock.StepResult", subject_begins_with = "", subject_ends_with = "" }
    data_deletion  = { function = "OnDataDeletion", event_type = "Airlock.DataDeletion", subject_begins_with = "", subject_ends_with = "" }
    scan_result    = { function = "OnScanResult", event_type = "Microsoft.Security.MalwareScanningResult", subject_begins_with = "storageAccounts/", subject_ends_with = "" }
  }

  # Given to every stage account that receives copies, here and in infra/workspace.
  blob_created = {
    function_id               = "${local.app_id}/functions/OnBlobCreated"
    dead_letter_account_id    = azurerm_storage_account.state.id
    dead_letter_container     = azurerm_storage_container.dead_letters.name
    dead_letter_container_id  = azurerm_storage_container.dead_letters.id
    max_delivery_attempts     = local.max_delivery_attempts
    event_time_to_live_minute = local.event_time_to_live_minute
  }
}

resource "azurerm_eventgrid_topic" "topic" {
  for_each = local.topics

  name                = "evgt-airlock-${each.value}-${var.tre_id}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
  input_schema        = "EventGridSchema"

  # Entra tokens only; there is no topic key to leak.
  local_auth_enabled = false

  # Defender publishes from outside every network, so its topic stays public.
  public_network_access_enabled = each.key == "scan_result" || !var.private_topics

  # For dead letters.
  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_private_endpoint" "topic" {
  for_each = { for k in local.published_topics : k => azurerm_eventgrid_topic.topic[k] if var.private_topics }

  name                = "pe-${each.value.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.private_endpoint_subnet_ids.operations
  tags                = var.tags

  private_service_connection {
    name                           = "psc-${each.value.name}"
    private_connection_resource_id = each.value.id
    subresource_names              = ["topic"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "eventgrid"
    private_dns_zone_ids = [var.private_dns_zone_ids.eventgrid]
  }
}

resource "azurerm_role_assignment" "topic_dead_letters" {
  for_each = azurerm_eventgrid_topic.topic

  scope                = azurerm_storage_container.dead_letters.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = each.value.identity[0].principal_id
  principal_type       = "ServicePrincipal"
  description          = "Event Grid: writes the events of ${each.value.name} that could not be delivered."
}

resource "azurerm_eventgrid_event_subscription" "topic" {
  for_each = local.subscriptions

  name                  = each.value.function
  scope                 = azurerm_eventgrid_topic.topic[each.key].id
  event_delivery_schema = "EventGridSchema"
  included_event_types  = [each.value.event_type]

  dynamic "subject_filter" {
    for_each = each.value.subject_begins_with != "" || each.value.subject_ends_with != "" ? [each.value] : []
    content {
      subject_begins_with = subject_filter.value.subject_begins_with
      subject_ends_with   = subject_filter.value.subject_ends_with
      case_sensitive      = true
    }
  }

  # By function, not by web address: Azure looks up the host's key itself, also after the key was changed.
  azure_function_endpoint {
    function_id          = "${local.app_id}/functions/${each.value.function}"
    max_events_per_batch = 1
  }

  retry_policy {
    max_delivery_attempts = local.max_delivery_attempts
    event_time_to_live    = local.event_time_to_live_minute
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = azurerm_storage_account.state.id
    storage_blob_container_name = azurerm_storage_container.dead_letters.name
  }

  dead_letter_identity {
    type = "SystemAssigned"
  }

  depends_on = [azurerm_role_assignment.topic_dead_letters, terraform_data.package]
}

# ---- dead letters come back --------------------------------------------------------------------------------------------------

resource "azurerm_eventgrid_system_topic" "state" {
  name                = "evgt-${local.names.stalstate}"
  resource_group_name = var.resource_group_name
  location            = var.location
  source_resource_id  = azurerm_storage_account.state.id
  topic_type          = "Microsoft.Storage.StorageAccounts"
  tags                = var.tags

  identity {
    type = "SystemAssigned"
  }
}

# The key of the host's blob webhook. A blob trigger can be fed by a web address only, and the address carries this key.
# Who has it can make OnDeadLetter look at a blob of the dead-letter container, nothing more; it is in the Terraform state.
data "azurerm_function_app_host_keys" "app" {
  name                = local.names.app
  resource_group_name = var.resource_group_name

  depends_on = [terraform_data.package]

  lifecycle {
    postcondition {
      condition     = self.blobs_extension_key != null && self.blobs_extension_key != ""
      error_message = "The host has not made the key of its blob webhook yet: apply again in some minutes."
    }
  }
}

# No dead letters of dead letters: they would come back here for ever. A notice that is lost does no harm: the reconciler looks
# into the container by itself. (401 is not tried again here, be it that the key was changed or that the instance is cold.)
resource "azurerm_eventgrid_system_topic_event_subscription" "dead_letter" {
  name                  = "OnDeadLetter"
  system_topic          = azurerm_eventgrid_system_topic.state.name
  resource_group_name   = var.resource_group_name
  event_delivery_schema = "EventGridSchema"
  included_event_types  = ["Microsoft.Storage.BlobCreated"]

  subject_filter {
    subject_begins_with = "/blobServices/default/containers/${azurerm_storage_container.dead_letters.name}/"
    case_sensitive      = true
  }

  webhook_endpoint {
    url                  = "https://${local.app_hostname}/runtime/webhooks/blobs?functionName=Host.Functions.OnDeadLetter&code=${data.azurerm_function_app_host_keys.app.blobs_extension_key}"
    max_events_per_batch = 1
  }

  retry_policy {
    max_delivery_attempts = local.max_delivery_attempts
    event_time_to_live    = local.event_time_to_live_minute
  }
}
