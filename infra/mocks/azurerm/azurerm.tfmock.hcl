# Well-formed answers for `terraform test`: the providers' own validators run on them also when nothing is real.

mock_data "azurerm_client_config" {
  defaults = {
    subscription_id = "00000000-0000-4000-8000-000000000000"
    tenant_id       = "11111111-1111-4111-8111-111111111111"
    object_id       = "99999999-9999-4999-8999-999999999999"
    client_id       = "88888888-8888-4888-8888-888888888888"
  }
}

mock_data "azurerm_function_app_host_keys" {
  defaults = {
    blobs_extension_key = "mock-blobs-key"
  }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-airlock"
    principal_id = "aaaaaaaa-0000-4000-8000-000000000001"
    client_id    = "aaaaaaaa-0000-4000-8000-000000000002"
    tenant_id    = "11111111-1111-4111-8111-111111111111"
  }
}

mock_resource "azurerm_storage_account" {
  defaults = {
    id                    = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/mockaccount"
    primary_blob_endpoint = "https://mockaccount.blob.core.windows.net/"
  }
}

mock_resource "azurerm_storage_container" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/mockaccount/blobServices/default/containers/mock"
  }
}

mock_resource "azurerm_eventgrid_topic" {
  defaults = {
    id       = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/mock"
    endpoint = "https://mock.westeurope-1.eventgrid.azure.net/api/events"
    identity = {
      principal_id = "aaaaaaaa-0000-4000-8000-000000000003"
    }
  }
}

mock_resource "azurerm_eventgrid_system_topic" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid/systemTopics/mock"
    identity = {
      principal_id = "aaaaaaaa-0000-4000-8000-000000000004"
    }
  }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log"
  }
}

mock_resource "azurerm_application_insights" {
  defaults = {
    id                = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/components/appi"
    connection_string = "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://example.invalid/"
  }
}

mock_resource "azurerm_application_insights_standard_web_test" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/webTests/health"
  }
}

mock_resource "azurerm_monitor_action_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
  }
}

mock_resource "azurerm_service_plan" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/serverFarms/plan"
  }
}

mock_resource "azurerm_key_vault" {
  defaults = {
    id        = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
    vault_uri = "https://kv.vault.azure.net/"
  }
}

mock_resource "azurerm_role_definition" {
  defaults = {
    role_definition_resource_id = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-0000-4000-8000-000000000007"
  }
}

mock_resource "azurerm_role_assignment" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000005"
  }
}

mock_resource "azurerm_logic_app_workflow" {
  defaults = {
    id              = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Logic/workflows/logic"
    access_endpoint = "https://prod-01.westeurope.logic.azure.com:443/workflows/mock"
    identity = {
      principal_id = "aaaaaaaa-0000-4000-8000-000000000006"
    }
  }
}

mock_resource "azurerm_logic_app_trigger_http_request" {
  defaults = {
    callback_url = "https://prod-01.westeurope.logic.azure.com:443/workflows/mock/triggers/notification/paths/invoke?api-version=2016-10-01&sig=mock"
  }
}

mock_resource "azurerm_api_connection" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/connections/mail"
  }
}
