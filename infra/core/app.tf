# The Functions app: its host storage, its plan, its settings, its package.

locals {
  flex    = var.plan == "flex"
  premium = var.plan == "premium"

  # On the Flex plan the package goes through the app's deployment endpoint.
  package_uploaders = local.premium ? var.deployer_ip_ranges : []

  # One word for one thing: exactly the settings that handler/config.go reads. A test compares both lists.
  handler_settings = merge({
    AIRLOCK_TABLE_ENDPOINT             = "https://${local.names.stalstate}.table.${var.storage_suffix}"
    AIRLOCK_STORAGE_SUFFIX             = var.storage_suffix
    AIRLOCK_LINK_BASE                  = coalesce(var.link_base, "https://{account}.blob.${var.storage_suffix}")
    AIRLOCK_TOPIC_STATUS_CHANGED       = azurerm_eventgrid_topic.topic["status_changed"].endpoint
    AIRLOCK_TOPIC_NOTIFICATION         = azurerm_eventgrid_topic.topic["notification"].endpoint
    AIRLOCK_TOPIC_STEP_RESULT          = azurerm_eventgrid_topic.topic["step_result"].endpoint
    AIRLOCK_TOPIC_DATA_DELETION        = azurerm_eventgrid_topic.topic["data_deletion"].endpoint
    AIRLOCK_TOPIC_GATES                = azurerm_eventgrid_topic.topic["gates"].endpoint
    AIRLOCK_TOKEN_ISSUER               = coalesce(var.token_issuer, "https://login.microsoftonline.com/${local.tenant_id}/v2.0")
    AIRLOCK_TENANT_ID                  = local.tenant_id
    AIRLOCK_API_AUDIENCE               = var.api.audience
    AIRLOCK_API_ROOT_SCOPE             = var.api.root_scope
    AIRLOCK_API_CLIENT_ID              = var.api.client_id
    AIRLOCK_MANAGED_IDENTITY_CLIENT_ID = azurerm_user_assigned_identity.airlock.client_id
    AIRLOCK_EVIDENCE_ACCOUNT           = local.names.stalevidence
    AIRLOCK_STATE_KEY                  = "https://${local.names.vault}.vault.azure.net/secrets/airlock-state-key"
    AIRLOCK_SIGNING_KEY                = "https://${local.names.vault}.vault.azure.net/keys/airlock-signing"
    AIRLOCK_DIRECTORY                  = var.directory
    AIRLOCK_REQUEST_URL                = coalesce(var.request_url, "https://${local.app_hostname}/api/ui#/workspaces/{workspace_id}/requests/{request_id}")
    AIRLOCK_RECONCILE_GRACE            = var.reconcile_grace
    AIRLOCK_PLAIN_ERRORS               = tostring(var.plain_errors)
  }, { for code in keys(local.stages) : "AIRLOCK_ACCOUNT_${upper(code)}" => local.names[local.account_of[code]] })

  # What the Functions host itself reads: its own storage, the connection of OnDeadLetter, the timer, telemetry. No keys.
  host_settings = {
    AzureWebJobsStorage__blobServiceUri  = "https://${local.names.stalhost}.blob.${var.storage_suffix}"
    AzureWebJobsStorage__queueServiceUri = "https://${local.names.stalhost}.queue.${var.storage_suffix}"
    AzureWebJobsStorage__tableServiceUri = "https://${local.names.stalhost}.table.${var.storage_suffix}"
    AzureWebJobsStorage__credential      = "managedidentity"
    AzureWebJobsStorage__clientId        = azurerm_user_assigned_identity.airlock.client_id

    AirlockDeadLetters__blobServiceUri  = "https://${local.names.stalstate}.blob.${var.storage_suffix}"
    AirlockDeadLetters__queueServiceUri = "https://${local.names.stalstate}.queue.${var.storage_suffix}"
    AirlockDeadLetters__credential      = "managedidentity"
    AirlockDeadLetters__clientId        = azurerm_user_assigned_identity.airlock.client_id

    ReconcileSchedule = var.reconcile_schedule

    # The host's own page at / says that a Functions app runs here. The portal is at /api/ui, and / is nothing.
    AzureWebJobsDisableHomepage = "true"

    APPLICATIONINSIGHTS_CONNECTION_STRING     = azurerm_application_insights.airlock.connection_string
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "ClientId=${azurerm_user_assigned_identity.airlock.client_id};Authorization=AAD"
  }

  app_settings = merge(local.handler_settings, local.host_settings)

  # The API is called by people's tools and by Event Grid over the public address; who may do what is decided by tokens.
  # With api_ip_ranges only those and the two Azure services below get through, and whoever deploys: after the upload the CLI waits
  # for the app's host to answer it (deploy.sh).
  ip_restrictions = length(var.api_ip_ranges) == 0 ? [] : concat(
    [for i, range in var.api_ip_ranges : { name = "api-${i}", priority = 100 + i, cidr = range, service_tag = null }],
    [for i, range in var.deployer_ip_ranges : { name = "deployer-${i}", priority = 500 + i, cidr = strcontains(range, "/") ? range : "${range}/32", service_tag = null }],
    [for i, tag in ["AzureEventGrid", "ApplicationInsightsAvailability"] : { name = tag, priority = 1000 + i, cidr = null, service_tag = tag }],
  )
}

