# Tells people what happens: a Logic App behind the topic airlockNotification. Whoever wants other texts, other people
# or another system changes the rule table or subscribes something else to the same topic; the airlock does not notice.

data "azurerm_client_config" "current" {}

locals {
  rules = coalesce(var.rules, [for rule in jsondecode(file("${path.module}/rules.json")) : merge({ also = [] }, rule)])

  # Connectors of the multi-tenant Logic App service; acs needs none, it is called with the Logic App's own identity.
  managed_api = { office365 = "office365", smtp = "smtp", acs = null }[var.connector]

  entra     = var.entra_audience != null
  tenant_id = coalesce(var.tenant_id, data.azurerm_client_config.current.tenant_id)

  # Event Grid's own application, the same in every tenant of the public cloud.
  event_grid_app_id = "4962773b-9cdb-44cf-a8bf-237846a00ab7"

  webhook_url = local.entra ? "${azurerm_logic_app_workflow.notifier.access_endpoint}/triggers/notification/paths/invoke?api-version=2016-10-01" : azurerm_logic_app_trigger_http_request.notification.callback_url
}

resource "azurerm_api_connection" "mail" {
  count = local.managed_api == null ? 0 : 1

  name                = "${local.managed_api}-airlock-${var.tre_id}"
  resource_group_name = var.resource_group_name
  managed_api_id      = "/subscriptions/${data.azurerm_client_config.current.subscription_id}/providers/Microsoft.Web/locations/${var.location}/managedApis/${local.managed_api}"
  display_name        = "airlock-${var.tre_id}"
  tags                = var.tags

  parameter_values = var.connector != "smtp" ? {} : {
    serverAddress = var.smtp.server
    port          = tostring(var.smtp.port)
    userName      = var.smtp.user
    password      = var.smtp_password
    enableSSL     = "true"
  }

  lifecycle {
    # Azure does not give the values back; the consent of office365 is made in the portal.
    ignore_changes = [parameter_values]
    precondition {
      condition     = var.connector != "smtp" || (var.smtp != null && var.smtp_password != null && var.sender != null)
      error_message = "connector smtp needs smtp, smtp_password and sender."
    }
  }
}

