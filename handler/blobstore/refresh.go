package blobstore

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"example.org/airlock/handler/airlock"
)

// Refresh makes a blob anew of its own blocks, if it is at etag, so that it gets
// a new ETag and a new scan. No byte moves, so the new blob has the old one's. The
// mark of the result is etag, so that repeating the call finds it and succeeds;
// then Made is false, as somebody else may have written the mark.
//
// A blob that is neither at etag nor marked so is an *airlock.IntegrityError;
// airlock.ErrGone without the blob.
func (s *Store) Refresh(ctx context.Context, c airlock.Container, name, etag string, size int64) (airlock.Copied, error) {
	const operation = "refresh blob"
	b, err := s.blockBlob(c, name)
	if err != nil {
		return airlock.Copied{}, err
	}
	own, err := b.GetBlockList(ctx, blockblob.BlockListTypeCommitted, nil)
	if err != nil {
		return airlock.Copied{}, goneOr(operation, c.Account, err)
	}
	var list blockList
	var total int64
	for _, block := range own.CommittedBlocks {
		list.Committed, total = append(list.Committed, deref(block.Name)), total+deref(block.Size)
	}
	refused := error(nil)
	if unquoted(own.ETag) == etag {
		if total != size { // a blob of Put Blob has no blocks: their list would empty it
			return airlock.Copied{}, &airlock.IntegrityError{Where: c.String(), What: "a blob to be scanned anew is not of the blocks it was made of"}
		}
		fresh, err := s.commit(ctx, c, name, list, etag, http.Header{"If-Match": {`"` + etag + `"`}})
		if err == nil {
			return airlock.Copied{ETag: fresh, Made: true}, nil
		}
		if refused = err; !mayBeDone(refused) {
			return airlock.Copied{}, faultOf(operation, c.Account, refused)
		}
	}
	found, err := s.Stat(ctx, c, name)
	switch {
	case err != nil:
		return airlock.Copied{}, err
	case found.Source == etag && found.Size == size:
		return airlock.Copied{ETag: found.ETag}, nil
	case refused != nil && found.ETag == etag: // untouched: a lease
		return airlock.Copied{}, faultOf(operation, c.Account, refused)
	}
	return airlock.Copied{}, &airlock.IntegrityError{Where: c.String(), What: "a blob to be scanned anew changed"}
}
