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

locals {
  core_subnets = cidrsubnets(var.core_address_space, 1, 4, 4, 4)

  # Private endpoints of the core network, by who is let in. A stage's endpoint would take anybody's link: from a workspace, an
  # import's draft would be a way out past scan and review. So only the service gets to the stages.
  doors = {
    stages     = { range = local.core_subnets[0], from = azurerm_subnet.functions.address_prefixes }
    operations = { range = local.core_subnets[2], from = concat(azurerm_subnet.functions.address_prefixes, var.operator_ip_ranges) }
    review     = { range = local.core_subnets[3], from = concat(azurerm_subnet.functions.address_prefixes, var.review_ip_ranges) }
  }
}

resource "azurerm_subnet" "functions" {
  name                 = "functions"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.core.name
  address_prefixes     = [local.core_subnets[1]]

  delegation {
    name = "functions"
    service_delegation {
      name    = var.plan == "flex" ? "Microsoft.App/environments" : "Microsoft.Web/serverFarms"
      actions = [var.plan == "flex" ? "Microsoft.Network/virtualNetworks/subnets/join/action" : "Microsoft.Network/virtualNetworks/subnets/action"]
    }
  }
}

resource "azurerm_subnet" "core_endpoints" {
  for_each = local.doors

  name                 = "endpoints-${each.key}"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.core.name
  address_prefixes     = [each.value.range]

  # Without it a network security group does not see traffic to private endpoints.
  private_endpoint_network_policies = "NetworkSecurityGroupEnabled"
}

# The networks are not peered, so that today nothing else could come. A TRE's networks are joined one day, by a hub, a VPN, a
# firewall; these rules stay.
resource "azurerm_network_security_group" "core" {
  for_each = local.doors

  name                = "nsg-airlock-${var.tre_id}-${each.key}"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  tags                = var.tags

  security_rule {
    name                       = "https-from-those-who-need-it"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefixes    = each.value.from
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "443"
  }

  security_rule {
    name                       = "nobody-else"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "core" {
  for_each = local.doors

  subnet_id                 = azurerm_subnet.core_endpoints[each.key].id
  network_security_group_id = azurerm_network_security_group.core[each.key].id
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

  private_endpoint_network_policies = "NetworkSecurityGroupEnabled"
}

resource "azurerm_network_security_group" "workspace" {
  for_each = var.workspaces

  name                = "nsg-airlock-${var.tre_id}-${each.key}"
  resource_group_name = azurerm_resource_group.workspace[each.key].name
  location            = var.location
  tags                = var.tags

  # The range, not the tag VirtualNetwork: that one grows with every peering.
  security_rule {
    name                       = "https-from-the-workspace"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefixes    = [each.value.address_space]
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "443"
  }

  security_rule {
    name                       = "nobody-else"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "workspace" {
  for_each = var.workspaces

  subnet_id                 = azurerm_subnet.workspace_endpoints[each.key].id
  network_security_group_id = azurerm_network_security_group.workspace[each.key].id
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
