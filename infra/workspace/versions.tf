terraform {
  required_version = ">= 1.11"
  required_providers {
    # What the module makes is made by infra/stage, and the tests put a stand-in in the provider's place here.
    # tflint-ignore: terraform_unused_required_providers
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }

    # azapi sets what azurerm does not know yet.
    # tflint-ignore: terraform_unused_required_providers
    azapi = {
      source  = "azure/azapi"
      version = "~> 1.15"
    }
  }
}
