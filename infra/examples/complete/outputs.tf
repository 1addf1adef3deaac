output "api_url" {
  description = "Base address of the API."
  value       = module.core.api_url
}

output "app_name" {
  description = "Name of the Functions app, for logs and restarts."
  value       = module.core.app_name
}

output "identity" {
  description = "The service identity; its Graph permissions are granted by hand."
  value       = module.core.identity
}

output "accounts" {
  description = "Stage accounts: the core's and each workspace's."
  value       = merge({ core = module.core.accounts }, { for name, workspace in module.workspace : name => workspace.accounts })
}

output "registry_documents" {
  description = "What register-workspaces.sh registers: of each workspace its id and its document, as JSON."
  value       = { for name, workspace in module.workspace : name => { workspace_id = var.workspaces[name].workspace_id, document = workspace.registry_document } }
}

output "evidence" {
  description = "Where anchors and receipts are kept and how they are verified."
  value       = module.core.evidence
}

output "mail_connection_id" {
  description = "The connection to consent to in the portal (office365)."
  value       = module.notifier.mail_connection_id
}
