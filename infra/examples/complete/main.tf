# One TRE with two workspaces, network included. A TRE that has its networks already takes the three module blocks and passes
# its own subnets and DNS zones.

provider "azurerm" {
  subscription_id = var.subscription_id
  # Account keys are off everywhere, so tables and blobs are reached with the deployer's own token.
  storage_use_azuread = true
  # azurerm 5 registers nothing by itself, and a subscription knows only the providers somebody used before. Microsoft.App is
  # for the subnet of Flex Consumption, which fails without a word that names it.
  resource_providers_to_register = [
    "Microsoft.AlertsManagement",
    "Microsoft.App",
    "Microsoft.EventGrid",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.Logic",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Security",
    "Microsoft.Storage",
    "Microsoft.Web",
  ]
  features {
    storage {
      # Nothing of a storage account's data plane is configured here, and it may not be reachable while it is made.
      data_plane_available = false
    }
    key_vault {
      purge_soft_delete_on_destroy    = false
      recover_soft_deleted_key_vaults = true
    }
    resource_group {
      prevent_deletion_if_contains_resources = true
    }
  }
}

provider "azapi" {
  subscription_id = var.subscription_id
}

resource "azurerm_resource_group" "core" {
  name     = "rg-airlock-${var.tre_id}"
  location = var.location
  tags     = var.tags
}

module "core" {
  source = "../../core"

  tre_id              = var.tre_id
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  tags                = var.tags

  function_subnet_id = azurerm_subnet.functions.id
  # Through the associations, so that no endpoint is there before its network security group.
  private_endpoint_subnet_ids = { for door, guard in azurerm_subnet_network_security_group_association.core : door => guard.subnet_id }
  # Through the links, so that names resolve before anything is reached by them.
  private_dns_zone_ids = { for service, link in azurerm_private_dns_zone_virtual_network_link.core : service => link.private_dns_zone_id }

  api          = var.api
  alert_emails = var.alert_emails

  layout                   = var.layout
  plan                     = var.plan
  package_path             = var.package_path
  directory                = var.directory
  deployer_ip_ranges       = var.deployer_ip_ranges
  scan_cap_gb_per_month    = var.scan_cap_gb_per_month
  worm_days                = var.worm_days
  worm_locked              = var.worm_locked
  role_propagation_seconds = var.role_propagation_seconds

  names              = var.core.names
  internet_ip_ranges = var.core.internet_ip_ranges
  api_ip_ranges      = var.core.api_ip_ranges
  review_endpoints   = var.core.review_endpoints
  auditor_object_ids = var.core.auditor_object_ids
  deployer_object_id = var.core.deployer_object_id
  token_issuer       = var.core.token_issuer
  request_url        = var.core.request_url
  link_base          = var.core.link_base
  runbook_url        = var.core.runbook_url
  private_topics     = var.core.private_topics
  storage_logs       = var.core.storage_logs
  log_retention_days = var.core.log_retention_days
  malware_scanning   = var.core.malware_scanning
  replication_type   = var.core.replication_type
  recoverable_days   = var.core.recoverable_days
  state_key_version  = var.core.state_key_version
  premium_sku        = var.core.premium_sku
  flex               = var.core.flex
}

resource "azurerm_resource_group" "workspace" {
  for_each = var.workspaces

  name     = "rg-airlock-${var.tre_id}-${each.key}"
  location = var.location
  tags     = var.tags
}

module "workspace" {
  source   = "../../workspace"
  for_each = var.workspaces

  core                = module.core.for_workspaces
  workspace_id        = each.value.workspace_id
  resource_group_name = azurerm_resource_group.workspace[each.key].name
  tags                = var.tags

  private_endpoint_subnet_id = azurerm_subnet_network_security_group_association.workspace[each.key].subnet_id
  blob_private_dns_zone_id   = azurerm_private_dns_zone_virtual_network_link.workspace[each.key].private_dns_zone_id
  scan_cap_gb_per_month      = var.scan_cap_gb_per_month

  display_name         = each.value.display_name
  description          = each.value.description
  client_id            = each.value.client_id
  service_principal_id = each.value.service_principal_id
  contacts             = each.value.contacts
  policy               = jsondecode(each.value.policy)
  scope_id             = each.value.scope_id

  layout                      = coalesce(each.value.layout, var.layout)
  account_names               = each.value.account_names
  malware_scanning            = each.value.malware_scanning
  replication_type            = each.value.replication_type
  recoverable_days            = each.value.recoverable_days
  stages_in_workspace_network = each.value.stages_in_workspace_network
}

module "notifier" {
  source = "../../notifier"

  tre_id              = var.tre_id
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  tags                = var.tags

  topic_id        = module.core.notification_topic.id
  dead_letters    = module.core.dead_letters
  notified        = module.core.notified
  action_group_id = module.core.action_group_id

  connector        = var.mail.connector
  sender           = var.mail.sender
  acs              = var.mail.acs
  smtp             = var.mail.smtp
  smtp_password    = var.smtp_password
  entra_audience   = var.mail.entra_audience
  rules            = var.mail.rules
  runbook_url      = var.core.runbook_url
  chat_webhook_url = var.chat_webhook_url
}
