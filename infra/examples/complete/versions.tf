terraform {
  required_version = ">= 1.11"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }

    # Only for what azurerm cannot do without account keys: the Flex Consumption app and the tables.
    # 1.15 is what the tests run: the Go module proxy has no 2.x to build, and what no test has seen is not taken by itself.
    azapi = {
      source  = "azure/azapi"
      version = "~> 1.15"
    }
  }
}
