package airlock

import "time"

// Blob holds storage's answers about one blob.
type Blob struct {
	Name   string
	Size   int64
	ETag   string // without quotes
	Source string // the mark Copy left: source ETag; "" for a blob we did not copy

	Type        BlobType
	Archived    bool   // in the archive tier, or on its way out of it
	Copying     string // status of the last Copy Blob into it: "", pending, success, aborted, failed
	CustomerKey bool   // encrypted with a key or scope that the uploader chose
	Folder      bool   // a marker that some tools leave for a folder
}

// BlobType is the kind of a blob.
type BlobType string

// The kinds. Only block blobs can be copied block by block.
const (
	BlockBlob  BlobType = "BlockBlob"
	PageBlob   BlobType = "PageBlob"
	AppendBlob BlobType = "AppendBlob"
)

// Unfit returns the rule that keeps a blob of a draft from being submitted and
// advice for the requestor, "" for none.
func (b Blob) Unfit() (rule, advice string) {
	switch {
	case b.Copying == "pending":
		return "copy_pending", "is still being copied into the draft; submit again when the copy is done"
	case b.Copying == "failed" || b.Copying == "aborted":
		return "copy_failed", "was left by a copy that failed; delete it and upload it again"
	case b.Archived:
		return "archived", "is in the archive tier, where nobody can read it; set its tier to Hot and submit again when it has arrived there"
	case b.Type == PageBlob || b.Type == AppendBlob:
		return "blob_type", "is a page or append blob; upload it again as a block blob, which is what tools do by default"
	case b.CustomerKey:
		return "customer_key", "is encrypted with a key or scope of yours, which nobody else has; upload it again without one"
	}
	return "", ""
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

// NewCopyProgress is the progress of a copy from the bytes with an ETag before
// anything is staged.
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

// Permission is the right that a link gives its holder.
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
