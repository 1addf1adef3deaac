# One stage account of the airlock: its way in, its events, its scan. infra/core makes those of the TRE with it, infra/workspace
# those of a workspace. In the compact layout one account serves several stages, whose containers then begin with their names.

locals {
  internet = var.reach == "internet"

  # Defender's scanner and the IP ranges are exceptions of the firewall, so the public endpoint has to
  # be on (and closed to everybody else) where one of them is used. Elsewhere it is off altogether.
  public_endpoint = local.internet || var.scan != null
  open_to_all     = local.internet && length(var.internet_ip_ranges) == 0

  shared = length(var.stages) > 1
  drafts = setintersection(var.stages, ["stalimex", "stalexint"])
  linked = setintersection(var.stages, ["stalimip", "stalimapp", "stalexip", "stalexapp"])

  # In a shared account a draft is told of to nobody and read by no scanner, as in an account of its own. Event Grid and Defender
  # tell containers apart by how their names begin. The hyphen ends the name of the stage.
  told      = [for stage in var.stages : "/blobServices/default/containers/${stage}-" if !contains(local.drafts, stage)]
  unscanned = [for stage in var.stages : "${stage}-" if !contains(["stalimip", "stalexip"], stage)]

  # People write drafts, and read what is under review or approved.
  browsers = length(local.drafts) > 0 ? [{
    methods = ["GET", "HEAD", "PUT", "DELETE"]
    headers = ["content-type", "if-none-match", "range", "x-ms-blob-content-type", "x-ms-blob-type", "x-ms-version"]
    }] : length(local.linked) > 0 ? [{
    methods = ["GET", "HEAD"]
    headers = ["range", "x-ms-version"]
  }] : []
}

resource "azurerm_storage_account" "stage" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = merge(var.tags, { airlock_stage = join(" ", var.stages) })

  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = var.replication_type

  # Identities and user-delegation links only: an account key would open every container to its holder,
  # for ever, and leave no name in the log.
  shared_access_key_enabled       = false
  local_user_enabled              = false
  default_to_oauth_authentication = true

  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false

  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true

  # No hierarchical namespace: with it BlobCreated is raised when a file is *opened* for writing (and
  # again on flush), Defender sees half-written files, container SAS gets directory semantics, and soft
  # delete and ETag conditions behave differently. The ETag chain of a request needs flat blobs.
  is_hns_enabled = false
  sftp_enabled   = false
  nfsv3_enabled  = false

  # Whoever holds a link that writes can also tell storage to copy a blob in from an address. Sources are then only accounts
  # that have a private endpoint in a network where this account has one: the airlock's stages, and what stands in the
  # workspace's network. The service's own copies stay inside that. Microsoft names Copy Blob and Copy Blob From URL
  # (https://learn.microsoft.com/azure/storage/common/security-restrict-copy-operations, a preview).
  allowed_copy_scope = "PrivateLink"

  public_network_access_enabled = local.public_endpoint

  network_rules {
    default_action = local.open_to_all ? "Allow" : "Deny"
    # Event Grid is a trusted service of storage: Microsoft lists it as needed for blob events of an account behind a firewall.
    # Defender's scan on upload begins with such an event too. It gives nobody data: a trusted service needs a role as well.
    bypass   = var.events == null ? ["None"] : ["AzureServices"]
    ip_rules = local.internet ? var.internet_ip_ranges : []

    # Defender puts this rule in by itself; declared here so that the next apply does not take it away.
    dynamic "private_link_access" {
      for_each = var.scan == null || local.open_to_all ? [] : [var.scan.scanner_id]
      content {
        endpoint_resource_id = private_link_access.value
      }
    }
  }

  blob_properties {
    # What the portal's page may do with a link: localcloud/cloud/browser.go has the same, and a test compares. It authorizes
    # nobody, every request needs its signature all the same; and there is no rule where nobody ever gets a link.
    dynamic "cors_rule" {
      for_each = length(var.browser_origins) == 0 ? [] : local.browsers
      content {
        allowed_origins    = var.browser_origins
        allowed_methods    = cors_rule.value.methods
        allowed_headers    = cors_rule.value.headers
        exposed_headers    = ["content-length", "content-range", "etag", "last-modified", "x-ms-error-code", "x-ms-request-id"]
        max_age_in_seconds = 7200
      }
    }

    # Versions would keep what was overwritten or deleted, among it data nobody approved.
    versioning_enabled  = false
    change_feed_enabled = false

    dynamic "delete_retention_policy" {
      for_each = var.recoverable_days > 0 ? [var.recoverable_days] : []
      content {
        days = delete_retention_policy.value
      }
    }

    dynamic "container_delete_retention_policy" {
      for_each = var.recoverable_days > 0 ? [var.recoverable_days] : []
      content {
        days = container_delete_retention_policy.value
      }
    }
  }

  lifecycle {
    # Azure answers with datascanners or dataScanners as it likes, which would be a difference in every plan.
    ignore_changes = [network_rules[0].private_link_access]
  }
}

resource "azurerm_private_endpoint" "blob" {
  for_each = var.private_endpoints

  name                = "pe-${var.name}-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = each.value.subnet_id
  tags                = var.tags

  private_service_connection {
    name                           = "psc-${var.name}"
    private_connection_resource_id = azurerm_storage_account.stage.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "blob"
    private_dns_zone_ids = [each.value.private_dns_zone_id]
  }
}

