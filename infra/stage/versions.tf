terraform {
  required_version = ">= 1.11"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }

    # azapi sets what azurerm does not know yet.
    azapi = {
      source  = "azure/azapi"
      version = "~> 1.15"
    }
  }
}
