resource "azurerm_key_vault" "airlock" {
  name                = local.names.vault
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
  tenant_id           = local.tenant_id
  sku_name            = "standard"

  rbac_authorization_enabled = true

  # Without the signing key no receipt and no anchor can be made, without the secret nothing that it seals can be read.
  purge_protection_enabled   = true
  soft_delete_retention_days = 90

  # Only the service comes in, through the private endpoint. Terraform makes key and secret through the Resource Manager, which no
  # firewall of a vault stops (https://github.com/MicrosoftDocs/azure-docs/issues/68668).
  public_network_access_enabled = false
  network_acls {
    default_action = "Deny"
    bypass         = "None"
  }
}

resource "azurerm_private_endpoint" "vault" {
  name                = "pe-${local.names.vault}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.private_endpoint_subnet_ids.operations
  tags                = var.tags

  private_service_connection {
    name                           = "psc-${local.names.vault}"
    private_connection_resource_id = azurerm_key_vault.airlock.id
    subresource_names              = ["vault"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "vault"
    private_dns_zone_ids = [var.private_dns_zone_ids.vault]
  }
}

# Signs receipts and anchors. The private half never leaves the vault, and who deploys has no right to sign with it: made through
# the Resource Manager, which makes the first version of a key and nothing more, it asks for no role in the vault.
resource "azapi_resource" "signing_key" {
  type      = "Microsoft.KeyVault/vaults/keys@2023-07-01"
  name      = "airlock-signing"
  parent_id = azurerm_key_vault.airlock.id
  tags      = var.tags
  body = {
    properties = {
      kty       = "EC"
      curveName = "P-256"
      keyOps    = ["sign", "verify"]
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# 512 random bits, made and handed over by secret.sh while the apply runs: neither plan nor state has them, and afterwards nobody
# but the service can read them. A new version number makes a new version; the vault keeps the old ones.
resource "terraform_data" "state_key" {
  triggers_replace = [var.state_key_version]

  provisioner "local-exec" {
    command = "bash '${path.module}/secret.sh'"
    environment = {
      SECRET_ID = "${azurerm_key_vault.airlock.id}/secrets/airlock-state-key"
    }
  }
}
