output "subscription_id" {
  description = "Id of the event subscription that asks the gate."
  value       = azurerm_eventgrid_event_subscription.gate.id
}
