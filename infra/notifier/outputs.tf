output "logic_app_id" {
  description = "Resource id of the notifier."
  value       = azurerm_logic_app_workflow.notifier.id
}

output "mail_connection_id" {
  description = "The connection an office365 deployment has to consent to in the portal; null with acs."
  value       = one(azurerm_api_connection.mail[*].id)
}

output "rules" {
  description = "The rule table in force."
  value       = local.rules
}
