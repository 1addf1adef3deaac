package blobstore

import (
	"context"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

const (
	copyBlob = "copy blob"
	// copyTries bounds the loop of copies that had to be made anew.
	copyTries = 3
)

// createOnly is the condition on a blob that must not be there yet.
var createOnly = http.Header{"If-None-Match": {"*"}}

// Copy makes the destination hold the source's bytes as of o.SourceETag: it
// stages them in blocks, pinned to that ETag, from p.Offset on, and makes a blob
// of the blocks when all are there. It is create-only and may be repeated at
// will, also after the source was deleted. Nothing but the bytes travels: no
// property, metadata or tag of the source.
//
// When two seconds are left until ctx's deadline it stops: then the result has no
// ETag, and next says where to go on. next is valid also beside an error. Blocks
// that storage dropped meanwhile are staged again. An empty file takes nothing from
// its source, which is not asked for then.
//
// airlock.ErrGone: the source is not there, and there is no copy of it.
// *airlock.IntegrityError: the source has other bytes, or the destination holds
// something this order did not make; that is left alone.
func (s *Store) Copy(ctx context.Context, o airlock.CopyOrder, p airlock.CopyProgress) (next airlock.CopyProgress, made airlock.Copied, err error) {
	if p.Source != o.SourceETag || p.Offset > o.Size {
		p = airlock.NewCopyProgress(o.SourceETag)
	}
	for range copyTries {
		p, made, err = s.copyOnce(ctx, o, p)
		if !bloberror.HasCode(err, bloberror.InvalidBlockList) {
			break
		}
		// Storage keeps staged blocks for a week, and none of a blob made since.
		p = airlock.NewCopyProgress(o.SourceETag)
	}
	if _, tampered := errors.AsType[*airlock.IntegrityError](err); err != nil && !tampered && !errors.Is(err, airlock.ErrGone) {
		err = faultOf(copyBlob, o.To.Account, err)
	}
	return p, made, err
}

// copyOnce is Copy without repetition. Its errors are this
// package's, or the SDK's own.
func (s *Store) copyOnce(ctx context.Context, o airlock.CopyOrder, p airlock.CopyProgress) (airlock.CopyProgress, airlock.Copied, error) {
	staging, cancel := slice(ctx)
	defer cancel()
	etag, err := "", s.stage(staging, o, &p)
	if err != nil && (staging.Err() != nil || errors.Is(err, context.DeadlineExceeded)) && ctx.Err() == nil {
		return p, airlock.Copied{}, nil // time to stop
	}
	if err == nil {
		etag, err = s.commit(ctx, o.To, o.Name, blockList{Uncommitted: s.blocks(o.Size)}, o.SourceETag, createOnly)
	}
	if err == nil {
		return p, airlock.Copied{ETag: etag, CRC64: p.CRC64, Made: true}, nil
	}
	if !mayBeDone(err) {
		return p, airlock.Copied{}, err
	}
	found, statErr := s.Stat(ctx, o.To, o.Name)
	switch {
	case errors.Is(statErr, airlock.ErrGone):
		return p, airlock.Copied{}, s.whyNotCopied(ctx, o, err)
	case statErr != nil:
		return p, airlock.Copied{}, statErr
	}
	made := airlock.Copied{ETag: found.ETag}
	if p.Offset == o.Size {
		made.CRC64 = p.CRC64
	}
	return p, made, checkCopy(o, found)
}

// blocks lists the ids of all blocks of a file.
func (s *Store) blocks(size int64) []string {
	var ids []string
	for at, n := int64(0), int64(0); at < size; at, n = at+s.blockSizeOf(size), n+1 {
		ids = append(ids, blockID(n))
	}
	return ids
}

// mayBeDone reports whether a refused call may nevertheless have taken effect, by
// a try whose answer got lost, by an earlier call, or by another instance.
func mayBeDone(err error) bool {
	re, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok {
		return false
	}
	return re.StatusCode == http.StatusNotFound || re.StatusCode == http.StatusConflict || re.StatusCode == http.StatusPreconditionFailed ||
		re.ErrorCode == string(bloberror.InvalidBlockList)
}

// whyNotCopied explains a refusal that left nothing at the destination. Refusals
// end requests, so the source is asked itself: storage answers 404
// CannotVerifyCopySource and 412 for more than one reason.
func (s *Store) whyNotCopied(ctx context.Context, o airlock.CopyOrder, refused error) error {
	source, err := s.Stat(ctx, o.From, o.Name)
	if err != nil {
		return err
	}
	if source.ETag != o.SourceETag {
		return &airlock.IntegrityError{Where: o.From.String(), What: "the source of a copy changed after it was recorded"}
	}
	return refused
}

// checkCopy decides whether a blob found at the destination can be the copy ordered.
// The mark alone could have been planted, so its bytes are for the caller to read.
func checkCopy(o airlock.CopyOrder, found airlock.Blob) error {
	if found.Source != o.SourceETag {
		return &airlock.IntegrityError{Where: o.To.String(), What: "the destination holds a blob that is not the copy ordered"}
	}
	if found.Size != o.Size {
		return &airlock.IntegrityError{Where: o.To.String(), What: "the copy has another size than its source"}
	}
	return nil
}
