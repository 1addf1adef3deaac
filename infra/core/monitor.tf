resource "azurerm_log_analytics_workspace" "airlock" {
  name                = "log-airlock-${var.tre_id}"
  resource_group_name = var.resource_group_name
  location            = var.location
  sku                 = "PerGB2018"
  retention_in_days   = var.log_retention_days
  tags                = var.tags
}

resource "azurerm_application_insights" "airlock" {
  name                = "appi-airlock-${var.tre_id}"
  resource_group_name = var.resource_group_name
  location            = var.location
  application_type    = "other"
  workspace_id        = azurerm_log_analytics_workspace.airlock.id
  # Alerts are log lines: none may be sampled away.
  sampling_percentage          = 100
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_monitor_action_group" "operators" {
  name                = "ag-airlock-${var.tre_id}"
  resource_group_name = var.resource_group_name
  short_name          = "airlock"
  tags                = var.tags

  dynamic "email_receiver" {
    for_each = var.alert_emails
    content {
      name                    = email_receiver.key
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

locals {
  # Each is the member "alert" of a log line of the handler, the name of the rule, and a heading in docs/RUNBOOK.md.
  # every_minutes: how often Azure looks, which is the price of a rule: what is critical every 5; severity: 0 critical .. 4 verbose.
  #
  # It looks back further than that, since a line can take minutes to get into the table, and is silent for the difference, so
  # that one line is not told twice.
  log_alert_window = { 5 = 15, 15 = 30 }
  log_alerts = {
    integrity_violation    = { severity = 0, every_minutes = 5, summary = "Data or its ETag chain is not what was scanned or reviewed." }
    registry_changed       = { severity = 2, every_minutes = 15, summary = "Somebody else changed the registry row of a workspace; that is not in force until it is accepted." }
    evidence_planted       = { severity = 1, every_minutes = 15, summary = "Something lies in the evidence account that the service did not write." }
    anchors_missing        = { severity = 0, every_minutes = 5, summary = "Trails were kept out of the log of anchors." }
    audit_chain_broken     = { severity = 0, every_minutes = 5, summary = "An audit trail does not verify." }
    state_damaged          = { severity = 0, every_minutes = 5, summary = "The state tables hold what the service cannot have written." }
    container_unclaimed    = { severity = 0, every_minutes = 15, summary = "Stage accounts have containers that no request claims." }
    operator_action_needed = { severity = 1, every_minutes = 15, summary = "A request waits for something only an operator can do." }
    request_failed         = { severity = 2, every_minutes = 15, summary = "A request ended as failed and can be retried." }
    request_overdue        = { severity = 2, every_minutes = 15, summary = "A request is stuck in a step longer than it should." }
    event_parked           = { severity = 2, every_minutes = 15, summary = "An event could not be handled and was parked." }
    scan_silent            = { severity = 1, every_minutes = 15, summary = "Files wait for a scan verdict that does not come." }
    outbox_stalled         = { severity = 1, every_minutes = 15, summary = "Events are recorded but cannot be published." }
  }

  # The handler says nothing at all: found from outside.
  silence_alerts = {
    reconciler_silent = {
      severity = 1
      summary  = "The reconciler did not finish a run for 15 minutes."
      query    = <<-KQL
        AppRequests
        | where OperationName == "Reconcile" and Success == true
        | summarize Runs = count()
        | where Runs == 0
      KQL
    }
    function_failing = {
      severity = 2
      summary  = "A function fails again and again."
      query    = <<-KQL
        AppRequests
        | where Success == false and (isempty(ResultCode) or toint(ResultCode) >= 500 or toint(ResultCode) == 0)
        | summarize Failures = count() by OperationName
        | where Failures >= 10
      KQL
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "log" {
  for_each = local.log_alerts

  name                = each.key
  display_name        = "Airlock ${var.tre_id}: ${each.key}"
  description         = "${each.value.summary} What to do: ${var.runbook_url}#${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  scopes              = [azurerm_log_analytics_workspace.airlock.id]
  severity            = each.value.severity
  tags                = var.tags

  evaluation_frequency              = "PT${each.value.every_minutes}M"
  window_duration                   = "PT${local.log_alert_window[each.value.every_minutes]}M"
  mute_actions_after_alert_duration = "PT${local.log_alert_window[each.value.every_minutes] - each.value.every_minutes}M"
  auto_mitigation_enabled           = false
  # The table exists only after the first line was logged.
  skip_query_validation = true

  criteria {
    # The handler logs one JSON object per line to stdout; the host files each as a trace.
    query                   = <<-KQL
      AppTraces
      | where Message has "alert" and Message has "${each.key}"
      | extend Line = parse_json(extract(@"(\{.*\})", 1, Message))
      | where tostring(Line.alert) == "${each.key}"
      | project TimeGenerated, Message, Request = tostring(Line.request), Workspace = tostring(Line.workspace)
    KQL
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0
  }

  action {
    action_groups     = [azurerm_monitor_action_group.operators.id]
    custom_properties = { runbook = "${var.runbook_url}#${each.key}" }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "silence" {
  for_each = local.silence_alerts

  name                = each.key
  display_name        = "Airlock ${var.tre_id}: ${each.key}"
  description         = "${each.value.summary} What to do: ${var.runbook_url}#${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  scopes              = [azurerm_log_analytics_workspace.airlock.id]
  severity            = each.value.severity
  tags                = var.tags

  evaluation_frequency    = "PT15M"
  window_duration         = "PT15M"
  auto_mitigation_enabled = true
  skip_query_validation   = true

  criteria {
    query                   = each.value.query
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0
  }

  action {
    action_groups     = [azurerm_monitor_action_group.operators.id]
    custom_properties = { runbook = "${var.runbook_url}#${each.key}" }
  }
}

# Counted by Event Grid where the dead letters of all topics arrive, so that it tells also when our functions do not run.
resource "azurerm_monitor_metric_alert" "events_dead_lettered" {
  name                = "events_dead_lettered"
  resource_group_name = var.resource_group_name
  scopes              = [azurerm_eventgrid_system_topic.state.id]
  description         = "An event could not be delivered. What to do: ${var.runbook_url}#events_dead_lettered"
  severity            = 2
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = var.tags

  criteria {
    metric_namespace = "Microsoft.EventGrid/systemTopics"
    metric_name      = "MatchedEventCount"
    aggregation      = "Total"
    operator         = "GreaterThan"
    threshold        = 0

    dimension {
      name     = "EventSubscriptionName"
      operator = "Include"
      values   = [azurerm_eventgrid_system_topic_event_subscription.dead_letter.name]
    }
  }

  action {
    action_group_id = azurerm_monitor_action_group.operators.id
    webhook_properties = {
      runbook = "${var.runbook_url}#events_dead_lettered"
    }
  }
}

locals {
  # Whoever owns the subscription can give himself any right, and replace the secret without one. It does not go unseen.
  change_alerts = {
    rights_given    = { operation = "Microsoft.Authorization/roleAssignments/write", summary = "Somebody was given a right on the airlock's resources." }
    secret_replaced = { operation = "Microsoft.KeyVault/vaults/secrets/write", summary = "A secret of the airlock was written." }
  }
}

resource "azurerm_monitor_activity_log_alert" "changes" {
  for_each = local.change_alerts

  name                = each.key
  resource_group_name = var.resource_group_name
  location            = "global"
  scopes              = [local.resource_group_id]
  description         = "${each.value.summary} What to do: ${var.runbook_url}#${each.key}"
  tags                = var.tags

  criteria {
    category       = "Administrative"
    operation_name = each.value.operation
  }

  action {
    action_group_id = azurerm_monitor_action_group.operators.id
    webhook_properties = {
      runbook = "${var.runbook_url}#${each.key}"
    }
  }
}

resource "azurerm_application_insights_standard_web_test" "health" {
  name                    = "health-airlock-${var.tre_id}"
  resource_group_name     = var.resource_group_name
  location                = var.location
  application_insights_id = azurerm_application_insights.airlock.id
  description             = "GET /api/health from three places"
  geo_locations           = ["emea-nl-ams-azr", "emea-gb-db3-azr", "emea-ru-msa-edge"]
  frequency               = 600 # half the price of every 5 minutes; handler_down looks back 15
  timeout                 = 30
  retry_enabled           = true
  enabled                 = true
  tags                    = var.tags

  request {
    url = "https://${local.app_hostname}/api/health"
  }

  validation_rules {
    expected_status_code = 200
    ssl_check_enabled    = true
  }
}

resource "azurerm_monitor_metric_alert" "handler_down" {
  name                = "handler_down"
  resource_group_name = var.resource_group_name
  scopes              = [azurerm_application_insights_standard_web_test.health.id, azurerm_application_insights.airlock.id]
  description         = "The API's health check fails from at least two places. What to do: ${var.runbook_url}#handler_down"
  severity            = 1
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = var.tags

  application_insights_web_test_location_availability_criteria {
    web_test_id           = azurerm_application_insights_standard_web_test.health.id
    component_id          = azurerm_application_insights.airlock.id
    failed_location_count = 2
  }

  action {
    action_group_id = azurerm_monitor_action_group.operators.id
    webhook_properties = {
      runbook = "${var.runbook_url}#handler_down"
    }
  }
}
