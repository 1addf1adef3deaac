terraform {
  required_version = ">= 1.11"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }

    # Only for what azurerm cannot do without account keys: the Flex Consumption app and the tables.
    # The bodies used here are the same in 1.15 and in 2.x.
    azapi = {
      source  = "azure/azapi"
      version = ">= 1.15, < 3.0"
    }
  }
}
