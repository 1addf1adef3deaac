package blobstore

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"example.org/airlock/handler/airlock"
)

// Refresh copies a blob onto itself, pinned to etag at both ends, so that it gets
// a new ETag and a new scan. The mark of the result is etag, so that repeating
// the call finds it and succeeds. A blob that is neither at etag nor such a copy
// is an *airlock.IntegrityError; airlock.ErrGone without the blob.
func (s *Store) Refresh(ctx context.Context, c airlock.Container, name, etag string, size int64) (airlock.Blob, error) {
	const operation = "refresh blob"
	refused := s.startCopy(ctx, airlock.CopyOrder{From: c, To: c, Name: name, SourceETag: etag, Size: size},
		&blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: quoted(etag)}})
	if refused != nil && !mayBeDone(refused) {
		return airlock.Blob{}, faultOf(operation, c.Account, refused)
	}
	made, err := s.Stat(ctx, c, name)
	switch {
	case err != nil:
		return airlock.Blob{}, err
	case made.Source == etag && made.Copy == airlock.CopyPending:
		return made, nil
	case made.Source == etag && made.Size == size && (made.Copy == airlock.CopySuccess || made.Copy == airlock.CopyNone):
		return made, nil
	case refused != nil && made.ETag == etag: // untouched: a lease, a pending copy
		return airlock.Blob{}, faultOf(operation, c.Account, refused)
	}
	return airlock.Blob{}, &airlock.IntegrityError{Where: c.String(), What: "a blob to be scanned anew changed"}
}
