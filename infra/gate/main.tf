# Asks one external gate for its word: a subscription of the topic "gates" for the events of that gate, delivered to the
# engine's webhook with a token of Entra. The engine's own application needs the app role AirlockGate of the core API
# (infra/examples/complete/entra/assign.sh), and its object id in the policy's callers.

resource "azurerm_eventgrid_event_subscription" "gate" {
  name                  = "gate-${var.gate}"
  scope                 = var.topic_id
  event_delivery_schema = "EventGridSchema"
  included_event_types  = ["Airlock.GateRequested"]

  # The subject is "REQUEST/gate/ID": this gate's events and no others'.
  subject_filter {
    subject_ends_with = "/gate/${var.gate}"
    case_sensitive    = true
  }

  webhook_endpoint {
    url                            = var.webhook_url
    max_events_per_batch           = 1
    active_directory_tenant_id     = var.tenant_id
    active_directory_app_id_or_uri = var.webhook_audience
  }

  # No dead letters: the airlock asks again itself, and at the gate's deadline the policy says what follows.
  retry_policy {
    max_delivery_attempts = 30
    event_time_to_live    = var.event_time_to_live
  }
}
