// Package azurite runs the real Azurite, Microsoft's storage emulator, as a child process: blobs and tables of all the
// local cloud's accounts, on loopback, with account keys that only this package and the storage front know.
//
// Azurite is not crash-durable: writes of the last five seconds are lost with SIGKILL, SIGTERM saves
// everything. Stop therefore sends SIGTERM, and so does the kernel should the local cloud itself die.
package azurite
