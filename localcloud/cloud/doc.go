// Package cloud puts the local cloud together: Azurite, the storage front, identities, Event Grid, Defender, Graph, the
// Logic App and the Functions host with the handler, all on loopback, all state in one directory.
//
// The handler is the production binary with production code paths; only its settings lead it here.
package cloud
