package airlock

import "time"

// Blob is what storage says about one blob.
type Blob struct {
	Name   string
	Size   int64
	ETag   string // without quotes
	MD5    string // base64, "" if storage has none
	Source string // the mark Copy left: source ETag; "" for a blob we did not copy
	Copy   CopyStatus
	CopyID string
}

// CopyStatus is the state of the last copy into a blob.
type CopyStatus string

// The copy states of Blob Storage; CopyNone is a blob that was not copied.
const (
	CopyNone    CopyStatus = ""
	CopyPending CopyStatus = "pending"
	CopySuccess CopyStatus = "success"
	CopyAborted CopyStatus = "aborted"
	CopyFailed  CopyStatus = "failed"
)

// CopyOrder asks for one server-side copy.
type CopyOrder struct {
	From, To   Container
	Name       string
	SourceETag string // the copy happens only from these bytes
	Size       int64
}

// Permission is what a link lets its holder do.
type Permission int

// Read: read and list. Write: read, create, write, list and delete.
const (
	LinkRead Permission = iota
	LinkWrite
)

// ContainerInfo is one entry of an account's listing.
type ContainerInfo struct {
	Name    string
	Changed time.Time
}

// String is the word people and records see: read or write.
func (p Permission) String() string {
	if p == LinkWrite {
		return "write"
	}
	return "read"
}