resource "azurerm_service_plan" "airlock" {
  name                = "plan-${local.names.app}"
  resource_group_name = var.resource_group_name
  location            = var.location
  os_type             = "Linux"
  sku_name            = local.flex ? "FC1" : var.premium_sku
  tags                = var.tags
}

# ---- host storage ------------------------------------------------------------------------------------------------------------

# Locks, timers and queues of the host, and the package. Holds no airlock data.
resource "azurerm_storage_account" "host" {
  name                = local.names.stalhost
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

  # The deployer's addresses, for the package of the premium plan.
  public_network_access_enabled = length(local.package_uploaders) > 0
  network_rules {
    default_action = "Deny"
    bypass         = ["None"]
    ip_rules       = local.package_uploaders
  }

  blob_properties {
    versioning_enabled  = false
    change_feed_enabled = false
    # An older package can be brought back.
    delete_retention_policy {
      days = 7
    }
  }
}

resource "azurerm_storage_container" "packages" {
  name                  = "packages"
  storage_account_id    = azurerm_storage_account.host.id
  container_access_type = "private"
}

resource "azurerm_private_endpoint" "host" {
  for_each = local.state_services

  name                = "pe-${local.names.stalhost}-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.private_endpoint_subnet_ids.operations
  tags                = var.tags

  private_service_connection {
    name                           = "psc-${local.names.stalhost}-${each.key}"
    private_connection_resource_id = azurerm_storage_account.host.id
    subresource_names              = [each.key]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = each.key
    private_dns_zone_ids = [var.private_dns_zone_ids[each.key]]
  }
}

# ---- Flex Consumption --------------------------------------------------------------------------------------------------------

# Not azurerm_function_app_flex_consumption: it always adds the setting AzureWebJobsStorage, with an empty account key when an
# identity is configured, and the host prefers that connection string to the identity and does not start
# (hashicorp/terraform-provider-azurerm issue 29693).
resource "azapi_resource" "flex" {
  count = local.flex ? 1 : 0

  type      = "Microsoft.Web/sites@2023-12-01"
  name      = local.names.app
  parent_id = local.resource_group_id
  location  = var.location
  tags      = var.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.airlock.id]
  }

  body = {
    kind = "functionapp,linux"
    # Without vnetRouteAllEnabled: Flex sends everything through the subnet, and lists that property as deprecated.
    properties = {
      serverFarmId              = azurerm_service_plan.airlock.id
      httpsOnly                 = true
      clientAffinityEnabled     = false
      publicNetworkAccess       = "Enabled"
      virtualNetworkSubnetId    = var.function_subnet_id
      keyVaultReferenceIdentity = azurerm_user_assigned_identity.airlock.id
      functionAppConfig = {
        deployment = {
          storage = {
            type  = "blobContainer"
            value = "https://${local.names.stalhost}.blob.${var.storage_suffix}/packages"
            authentication = {
              type                           = "UserAssignedIdentity"
              userAssignedIdentityResourceId = azurerm_user_assigned_identity.airlock.id
            }
          }
        }
        runtime = {
          name    = "custom"
          version = "1.0"
        }
        scaleAndConcurrency = {
          instanceMemoryMB     = var.flex.instance_memory_mb
          maximumInstanceCount = var.flex.maximum_instance_count
          alwaysReady          = [for group, count in var.flex.always_ready : { name = group, instanceCount = count } if count > 0]
        }
      }
      siteConfig = {
        minTlsVersion = "1.2"
        http20Enabled = true
        appSettings   = [for name in sort(keys(local.app_settings)) : { name = name, value = local.app_settings[name] }]

        ipSecurityRestrictionsDefaultAction = length(local.ip_restrictions) == 0 ? "Allow" : "Deny"
        ipSecurityRestrictions = [for rule in local.ip_restrictions : {
          name      = rule.name
          priority  = rule.priority
          action    = "Allow"
          ipAddress = coalesce(rule.cidr, rule.service_tag)
          tag       = rule.cidr == null ? "ServiceTag" : "Default"
        }]
      }
    }
  }

  depends_on = [
    azurerm_storage_container.packages,
    azurerm_private_endpoint.host,
    terraform_data.roles_propagated,
  ]
}

