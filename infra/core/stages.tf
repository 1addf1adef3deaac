module "stage" {
  source   = "../stage"
  for_each = local.accounts

  stages              = each.value
  name                = local.names[each.key]
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
  replication_type    = var.replication_type
  reach               = local.stages[each.value[0]].reach
  internet_ip_ranges  = local.stages[each.value[0]].reach == "internet" ? var.internet_ip_ranges : []
  recoverable_days    = min([for code in each.value : var.recoverable_days[code]]...)
  browser_origins     = local.portal_origins

  # "core" is the service's own way in, for the internet-facing accounts as well: a server-side copy out of a
  # private account is refused when the caller reaches the destination over the internet. Only stalimip's is a door for
  # people too: whoever reached the others could use somebody else's link there, past scan and review.
  private_endpoints = merge(
    { core = { subnet_id = var.private_endpoint_subnet_ids[contains(each.value, "stalimip") ? "review" : "stages"], private_dns_zone_id = var.private_dns_zone_ids.blob } },
    contains(each.value, "stalimip") ? var.review_endpoints : {},
  )

  service_principal_id = azurerm_user_assigned_identity.airlock.principal_id
  logs                 = var.storage_logs ? { log_analytics_workspace_id = azurerm_log_analytics_workspace.airlock.id } : null

  scan = anytrue([for code in each.value : local.stages[code].scan]) ? {
    results_topic_id = azurerm_eventgrid_topic.topic["scan_result"].id
    cap_gb_per_month = var.scan_cap_gb_per_month
    scanner_id       = local.scanner_id
    tags_role_id     = azurerm_role_definition.airlock["scan_tags"].role_definition_resource_id
  } : null

  events = anytrue([for code in each.value : local.stages[code].events]) ? local.blob_created : null

  depends_on = [terraform_data.package]
}