# Contributor, not Owner: make, fill, read and delete containers and blobs, and get the key that signs
# links (generateUserDelegationKey is part of this role). It cannot change anybody's access.
resource "azurerm_role_assignment" "service" {
  scope                = azurerm_storage_account.stage.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = var.service_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: copies, verifies, deletes and hands out links in ${join(", ", var.stages)}."
}

# The scanner's verdict on the blob itself: the event alone opens nothing. Only the scanner writes tags here; nobody has the right to,
# and links carry no permission for tags.
resource "azurerm_role_assignment" "scan_tags" {
  count = var.scan == null ? 0 : 1

  scope              = azurerm_storage_account.stage.id
  role_definition_id = var.scan.tags_role_id
  principal_id       = var.service_principal_id
  principal_type     = "ServicePrincipal"
  description        = "Airlock service: reads the scanner's tags in ${join(", ", var.stages)}."
}

resource "azurerm_security_center_storage_defender" "scan" {
  count = var.scan == null ? 0 : 1

  storage_account_id = azurerm_storage_account.stage.id

  # Without the override the subscription's settings win and the topic is ignored in silence.
  override_subscription_settings_enabled      = true
  malware_scanning_on_upload_enabled          = true
  malware_scanning_on_upload_cap_gb_per_month = var.scan.cap_gb_per_month
  scan_results_event_grid_topic_id            = var.scan.results_topic_id
  sensitive_data_discovery_enabled            = false

  # After our own topic: an account has one system topic, and Defender makes one if there is none, after which ours is
  # refused ("Only one system topic is allowed per source", AzureTRE #4978). With ours there, that is the one it subscribes to.
  # After the endpoints too, because an account takes one change at a time.
  depends_on = [
    azurerm_eventgrid_system_topic_event_subscription.blob_created,
    azurerm_private_endpoint.blob,
    azurerm_monitor_diagnostic_setting.blob,
  ]
}

# What azurerm cannot say yet: in a shared account only what waits for review is scanned. Everything else would be paid for twice,
# and a draft is nobody's business before it is submitted. A prefix without / at its end leaves out all containers that begin with it.
resource "azapi_update_resource" "scan_filters" {
  count = var.scan != null && local.shared ? 1 : 0

  type      = "Microsoft.Security/defenderForStorageSettings@2025-06-01"
  name      = "current"
  parent_id = azurerm_storage_account.stage.id
  body = {
    properties = {
      malwareScanning = {
        onUpload = {
          filters = {
            excludeBlobsWithPrefix = local.unscanned
          }
        }
      }
    }
  }

  depends_on = [azurerm_security_center_storage_defender.scan]
}

# On a scanned account Defender's subscription hangs on it too: without this topic nothing is scanned any more. So its name
# never changes, and it is not removed by hand to mend something else.
resource "azurerm_eventgrid_system_topic" "blobs" {
  count = var.events == null ? 0 : 1

  name                = "evgt-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  source_resource_id  = azurerm_storage_account.stage.id
  topic_type          = "Microsoft.Storage.StorageAccounts"
  tags                = var.tags

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_role_assignment" "dead_letters" {
  count = var.events == null ? 0 : 1

  scope                = var.events.dead_letter_container_id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_eventgrid_system_topic.blobs[0].identity[0].principal_id
  principal_type       = "ServicePrincipal"
  description          = "Event Grid: writes the events of ${join(", ", var.stages)} that could not be delivered."
}

resource "azurerm_eventgrid_system_topic_event_subscription" "blob_created" {
  count = var.events == null ? 0 : 1

  name                = "OnBlobCreated"
  system_topic        = azurerm_eventgrid_system_topic.blobs[0].name
  resource_group_name = var.resource_group_name

  event_delivery_schema = "EventGridSchema"
  included_event_types  = ["Microsoft.Storage.BlobCreated"]

  subject_filter {
    subject_begins_with = "/blobServices/default/containers/"
    case_sensitive      = true
  }

  dynamic "advanced_filter" {
    for_each = local.shared ? [local.told] : []
    content {
      string_begins_with {
        key    = "Subject"
        values = advanced_filter.value
      }
    }
  }

  azure_function_endpoint {
    function_id = var.events.function_id
    # One event per delivery: a batch is delivered again as a whole when one of its events fails.
    max_events_per_batch = 1
  }

  retry_policy {
    max_delivery_attempts = var.events.max_delivery_attempts
    event_time_to_live    = var.events.event_time_to_live_minute
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = var.events.dead_letter_account_id
    storage_blob_container_name = var.events.dead_letter_container
  }

  dead_letter_identity {
    type = "SystemAssigned"
  }

  depends_on = [azurerm_role_assignment.dead_letters]
}

# Every use of a link is in the storage log, with its address and the id of the signing key.
resource "azurerm_monitor_diagnostic_setting" "blob" {
  count = var.logs == null ? 0 : 1

  name                       = "airlock"
  target_resource_id         = "${azurerm_storage_account.stage.id}/blobServices/default"
  log_analytics_workspace_id = var.logs.log_analytics_workspace_id

  enabled_log {
    category = "StorageRead"
  }
  enabled_log {
    category = "StorageWrite"
  }
  enabled_log {
    category = "StorageDelete"
  }
}
