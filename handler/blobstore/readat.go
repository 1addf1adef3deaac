package blobstore

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

// ReadAt fills b with the bytes from offset on of a blob of size bytes, pinned to etag.
// Other bytes than etag are an *airlock.IntegrityError, no blob airlock.ErrGone.
func (s *Store) ReadAt(ctx context.Context, c airlock.Container, name, etag string, size int64, b []byte, offset int64) error {
	client, err := s.blob(c, name)
	if err != nil {
		return err
	}
	err = unread{where: c, client: client, etag: etag, size: size}.fetch(ctx, offset, b)
	if err == nil {
		return nil
	}
	if tampered, ok := errors.AsType[*airlock.IntegrityError](err); ok {
		return tampered
	}
	if bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.InvalidRange) {
		return s.whyNotRead(ctx, c, name, etag, err)
	}
	return goneOr("read blob", c.Account, err)
}
