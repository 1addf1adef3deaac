output "id" {
  description = "Resource id of the storage account."
  value       = azurerm_storage_account.stage.id
}

output "name" {
  description = "Name of the storage account."
  value       = azurerm_storage_account.stage.name
}

output "blob_endpoint" {
  description = "https address of the account's blobs."
  value       = azurerm_storage_account.stage.primary_blob_endpoint
}

output "private_endpoints" {
  description = "Where the account is reached: of each private endpoint its subnet and the DNS zone it writes into."
  value = {
    for name, endpoint in azurerm_private_endpoint.blob : name => {
      subnet_id           = endpoint.subnet_id
      private_dns_zone_id = one(endpoint.private_dns_zone_group[0].private_dns_zone_ids)
    }
  }
}
