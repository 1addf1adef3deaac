// Package clients tries the links of the API with clients that others have
// made: AzCopy, the Azure SDK for JavaScript and the Azure SDK for Python.
//
// The tests carry the build tag clients, because they install these clients
// from their registries into build/clients: make clients runs them.
package clients
