package airlock

import "time"

// Blob is what storage says about one blob.
type Blob struct {
	Name   string
	Size   int64
	ETag   string // without quotes
	Source string // the mark Copy left: source ETag; "" for a blob we did not copy
}

// CopyOrder asks for one server-side copy.
type CopyOrder struct {
	From, To   Container
	Name       string
	SourceETag string // the copy happens only from these bytes
	Size       int64
}

// CopyProgress is how much of a copy lies staged at its destination, so that a
// file of any size fits into deliveries of half a minute.
type CopyProgress struct {
	Source string `json:"source"` // ETag of the bytes being copied
	Offset int64  `json:"offset"` // bytes staged
	// CRC64 is of the bytes staged, as storage computed it; nil when it did not
	// tell of some.
	CRC64 *CRC64 `json:"crc64,omitempty"`
}

// NewCopyProgress is the progress of a copy from the bytes with an ETag of which
// nothing is staged yet.
func NewCopyProgress(source string) CopyProgress {
	return CopyProgress{Source: source, CRC64: new(CRC64)}
}

// Take notes that n more bytes are staged, with the checksum that storage told, nil
// for none.
func (p *CopyProgress) Take(next *CRC64, n int64) {
	p.Offset += n
	if next == nil || p.CRC64 == nil {
		p.CRC64 = nil
		return
	}
	whole := p.CRC64.Then(*next, n)
	p.CRC64 = &whole
}

// Copied is a copy that is done.
type Copied struct {
	ETag string // of the copy, "" while it is not done
	// CRC64 is of the source's bytes, as storage computed it while it copied; nil
	// when it did not tell.
	CRC64 *CRC64
	// Made is false for a copy that was found: then its bytes are the source's by
	// its mark alone, which somebody else may have written.
	Made bool
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
