// Package azuretre reads airlock requests as AzureTRE keeps them in its Cosmos DB container
// "Requests": one JSON document a request (microsoft/AzureTRE, api_app/models/domain/
// airlock_request.py). It does no I/O and decides nothing: workflow.Import does.
package azuretre
