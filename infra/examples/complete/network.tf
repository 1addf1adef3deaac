# A core network and one per workspace, not peered: the service has its own endpoints to the workspaces' accounts in the core
# network, so nothing has to cross, and a workspace cannot be a way into the core or into another workspace.

locals {
  zones = {
    blob      = "privatelink.blob.core.windows.net"
    queue     = "privatelink.queue.core.windows.net"
    table     = "privatelink.table.core.windows.net"
    vault     = "privatelink.vaultcore.azure.net"
    eventgrid = "privatelink.eventgrid.azure.net"
  }
}

resource "azurerm_virtual_network" "core" {
  name                = "vnet-airlock-${var.tre_id}"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  address_space       = [var.core_address_space]
  tags                = var.tags
}

resource "azurerm_subnet" "functions" {
  name                 = "functions"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.core.name
  address_prefixes     = [cidrsubnet(var.core_address_space, 2, 0)]

  delegation {
    name = "functions"
    service_delegation {
      name    = var.plan == "flex" ? "Microsoft.App/environments" : "Microsoft.Web/serverFarms"
      actions = [var.plan == "flex" ? "Microsoft.Network/virtualNetworks/subnets/join/action" : "Microsoft.Network/virtualNetworks/subnets/action"]
    }
  }
}

resource "azurerm_subnet" "core_endpoints" {
  name                 = "private-endpoints"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.core.name
  address_prefixes     = [cidrsubnet(var.core_address_space, 2, 1)]
}

resource "azurerm_private_dns_zone" "zone" {
  for_each = local.zones

  name                = each.value
  resource_group_name = azurerm_resource_group.core.name
  tags                = var.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "core" {
  for_each = local.zones

  name                = "core-${each.key}"
  private_dns_zone_id = azurerm_private_dns_zone.zone[each.key].id
  virtual_network_id  = azurerm_virtual_network.core.id
  tags                = var.tags
}

resource "azurerm_virtual_network" "workspace" {
  for_each = var.workspaces

  name                = "vnet-airlock-${var.tre_id}-${each.key}"
  resource_group_name = azurerm_resource_group.workspace[each.key].name
  location            = var.location
  address_space       = [each.value.address_space]
  tags                = var.tags
}

resource "azurerm_subnet" "workspace_endpoints" {
  for_each = var.workspaces

  name                 = "private-endpoints"
  resource_group_name  = azurerm_resource_group.workspace[each.key].name
  virtual_network_name = azurerm_virtual_network.workspace[each.key].name
  address_prefixes     = [cidrsubnet(each.value.address_space, 2, 0)]
}

# Of the workspace's own five accounts and nothing else: its machines do not even learn where the other stages are.
resource "azurerm_private_dns_zone" "workspace" {
  for_each = var.workspaces

  name                = local.zones.blob
  resource_group_name = azurerm_resource_group.workspace[each.key].name
  tags                = var.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "workspace" {
  for_each = var.workspaces

  name                = "workspace-${each.key}"
  private_dns_zone_id = azurerm_private_dns_zone.workspace[each.key].id
  virtual_network_id  = azurerm_virtual_network.workspace[each.key].id
  tags                = var.tags
}
