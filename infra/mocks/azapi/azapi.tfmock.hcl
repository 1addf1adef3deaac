mock_resource "azapi_resource" {
  defaults = {
    id = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func-airlock-test"
  }
}
