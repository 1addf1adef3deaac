# Every right of the service, one by one. infra/README.md has the same table with the reasons; a test compares them.
# The rights in the stage accounts are in infra/stage, and the roles that are not Azure's own in definitions.tf.

locals {
  airlock_id = azurerm_user_assigned_identity.airlock.principal_id
}

# Table by table, and rows only: who has the service's identity can neither make nor delete a table.
resource "azurerm_role_assignment" "state_tables" {
  for_each = azapi_resource.table

  scope              = "${azurerm_storage_account.state.id}/tableServices/default/tables/${each.value.name}"
  role_definition_id = azurerm_role_definition.airlock["table_rows"].role_definition_resource_id
  principal_id       = local.airlock_id
  principal_type     = "ServicePrincipal"
  description        = "Airlock service: rows of ${each.key}."
}

resource "azurerm_role_assignment" "dead_letter_blobs" {
  scope              = azurerm_storage_container.dead_letters.id
  role_definition_id = azurerm_role_definition.airlock["dead_letters"].role_definition_resource_id
  principal_id       = local.airlock_id
  principal_type     = "ServicePrincipal"
  description        = "Airlock service and its blob trigger: reads dead letters and removes them."
}

resource "azurerm_role_assignment" "inspections" {
  scope              = azurerm_storage_container.inspect.id
  role_definition_id = azurerm_role_definition.airlock["inspections"].role_definition_resource_id
  principal_id       = local.airlock_id
  principal_type     = "ServicePrincipal"
  description        = "Airlock service: keeps how far the inspection of files has come."
}

resource "azurerm_role_assignment" "dead_letter_queues" {
  scope                = azurerm_storage_account.state.id
  role_definition_name = "Storage Queue Data Contributor"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Functions host: poison queue of OnDeadLetter."
}

# To read and to add. Not to overwrite, not to delete, not to remove a container: beside that the immutability policies forbid it.
resource "azurerm_role_assignment" "evidence" {
  scope              = azurerm_storage_account.evidence.id
  role_definition_id = azurerm_role_definition.airlock["evidence"].role_definition_resource_id
  principal_id       = local.airlock_id
  principal_type     = "ServicePrincipal"
  description        = "Airlock service: adds and reads anchors, receipts and findings."
}

resource "azurerm_role_assignment" "signing_key" {
  scope              = "${azurerm_key_vault.airlock.id}/keys/${azapi_resource.signing_key.name}"
  role_definition_id = azurerm_role_definition.airlock["signer"].role_definition_resource_id
  principal_id       = local.airlock_id
  principal_type     = "ServicePrincipal"
  description        = "Airlock service: signs receipts and anchors with this one key."
}

resource "azurerm_role_assignment" "state_key" {
  scope                = "${azurerm_key_vault.airlock.id}/secrets/airlock-state-key"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: reads this one secret."

  depends_on = [terraform_data.state_key]
}

resource "azurerm_role_assignment" "publish" {
  for_each = local.published_topics

  scope                = azurerm_eventgrid_topic.topic[each.key].id
  role_definition_name = "EventGrid Data Sender"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: publishes to ${local.topics[each.key]}."
}

resource "azurerm_role_assignment" "telemetry" {
  scope                = azurerm_application_insights.airlock.id
  role_definition_name = "Monitoring Metrics Publisher"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Functions host: telemetry without an instrumentation key."
}

resource "azurerm_role_assignment" "host_storage" {
  for_each = toset(["Storage Blob Data Owner", "Storage Queue Data Contributor", "Storage Table Data Contributor"])

  scope                = azurerm_storage_account.host.id
  role_definition_name = each.key
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Functions host: locks, timer state, trigger queues, diagnostic events, package."
}

# ---- who verifies evidence ----------------------------------------------------------------------------------------------------

# To read only. The keys that show whether it is genuine are public.
resource "azurerm_role_assignment" "auditor_evidence" {
  for_each = var.auditor_object_ids

  scope                = azurerm_storage_account.evidence.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = each.key
  description          = "Auditor: reads anchors and receipts."
}

# ---- whoever runs Terraform --------------------------------------------------------------------------------------------------

# On the Flex plan it has no right to any data at all: key and secret are made through the Resource Manager, registry rows go
# through the API.
resource "azurerm_role_assignment" "deployer_packages" {
  count = local.premium ? 1 : 0

  scope                = azurerm_storage_container.packages.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = local.deployer_id
  description          = "Terraform: uploads the package (premium plan)."
}

# A right that was granted works some time later. Without the pause the first apply would fail at the app or the package.
resource "terraform_data" "roles_propagated" {
  triggers_replace = [
    join(",", [for role in azurerm_role_assignment.host_storage : role.id]),
    join(",", [for role in azurerm_role_assignment.deployer_packages : role.id]),
  ]

  provisioner "local-exec" {
    command = "sleep ${var.role_propagation_seconds}"
  }
}
