mock_provider "azurerm" {
  source = "../mocks/azurerm"
}

variables {
  topic_id         = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/gates"
  gate             = "dlp"
  webhook_url      = "https://engine.example.org/events"
  tenant_id        = "dddddddd-0000-4000-8000-000000000001"
  webhook_audience = "api://engine"
}

run "one_gate_is_asked" {
  assert {
    condition     = azurerm_eventgrid_event_subscription.gate.scope == var.topic_id && azurerm_eventgrid_event_subscription.gate.included_event_types == tolist(["Airlock.GateRequested"])
    error_message = "subscribed to something else"
  }
  assert {
    condition     = azurerm_eventgrid_event_subscription.gate.subject_filter[0].subject_ends_with == "/gate/dlp"
    error_message = "another gate's events come, too"
  }
  assert {
    condition     = azurerm_eventgrid_event_subscription.gate.webhook_endpoint[0].active_directory_app_id_or_uri == "api://engine" && azurerm_eventgrid_event_subscription.gate.webhook_endpoint[0].active_directory_tenant_id == var.tenant_id
    error_message = "events come without a token"
  }
}

run "a_webhook_without_tls_is_refused" {
  command = plan
  variables {
    webhook_url = "http://engine.example.org/events"
  }
  expect_failures = [var.webhook_url]
}

run "a_gate_that_no_policy_can_name_is_refused" {
  command = plan
  variables {
    gate = "Malware"
  }
  expect_failures = [var.gate]
}
