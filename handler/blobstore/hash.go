package blobstore

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

const (
	hashBlob = "hash blob"
	// hashRange is how much is asked for at once. Each range is pinned to the
	// ETag anew, and a broken connection costs at most the rest of one.
	hashRange  = 64 << 20
	hashBuffer = 1 << 20
	// hashMargin is left of the caller's time to record the progress in.
	hashMargin = 2 * time.Second
)

// Hash reads the blob from p.Offset, pinned to p.ETag, until its end or until
// two seconds before ctx's deadline, and returns the progress; sum is the
// lower-case hex SHA-256 when the end was reached, else "". The progress is valid
// also beside an *airlock.Fault. Progress that cannot be read starts from the
// beginning. Memory does not depend on the blob's size.
//
// Other bytes than p.ETag are an *airlock.IntegrityError, no blob airlock.ErrGone.
func (s *Store) Hash(ctx context.Context, c airlock.Container, name string, p airlock.HashProgress) (next airlock.HashProgress, sum string, err error) {
	client, err := s.blob(c, name)
	if err != nil {
		return p, "", err
	}
	reading := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		reading, cancel = context.WithDeadline(ctx, deadline.Add(-hashMargin))
		defer cancel()
	}
	endless := s.retry
	endless.TryTimeout = 0 // it would cut the stream, not only the wait for the answer
	reading = policy.WithRetryOptions(reading, endless)

	d := resumeDigest(p)
	for {
		before := d.offset
		size, err := d.readRange(reading, client)
		switch {
		case err == nil && d.offset >= size:
			next, err = d.progress()
			return next, hex.EncodeToString(d.hash.Sum(nil)), err
		case err == nil && d.offset > before:
			continue
		case err == nil:
			err = io.ErrUnexpectedEOF
		case bloberror.HasCode(err, bloberror.ConditionNotMet):
			return s.hashEnd(ctx, c, name, d)
		case reading.Err() != nil && ctx.Err() == nil: // time to stop
			next, err = d.progress()
			return next, "", err
		case bloberror.HasCode(err, bloberror.InvalidRange) || isStatus(err, http.StatusRequestedRangeNotSatisfiable):
			return s.hashEnd(ctx, c, name, d)
		case d.offset > before && ctx.Err() == nil: // the connection broke on the way: go on from here
			continue
		}
		next, stateErr := d.progress()
		return next, "", errors.Join(goneOr(hashBlob, c.Account, err), stateErr)
	}
}

// hashEnd settles a range that storage refused: because it begins at the end of
// the blob, as for an empty one, because the ETag does not fit, or because there
// is no blob to fit it.
func (s *Store) hashEnd(ctx context.Context, c airlock.Container, name string, d *digest) (airlock.HashProgress, string, error) {
	next, err := d.progress()
	if err != nil {
		return next, "", err
	}
	b, err := s.Stat(ctx, c, name)
	if err != nil {
		return next, "", err
	}
	if b.ETag != d.etag || b.Size < d.offset {
		return next, "", &airlock.IntegrityError{Where: c.String(), What: "a blob changed while it was hashed"}
	}
	if b.Size > d.offset {
		return next, "", &airlock.Fault{Kind: airlock.Transient, Code: "InvalidRange", Operation: hashBlob, Account: c.Account,
			Err: errors.New("storage refused to read a part of a blob")}
	}
	return next, hex.EncodeToString(d.hash.Sum(nil)), nil
}

// digest is a SHA-256 under way.
type digest struct {
	etag   string
	offset int64
	hash   hash.Hash
	buffer []byte
}

func resumeDigest(p airlock.HashProgress) *digest {
	d := &digest{etag: p.ETag, offset: p.Offset, hash: sha256.New(), buffer: make([]byte, hashBuffer)}
	state, ok := d.hash.(encoding.BinaryUnmarshaler)
	if !ok || len(p.State) == 0 || state.UnmarshalBinary(p.State) != nil {
		d.offset, d.hash = 0, sha256.New()
	}
	return d
}

func (d *digest) progress() (airlock.HashProgress, error) {
	p := airlock.HashProgress{ETag: d.etag, Offset: d.offset}
	state, err := d.hash.(encoding.BinaryMarshaler).MarshalBinary() // documented of crypto/sha256
	if err != nil {
		return p, fmt.Errorf("%s: keep progress: %w", hashBlob, err)
	}
	p.State = state
	return p, nil
}

// readRange takes in the next range and returns the blob's whole size.
func (d *digest) readRange(ctx context.Context, client *blob.Client) (size int64, err error) {
	r, err := client.DownloadStream(ctx, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: d.offset, Count: hashRange},
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: quoted(d.etag)}}})
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	if size, err = wholeSize(r); err != nil {
		return 0, err
	}
	end := min(d.offset+hashRange, size)
	// No io.CopyBuffer: a hash.Hash must not be handed more than was counted.
	for {
		n, err := r.Body.Read(d.buffer)
		d.hash.Write(d.buffer[:n])
		d.offset += int64(n)
		if d.offset > end {
			return 0, errors.New("storage sent more bytes than it has")
		}
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// wholeSize is the size of the blob a range was read from.
func wholeSize(r blob.DownloadStreamResponse) (int64, error) {
	if r.ContentRange == nil { // the whole blob came
		return deref(r.ContentLength), nil
	}
	_, total, _ := strings.Cut(*r.ContentRange, "/")
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("content range %q: %w", *r.ContentRange, err)
	}
	return size, nil
}

func isStatus(err error, status int) bool {
	re, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && re.StatusCode == status
}
