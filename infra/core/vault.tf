resource "azurerm_key_vault" "airlock" {
  name                = local.names.vault
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
  tenant_id           = local.tenant_id
  sku_name            = "standard"

  rbac_authorization_enabled = true

  # Without the signing key no receipt, without the anchor key no audit trail can be verified.
  purge_protection_enabled   = true
  soft_delete_retention_days = 90

  public_network_access_enabled = length(var.deployer_ip_ranges) > 0
  network_acls {
    default_action = "Deny"
    bypass         = "None"
    ip_rules       = var.deployer_ip_ranges
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

# Signs receipts. The private half never leaves the vault.
resource "azurerm_key_vault_key" "signing" {
  name         = "airlock-signing"
  key_vault_id = azurerm_key_vault.airlock.id
  key_type     = "EC"
  curve        = "P-256"
  key_opts     = ["sign", "verify"]
  tags         = var.tags

  depends_on = [terraform_data.roles_propagated, azurerm_private_endpoint.vault]

  lifecycle {
    prevent_destroy = true
  }
}

# HMAC key of the audit anchors: 512 bits, hashed from six random UUIDs (732 random bits). uuid() is evaluated during the
# apply and the argument is write-only: the value is neither in the plan nor in the state, and goes to the vault only
# when the version number changes.
resource "azurerm_key_vault_secret" "anchor" {
  name             = "airlock-anchor-key"
  key_vault_id     = azurerm_key_vault.airlock.id
  content_type     = "HMAC key of the audit anchors, base64"
  value_wo         = base64sha512(join("", [uuid(), uuid(), uuid(), uuid(), uuid(), uuid()]))
  value_wo_version = var.anchor_secret_version
  tags             = var.tags

  depends_on = [terraform_data.roles_propagated, azurerm_private_endpoint.vault]

  lifecycle {
    prevent_destroy = true
  }
}
