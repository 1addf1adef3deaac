# The airlock of one workspace: the accounts of its five stages and the document with which it is registered.

locals {
  codes = ["stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"]

  # 44 bits of a hash over what makes the workspace unique in the world. AzureTRE's four hex digits of the workspace id
  # collide between 300 workspaces of one TRE with even odds; these do not between a million.
  hash = substr(sha256("${var.core.subscription_id}/${var.core.tre_id}/${var.workspace_id}"), 0, 11)

  # Made here, once; the registry row carries them to the handler, which derives nothing.
  account_of    = { for code in local.codes : code => var.layout == "compact" ? "stalws" : code }
  accounts      = { for code, account in local.account_of : account => code... }
  names         = { for account in keys(local.accounts) : account => lookup(var.account_names, account, "${account}${local.hash}") }
  account_names = { for code, account in local.account_of : code => local.names[account] }

  # All are bound to the workspace's network. The draft raises no events, the in-progress stage is scanned.
  stages = {
    stalimapp     = { scan = false, events = true }
    stalexint     = { scan = false, events = false }
    stalexip      = { scan = var.malware_scanning, events = true }
    stalexrej     = { scan = false, events = true }
    stalexblocked = { scan = false, events = true }
  }
}

module "stage" {
  source   = "../stage"
  for_each = local.accounts

  stages              = each.value
  name                = local.names[each.key]
  resource_group_name = var.resource_group_name
  location            = var.core.location
  tags                = merge(var.tags, { airlock_workspace = var.workspace_id })
  replication_type    = var.replication_type
  reach               = "private"
  recoverable_days    = min([for code in each.value : var.recoverable_days[code]]...)
  browser_origins     = var.core.portal_origins

  # Two ways in, which do not meet. The service comes through the endpoint in its own network: a server-side copy is refused
  # (403 CannotVerifyCopySource) when the source can be reached only through an endpoint in a *peered* network (AzureTRE
  # #2098, azure-docs #110129), so the networks need not be peered, and should not be. People come through the endpoint in
  # the workspace's network. Each has its zone: one zone holds one address of an account, and one endpoint cannot write
  # to two zones of one name (terraform-provider-azurerm #28966).
  private_endpoints = merge(
    { core = var.core.service_endpoint },
    length(setintersection(var.stages_in_workspace_network, each.value)) > 0 ? {
      workspace = { subnet_id = var.private_endpoint_subnet_id, private_dns_zone_id = var.blob_private_dns_zone_id }
    } : {},
  )

  service_principal_id = var.core.service_principal_id
  logs                 = var.core.storage_logs ? { log_analytics_workspace_id = var.core.log_analytics_workspace_id } : null

  scan = anytrue([for code in each.value : local.stages[code].scan]) ? {
    results_topic_id = var.core.scan_results_topic_id
    cap_gb_per_month = var.scan_cap_gb_per_month
    scanner_id       = var.core.scanner_id
    tags_role_id     = var.core.tags_role_id
  } : null

  events = anytrue([for code in each.value : local.stages[code].events]) ? var.core.blob_created : null
}

locals {
  registry_document = jsonencode(merge(
    {
      displayName = var.display_name
      description = var.description
      clientId    = var.client_id
      scopeId     = coalesce(var.scope_id, "api://${var.client_id}")
      accounts    = local.account_names
      contacts    = var.contacts
      policy      = var.policy
    },
    var.service_principal_id == null ? {} : { servicePrincipalId = var.service_principal_id },
  ))
}
