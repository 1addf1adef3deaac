module "stage" {
  source   = "../stage"
  for_each = local.stages

  code                = each.key
  name                = local.names[each.key]
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
  replication_type    = var.replication_type
  reach               = each.value.reach
  internet_ip_ranges  = each.value.reach == "internet" ? var.internet_ip_ranges : []
  recoverable_days    = var.recoverable_days[each.key]
  browser_origins     = local.portal_origins

  # "core" is the service's own way in, for the internet-facing accounts as well: a server-side copy out of a
  # private account is refused when the caller reaches the destination over the internet. Only stalimip's is a door for
  # people too: whoever reached the others could use somebody else's link there, past scan and review.
  private_endpoints = merge(
    { core = { subnet_id = var.private_endpoint_subnet_ids[each.key == "stalimip" ? "review" : "stages"], private_dns_zone_id = var.private_dns_zone_ids.blob } },
    each.key == "stalimip" ? var.review_endpoints : {},
  )

  service_principal_id = azurerm_user_assigned_identity.airlock.principal_id
  logs                 = var.storage_logs ? { log_analytics_workspace_id = azurerm_log_analytics_workspace.airlock.id } : null

  scan = each.value.scan ? {
    results_topic_id = azurerm_eventgrid_topic.topic["scan_result"].id
    cap_gb_per_month = var.scan_cap_gb_per_month
    scanner_id       = local.scanner_id
    tags_role_id     = azurerm_role_definition.airlock["scan_tags"].role_definition_resource_id
  } : null

  events = each.value.events ? local.blob_created : null

  depends_on = [terraform_data.package]
}
