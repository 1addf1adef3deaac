output "accounts" {
  description = "Name of each of the five stages' account."
  value       = { for code, account in local.account_of : code => module.stage[account].name }
}

output "link_hosts" {
  description = "Hosts that links of this workspace point to; the workspace's own firewall has to let people through to them."
  value       = { for code in local.codes : code => "${local.account_names[code]}.blob.${var.core.storage_suffix}" }
}

output "registry_document" {
  description = "What the workspace is registered with: the body of PUT /api/workspaces/ID."
  value       = local.registry_document
}

output "private_endpoints" {
  description = "Of each account, by its stage, or stalws for one that serves all: its private endpoints with subnet and DNS zone, \"core\" for the service and \"workspace\" for people."
  value       = { for code, stage in module.stage : code => stage.private_endpoints }
}
