package blobstore

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

// Abort gives up the copy with that id ("" = the blob's last copy, whichever it
// is) and removes the blob it made, finished or not. A blob made by a later copy
// stays. Safe to repeat.
func (s *Store) Abort(ctx context.Context, c airlock.Container, name, copyID string) error {
	const operation = "abort copy"
	made, err := s.Stat(ctx, c, name)
	if errors.Is(err, airlock.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	if copyID != "" && made.CopyID != copyID {
		return nil // not what it made
	}
	if made.Copy == airlock.CopyPending {
		client, err := s.blob(c, name)
		if err != nil {
			return err
		}
		_, err = client.AbortCopyFromURL(ctx, made.CopyID, nil)
		ended := bloberror.HasCode(err, bloberror.NoPendingCopyOperation, bloberror.CopyIDMismatch) || isGone(err)
		if err != nil && !ended {
			return faultOf(operation, c.Account, err)
		}
		// The ETag changes when a copy ends, and only the copy's own blob may go.
		if made, err = s.Stat(ctx, c, name); errors.Is(err, airlock.ErrGone) || err == nil && copyID != "" && made.CopyID != copyID {
			return nil
		} else if err != nil {
			return err
		}
	}
	changed, err := s.remove(ctx, c, name, made.ETag)
	switch {
	case err != nil:
		return faultOf(operation, c.Account, err)
	case changed:
		return &airlock.Fault{Kind: airlock.Transient, Code: "CopyChanged", Operation: operation, Account: c.Account,
			Err: errors.New("the copy changed while it was being removed")}
	}
	return nil
}