# Deployment with the deployer's Entra token only; the built-in publishing passwords are off.
resource "azapi_update_resource" "no_publishing_password" {
  for_each = local.flex ? toset(["scm", "ftp"]) : toset([])

  type      = "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2023-12-01"
  name      = each.key
  parent_id = azapi_resource.flex[0].id
  body = {
    properties = {
      allow = false
    }
  }
}

# ---- Elastic Premium ---------------------------------------------------------------------------------------------------------

resource "azurerm_storage_blob" "package" {
  count = local.premium && var.package_path != null ? 1 : 0

  name                 = "airlock-${substr(filesha256(var.package_path), 0, 16)}.zip"
  storage_container_id = azurerm_storage_container.packages.id
  type                 = "Block"
  source               = var.package_path

  depends_on = [terraform_data.roles_propagated, azurerm_private_endpoint.host]
}

resource "azurerm_linux_function_app" "premium" {
  count = local.premium ? 1 : 0

  name                = local.names.app
  resource_group_name = var.resource_group_name
  location            = var.location
  service_plan_id     = azurerm_service_plan.airlock.id
  tags                = var.tags

  storage_account_name          = azurerm_storage_account.host.name
  storage_uses_managed_identity = true
  # A content share works with account keys only; the app runs from its package instead.
  content_share_force_disabled = true

  https_only                                     = true
  public_network_access_enabled                  = true
  virtual_network_subnet_id                      = var.function_subnet_id
  key_vault_reference_identity_id                = azurerm_user_assigned_identity.airlock.id
  ftp_publish_basic_authentication_enabled       = false
  webdeploy_publish_basic_authentication_enabled = false
  builtin_logging_enabled                        = false
  functions_extension_version                    = "~4"

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.airlock.id]
  }

  app_settings = merge(
    { for name, value in local.app_settings : name => value if name != "APPLICATIONINSIGHTS_CONNECTION_STRING" },
    length(azurerm_storage_blob.package) == 0 ? {} : {
      WEBSITE_RUN_FROM_PACKAGE                     = "https://${local.names.stalhost}.blob.${var.storage_suffix}/packages/${azurerm_storage_blob.package[0].name}"
      WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID = azurerm_user_assigned_identity.airlock.id
    },
  )

  site_config {
    application_insights_connection_string = azurerm_application_insights.airlock.connection_string
    minimum_tls_version                    = "1.2"
    http2_enabled                          = true
    ftps_state                             = "Disabled"
    vnet_route_all_enabled                 = true
    elastic_instance_minimum               = 1
    health_check_path                      = "/api/health"
    health_check_eviction_time_in_min      = 5
    ip_restriction_default_action          = length(local.ip_restrictions) == 0 ? "Allow" : "Deny"

    application_stack {
      use_custom_runtime = true
    }

    dynamic "ip_restriction" {
      for_each = local.ip_restrictions
      content {
        name        = ip_restriction.value.name
        priority    = ip_restriction.value.priority
        action      = "Allow"
        ip_address  = ip_restriction.value.cidr
        service_tag = ip_restriction.value.service_tag
      }
    }
  }

  depends_on = [azurerm_private_endpoint.host, terraform_data.roles_propagated]
}

# ---- the package -------------------------------------------------------------------------------------------------------------

# Everything that refers to a function (subscriptions, webhook keys) waits for this.
resource "terraform_data" "package" {
  triggers_replace = [
    local.app_id,
    var.package_path == null ? "" : filesha256(var.package_path),
  ]

  provisioner "local-exec" {
    command = "bash '${path.module}/deploy.sh'"
    environment = {
      PLAN           = var.plan
      SUBSCRIPTION   = local.subscription_id
      GROUP          = var.resource_group_name
      APP            = local.names.app
      APP_ID         = local.app_id
      PACKAGE        = var.package_path == null ? "" : var.package_path
      MINUTES        = 20
      UPLOAD_SECONDS = 900
    }
  }

  depends_on = [
    azapi_resource.flex,
    azurerm_linux_function_app.premium,
    azapi_resource.signing_key,
    terraform_data.state_key,
    azapi_resource.table,
  ]
}
