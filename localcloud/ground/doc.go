// Package ground sees the storage of a local cloud as it lies in Azurite: with the account keys, past the storage front,
// past the handler and without any of its code. Checks that must not believe the handler look here, and attacks that no
// caller could make are made from here.
package ground
