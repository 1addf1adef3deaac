// Package blobs moves files between a disk and a request's container, by a signed link.
// It believes nothing that it did not read itself: checksums travel with every block,
// and what is downloaded is hashed on its way.
package blobs
