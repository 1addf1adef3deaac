# Roles that are narrower than what Azure has built in. Each names the built-in role of which it is a part: what to assign for the
# time being should Azure ask for an action that is missing here.

locals {
  blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
  rows  = "Microsoft.Storage/storageAccounts/tableServices/tables/entities"

  role_definitions = {
    table_rows = {
      part_of      = "Storage Table Data Contributor"
      without      = "making and deleting tables"
      actions      = []
      data_actions = ["${local.rows}/read", "${local.rows}/add/action", "${local.rows}/update/action", "${local.rows}/delete"]
    }
    dead_letters = {
      part_of      = "Storage Blob Data Contributor"
      without      = "writing blobs, so that it plants no dead letter, and making or deleting containers"
      actions      = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
      data_actions = ["${local.blobs}/read", "${local.blobs}/delete"]
    }
    inspections = {
      part_of      = "Storage Blob Data Contributor"
      without      = "deleting blobs, and making or deleting containers"
      actions      = []
      data_actions = ["${local.blobs}/read", "${local.blobs}/write", "${local.blobs}/add/action"]
    }
    evidence = {
      part_of      = "Storage Blob Data Contributor"
      without      = "overwriting and deleting blobs, and making or deleting containers"
      actions      = []
      data_actions = ["${local.blobs}/read", "${local.blobs}/add/action"]
    }
    signer = {
      part_of      = "Key Vault Crypto User"
      without      = "encrypting, wrapping, changing and backing up keys"
      actions      = []
      data_actions = ["Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/sign/action"]
    }
    scan_tags = {
      part_of      = "Storage Blob Data Owner"
      without      = "everything but reading the tags in which the scanner leaves its verdict"
      actions      = []
      data_actions = ["${local.blobs}/tags/read"]
    }
  }
}

resource "azurerm_role_definition" "airlock" {
  for_each = local.role_definitions

  name        = "Airlock ${var.tre_id}: ${each.key}"
  scope       = "/subscriptions/${local.subscription_id}"
  description = "${each.value.part_of} without ${each.value.without}."

  permissions {
    actions      = each.value.actions
    data_actions = each.value.data_actions
  }

  # Workspaces' accounts are in groups of their own.
  assignable_scopes = ["/subscriptions/${local.subscription_id}"]
}
