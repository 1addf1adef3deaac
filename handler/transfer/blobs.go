// Package transfer moves the bytes of a request from one container to another
// and reads them where they arrived. It knows no status and no table: its caller
// says which bytes, and decides what follows from what it reports.
package transfer

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// Blobs is the store of data, as far as moving needs it. Its errors are
// airlock.ErrGone, *airlock.IntegrityError and *airlock.Fault, nothing else.
type Blobs interface {
	// CreateContainer makes sure the container exists.
	CreateContainer(ctx context.Context, c airlock.Container) error
	// List returns every committed blob, by name. airlock.ErrGone without the container.
	List(ctx context.Context, c airlock.Container, most int) ([]airlock.Blob, error)
	// Copy makes the destination hold the source's bytes as of SourceETag, and
	// nothing else of it. It goes on at p until it is done or ctx's deadline is
	// near: then the result has no ETag, and next says where to go on. It is
	// create-only: the same copy already there is success, and not Made; anything
	// else is an *airlock.IntegrityError and is left alone. A source that changed is
	// an *airlock.IntegrityError, a source that is gone airlock.ErrGone. next is
	// valid also beside an *airlock.Fault.
	Copy(ctx context.Context, o airlock.CopyOrder, p airlock.CopyProgress) (next airlock.CopyProgress, made airlock.Copied, err error)
	// Hash reads the blob of size bytes from p.Offset, pinned to p.ETag, until its
	// end or until ctx's deadline is near, and returns the progress; sum is the
	// lower-case hex SHA-256 when the end was reached, else "". Other bytes than
	// p.ETag are an *airlock.IntegrityError. next is valid also beside an *airlock.Fault.
	Hash(ctx context.Context, c airlock.Container, name string, size int64, p airlock.HashProgress) (next airlock.HashProgress, sum string, err error)
}
