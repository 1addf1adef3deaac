# Every right of the service, one by one. infra/README.md has the same table with the reasons; a test compares them.
# The rights in the stage accounts are in infra/stage.

locals {
  airlock_id = azurerm_user_assigned_identity.airlock.principal_id
}

resource "azurerm_role_assignment" "state_tables" {
  scope                = azurerm_storage_account.state.id
  role_definition_name = "Storage Table Data Contributor"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: requests, registry, parked events."
}

# Owner, not Contributor, is what the Functions blob extension asks for. The account holds one container: dead-letters.
resource "azurerm_role_assignment" "dead_letter_blobs" {
  scope                = azurerm_storage_account.state.id
  role_definition_name = "Storage Blob Data Owner"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Functions host: reads dead letters for OnDeadLetter."
}

resource "azurerm_role_assignment" "dead_letter_queues" {
  scope                = azurerm_storage_account.state.id
  role_definition_name = "Storage Queue Data Contributor"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Functions host: poison queue of OnDeadLetter."
}

# Everything a contributor may do except delete; the immutability policies forbid that and overwriting anyhow.
resource "azurerm_role_assignment" "evidence" {
  scope                = azurerm_storage_account.evidence.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: writes and reads anchors and receipts, never deletes."
  condition_version    = "2.0"
  condition            = "(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'}))"
}

resource "azurerm_role_assignment" "signing_key" {
  scope                = azurerm_key_vault_key.signing.resource_versionless_id
  role_definition_name = "Key Vault Crypto User"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: signs receipts with this one key."
}

resource "azurerm_role_assignment" "anchor_secret" {
  scope                = azurerm_key_vault_secret.anchor.resource_versionless_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = local.airlock_id
  principal_type       = "ServicePrincipal"
  description          = "Airlock service: reads this one secret."
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

# To read only: anchors and receipts, and the key that shows whether anchors are genuine.
resource "azurerm_role_assignment" "auditor_evidence" {
  for_each = var.auditor_object_ids

  scope                = azurerm_storage_account.evidence.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = each.key
  description          = "Auditor: reads anchors and receipts."
}

resource "azurerm_role_assignment" "auditor_secret" {
  for_each = var.auditor_object_ids

  scope                = azurerm_key_vault_secret.anchor.resource_versionless_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = each.key
  description          = "Auditor: verifies anchors with this one secret."
}

# ---- whoever runs Terraform --------------------------------------------------------------------------------------------------

resource "azurerm_role_assignment" "deployer_key" {
  scope                = azurerm_key_vault.airlock.id
  role_definition_name = "Key Vault Crypto Officer"
  principal_id         = local.deployer_id
  description          = "Terraform: makes the signing key."
}

resource "azurerm_role_assignment" "deployer_secret" {
  scope                = azurerm_key_vault.airlock.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = local.deployer_id
  description          = "Terraform: makes the anchor secret."
}

# The registry only: requests and their audit trail stay out of the deployer's reach.
resource "azurerm_role_assignment" "deployer_registry" {
  scope                = "${azurerm_storage_account.state.id}/tableServices/default/tables/${azapi_resource.table["AirlockWorkspaces"].name}"
  role_definition_name = "Storage Table Data Contributor"
  principal_id         = local.deployer_id
  description          = "Terraform: registry rows of workspaces."
}

resource "azurerm_role_assignment" "deployer_packages" {
  count = local.premium ? 1 : 0

  scope                = azurerm_storage_container.packages.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = local.deployer_id
  description          = "Terraform: uploads the package (premium plan)."
}

# A right that was granted works some time later. Without the pause the first apply would fail at the key or the row.
resource "terraform_data" "roles_propagated" {
  triggers_replace = [
    azurerm_role_assignment.deployer_key.id,
    azurerm_role_assignment.deployer_secret.id,
    azurerm_role_assignment.deployer_registry.id,
    join(",", [for role in azurerm_role_assignment.host_storage : role.id]),
  ]

  provisioner "local-exec" {
    command = "sleep ${var.role_propagation_seconds}"
  }

  depends_on = [azurerm_role_assignment.deployer_packages]
}