resource "azurerm_logic_app_workflow" "notifier" {
  name                = "logic-airlock-notifier-${var.tre_id}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags

  identity {
    type = "SystemAssigned"
  }

  workflow_parameters = merge(
    { rules = jsonencode({ type = "Array", defaultValue = [] }) },
    local.managed_api == null ? {} : { "$connections" = jsonencode({ type = "Object", defaultValue = {} }) },
    var.chat_webhook_url == null ? {} : { chat_webhook_url = jsonencode({ type = "SecureString" }) },
  )

  parameters = merge(
    { rules = jsonencode(local.rules) },
    local.managed_api == null ? {} : {
      "$connections" = jsonencode({
        mail = {
          connectionId   = azurerm_api_connection.mail[0].id
          connectionName = azurerm_api_connection.mail[0].name
          id             = azurerm_api_connection.mail[0].managed_api_id
        }
      })
    },
    var.chat_webhook_url == null ? {} : { chat_webhook_url = var.chat_webhook_url },
  )

  dynamic "access_control" {
    for_each = local.entra ? [1] : []
    content {
      trigger {
        open_authentication_policy {
          name = "event-grid"
          claim {
            name  = "iss"
            value = "https://sts.windows.net/${local.tenant_id}/"
          }
          claim {
            name  = "aud"
            value = var.entra_audience
          }
          claim {
            name  = "appid"
            value = local.event_grid_app_id
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.connector != "acs" || (var.acs != null && var.sender != null)
      error_message = "connector acs needs acs and sender."
    }
  }
}

resource "azurerm_logic_app_trigger_http_request" "notification" {
  name         = "notification"
  logic_app_id = azurerm_logic_app_workflow.notifier.id
  method       = "POST"
  schema       = jsonencode({ type = "array", items = { type = "object" } })
}

# Answers Event Grid's question whether the address is ours, or handles the event (there is one in a delivery). The answer is
# given after the mails went out, so that a mail that cannot be sent is delivered again and in the end shows as a parked event.
#
# Event Grid waits 30 seconds for it and then delivers the same event again. So a run first claims the event: it makes a blob with
# the event's id for a name. Who finds one there sends nothing: it answers 200 when the other run has sent its mails, else 503, and
# Event Grid asks again. Who cannot get at the blobs at all sends: a mail twice is better than none.
resource "azurerm_logic_app_action_custom" "handle" {
  name         = "handle"
  logic_app_id = azurerm_logic_app_workflow.notifier.id

  body = jsonencode({
    type     = "If"
    runAfter = {}
    expression = {
      equals = ["@triggerOutputs()?['headers']?['aeg-event-type']", "SubscriptionValidation"]
    }
    actions = {
      validated = {
        type     = "Response"
        kind     = "Http"
        runAfter = {}
        inputs = {
          statusCode = 200
          body       = { validationResponse = "@triggerBody()?[0]?['data']?['validationCode']" }
        }
      }
    }
    else = {
      actions = {
        claim = merge(local.claim_blob, {
          runAfter = {}
          inputs = merge(local.claim_blob.inputs, {
            method  = "PUT"
            headers = merge(local.claim_blob.inputs.headers, local.new_blob, { "If-None-Match" = "*" })
            body    = "sending"
          })
        })
        somebody_has_it = {
          type       = "If"
          runAfter   = { claim = ["Succeeded", "Failed", "TimedOut"] }
          expression = { equals = ["@contains(createArray(409,412),coalesce(outputs('claim')?['statusCode'],0))", true] }
          actions    = local.after_another
          else       = { actions = local.send_and_answer }
        }
      }
    }
  })
}

# The Logic App gets into the state account as a trusted service, with its own identity.
resource "azurerm_role_assignment" "notified" {
  scope                = var.notified.container_id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_logic_app_workflow.notifier.identity[0].principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock notifier: notes which notifications it has sent."
}

resource "azurerm_role_assignment" "acs" {
  count = var.connector == "acs" ? 1 : 0

  scope                = var.acs.resource_id
  role_definition_name = "Communication and Email Service Owner"
  principal_id         = azurerm_logic_app_workflow.notifier.identity[0].principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock notifier: sends mail. Azure has no smaller built-in role for it."
}

resource "azurerm_eventgrid_event_subscription" "notification" {
  name                  = "notifier"
  scope                 = var.topic_id
  event_delivery_schema = "EventGridSchema"
  included_event_types  = ["airlockNotification"]

  subject_filter {
    subject_ends_with = "/airlockNotification"
    case_sensitive    = true
  }

  webhook_endpoint {
    url                            = local.webhook_url
    max_events_per_batch           = 1
    active_directory_tenant_id     = local.entra ? local.tenant_id : null
    active_directory_app_id_or_uri = local.entra ? var.entra_audience : null
  }

  retry_policy {
    max_delivery_attempts = var.dead_letters.max_delivery_attempts
    event_time_to_live    = var.dead_letters.event_time_to_live
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = var.dead_letters.account_id
    storage_blob_container_name = var.dead_letters.container
  }

  # The topic's identity; infra/core lets it write there.
  dead_letter_identity {
    type = "SystemAssigned"
  }

  # The validation question comes at once and must find the workflow complete.
  depends_on = [azurerm_logic_app_action_custom.handle, azurerm_role_assignment.notified]
}

resource "azurerm_monitor_metric_alert" "notifier_failing" {
  name                = "notifier_failing"
  resource_group_name = var.resource_group_name
  scopes              = [azurerm_logic_app_workflow.notifier.id]
  description         = "Notifications are not sent. Requests go on. What to do: ${var.runbook_url}#notifier_failing"
  severity            = 2
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = var.tags

  criteria {
    metric_namespace = "Microsoft.Logic/workflows"
    metric_name      = "RunsFailed"
    aggregation      = "Total"
    operator         = "GreaterThan"
    threshold        = 0
  }

  action {
    action_group_id = var.action_group_id
  }
}
