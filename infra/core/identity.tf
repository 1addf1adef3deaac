# The one identity of the airlock. User-assigned, so that its rights outlive the app and can be reviewed before it exists.
resource "azurerm_user_assigned_identity" "airlock" {
  name                = "id-airlock-${var.tre_id}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}
