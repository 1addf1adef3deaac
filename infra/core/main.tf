data "azurerm_client_config" "current" {}

locals {
  subscription_id = data.azurerm_client_config.current.subscription_id
  tenant_id       = data.azurerm_client_config.current.tenant_id
  deployer_id     = coalesce(var.deployer_object_id, data.azurerm_client_config.current.object_id)

  resource_group_id = "/subscriptions/${local.subscription_id}/resourceGroups/${var.resource_group_name}"

  # Every name is made here, once, and travels from here to app settings, registry rows and outputs.
  names = merge({
    stalimex      = "stalimex${var.tre_id}"
    stalimip      = "stalimip${var.tre_id}"
    stalimrej     = "stalimrej${var.tre_id}"
    stalimblocked = "stalimblocked${var.tre_id}"
    stalexapp     = "stalexapp${var.tre_id}"
    stalcore      = "stalcore${var.tre_id}"
    stalstate     = "stalstate${var.tre_id}"
    stalevidence  = "stalevidence${var.tre_id}"
    stalhost      = "stalhost${var.tre_id}"
    vault         = "kv-airlock-${var.tre_id}"
    app           = "func-airlock-${var.tre_id}"
  }, var.names)

  # Written out instead of taken from the resource, so that a plan shows which function gets which event.
  app_id       = "${local.resource_group_id}/providers/Microsoft.Web/sites/${local.names.app}"
  app_hostname = "${local.names.app}.azurewebsites.net"

  # Where people open the portal.
  portal_origins = distinct(concat(["https://${local.app_hostname}"], var.portal_origins))

  # Which stage is reachable from where, who scans and who tells us that a copy arrived.
  # Drafts raise no events: nothing may happen before the requestor submits.
  stages = {
    stalimex      = { reach = "internet", scan = false, events = false }
    stalimip      = { reach = "private", scan = var.malware_scanning, events = true }
    stalimrej     = { reach = "private", scan = false, events = true }
    stalimblocked = { reach = "private", scan = false, events = true }
    stalexapp     = { reach = "internet", scan = false, events = true }
  }

  # Which account serves which stage. What the internet reaches shares none.
  account_of = { for code, stage in local.stages : code => var.layout == "compact" && stage.reach == "private" ? "stalcore" : code }
  accounts   = { for code, account in local.account_of : account => code... }

  max_delivery_attempts     = 30
  event_time_to_live_minute = 1440

  scanner_id = "/subscriptions/${local.subscription_id}/providers/Microsoft.Security/datascanners/StorageDataScanner"
}
