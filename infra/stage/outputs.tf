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
