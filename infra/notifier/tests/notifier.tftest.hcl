mock_provider "azurerm" {
  source = "../mocks/azurerm"
}

variables {
  tre_id              = "test"
  resource_group_name = "rg"
  location            = "westeurope"
  topic_id            = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/notification"
  action_group_id     = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
  connector           = "office365"
  dead_letters = {
    account_id            = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state"
    container             = "dead-letters"
    max_delivery_attempts = 30
    event_time_to_live    = 1440
  }
  notified = {
    container_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/notified"
    url          = "https://state.blob.core.windows.net/notified"
  }
}

run "an_event_is_claimed_before_it_is_mailed" {
  assert {
    condition     = azurerm_role_assignment.notified.scope == var.notified.container_id && azurerm_role_assignment.notified.principal_id == azurerm_logic_app_workflow.notifier.identity[0].principal_id
    error_message = "the notifier cannot note what it has sent"
  }
  assert {
    condition     = jsondecode(azurerm_logic_app_action_custom.handle.body).else.actions.claim.inputs.uri == "https://state.blob.core.windows.net/notified/@{encodeUriComponent(triggerBody()?[0]?['id'])}"
    error_message = "the event's id is not what is claimed"
  }
}

run "office365" {
  assert {
    condition     = azurerm_eventgrid_event_subscription.notification.scope == var.topic_id && azurerm_eventgrid_event_subscription.notification.included_event_types == tolist(["airlockNotification"])
    error_message = "subscribed to something else"
  }
  assert {
    condition     = azurerm_eventgrid_event_subscription.notification.storage_blob_dead_letter_destination[0].storage_account_id == var.dead_letters.account_id
    error_message = "a lost notification leaves no trace"
  }
  assert {
    condition     = strcontains(azurerm_logic_app_action_custom.handle.body, "/v2/Mail") && length(azurerm_api_connection.mail) == 1
    error_message = "does not send through Office 365"
  }
  assert {
    condition     = strcontains(azurerm_logic_app_action_custom.handle.body, "validationResponse")
    error_message = "Event Grid's question is not answered"
  }
  assert {
    condition     = strcontains(azurerm_logic_app_action_custom.handle.body, "\\u0026lt;")
    error_message = "text of people goes into the mail as markup"
  }
}

run "communication_services_by_identity" {
  variables {
    connector = "acs"
    sender    = "airlock@example.org"
    acs = {
      resource_id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Communication/communicationServices/acs"
      endpoint    = "https://acs.europe.communication.azure.com/"
    }
  }
  assert {
    condition     = length(azurerm_api_connection.mail) == 0 && strcontains(azurerm_logic_app_action_custom.handle.body, "ManagedServiceIdentity")
    error_message = "acs is not used by identity"
  }
  assert {
    condition     = azurerm_role_assignment.acs[0].scope == var.acs.resource_id && azurerm_role_assignment.acs[0].principal_id == azurerm_logic_app_workflow.notifier.identity[0].principal_id
    error_message = "the Logic App may not send"
  }
  assert {
    condition     = strcontains(azurerm_logic_app_action_custom.handle.body, "https://acs.europe.communication.azure.com/emails:send")
    error_message = "another endpoint is called"
  }
}

run "smtp" {
  variables {
    connector     = "smtp"
    sender        = "airlock@example.org"
    smtp          = { server = "smtp.example.org", user = "airlock" }
    smtp_password = "not-a-password"
  }
  assert {
    condition     = strcontains(azurerm_logic_app_action_custom.handle.body, "/SendEmailV3") && !strcontains(azurerm_logic_app_action_custom.handle.body, "not-a-password")
    error_message = "smtp is not used, or the password is in the workflow"
  }
}

run "a_chat_beside_the_mail" {
  variables {
    chat_webhook_url = "https://chat.example.org/hook"
  }
  assert {
    condition     = strcontains(azurerm_logic_app_action_custom.handle.body, "chat_told_or_not") && !strcontains(azurerm_logic_app_action_custom.handle.body, "chat.example.org")
    error_message = "the chat is not told, or its address is in the workflow"
  }
}

run "with_entra_the_address_carries_no_signature" {
  variables {
    entra_audience = "12121212-1212-4212-8212-121212121212"
    tenant_id      = "11111111-1111-4111-8111-111111111111"
  }
  assert {
    condition     = !strcontains(azurerm_eventgrid_event_subscription.notification.webhook_endpoint[0].url, "sig=") && azurerm_eventgrid_event_subscription.notification.webhook_endpoint[0].active_directory_app_id_or_uri == var.entra_audience
    error_message = "the address still carries a signature"
  }
  assert {
    condition     = length(azurerm_logic_app_workflow.notifier.access_control) == 1
    error_message = "the Logic App accepts anybody"
  }
}

run "smtp_without_server_is_refused" {
  command = plan
  variables {
    connector = "smtp"
  }
  expect_failures = [azurerm_api_connection.mail]
}

run "acs_without_resource_is_refused" {
  command = plan
  variables {
    connector = "acs"
  }
  expect_failures = [azurerm_logic_app_workflow.notifier]
}

run "a_rule_to_nobody_known_is_refused" {
  command = plan
  variables {
    rules = [{ statuses = ["approved"], to = ["everybody"], subject = "s", text = "t" }]
  }
  expect_failures = [var.rules]
}
