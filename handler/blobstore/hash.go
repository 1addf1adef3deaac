package blobstore

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

const hashBlob = "hash blob"

// Hash reads the blob of size bytes from p.Offset, pinned to p.ETag, until its end
// or until two seconds before ctx's deadline, and returns the progress; sum is the
// lower-case hex SHA-256 when the end was reached, else "". The progress holds
// the CRC64 of what was read, and is valid also beside an *airlock.Fault.
// Progress that cannot be read starts from the beginning. A few parts are asked
// for ahead; memory does not depend on the blob's size, nor on how many are hashed
// at once.
//
// Other bytes than p.ETag are an *airlock.IntegrityError, no blob airlock.ErrGone.
func (s *Store) Hash(ctx context.Context, c airlock.Container, name string, size int64, p airlock.HashProgress) (next airlock.HashProgress, sum string, err error) {
	client, err := s.blob(c, name)
	if err != nil {
		return p, "", err
	}
	reading, cancel := slice(ctx)
	defer cancel()
	endless := s.retry
	endless.TryTimeout = 0 // it would cut the stream, not only the wait for the answer
	d := resumeDigest(p)
	broken := s.read(policy.WithRetryOptions(reading, endless), unread{where: c, client: client, etag: p.ETag, at: d.offset, size: size}, d.write)
	next, err = d.progress()
	switch {
	case err != nil:
		return p, "", err
	case broken == nil:
		return next, hex.EncodeToString(d.sha256.Sum(nil)), nil
	case bloberror.HasCode(broken, bloberror.ConditionNotMet, bloberror.InvalidRange):
		return next, "", s.whyNotRead(ctx, c, name, next.ETag, broken)
	case reading.Err() != nil && ctx.Err() == nil: // time to stop
		return next, "", nil
	}
	if tampered, ok := errors.AsType[*airlock.IntegrityError](broken); ok {
		return next, "", tampered
	}
	return next, "", goneOr(hashBlob, c.Account, broken)
}

// whyNotRead explains a read that storage refused: the ETag does not fit, or
// there is no blob to fit it.
func (s *Store) whyNotRead(ctx context.Context, c airlock.Container, name, etag string, refused error) error {
	b, err := s.Stat(ctx, c, name)
	if err != nil {
		return err
	}
	if b.ETag != etag {
		return &airlock.IntegrityError{Where: c.String(), What: "a blob changed while it was hashed"}
	}
	return goneOr(hashBlob, c.Account, refused)
}

// digest is a SHA-256 and a CRC64 under way.
type digest struct {
	etag   string
	offset int64
	sha256 hash.Hash
	crc64  airlock.CRC64
}

func resumeDigest(p airlock.HashProgress) *digest {
	d := &digest{etag: p.ETag, offset: p.Offset, sha256: sha256.New(), crc64: p.CRC64}
	state, ok := d.sha256.(encoding.BinaryUnmarshaler)
	if !ok || len(p.State) == 0 || state.UnmarshalBinary(p.State) != nil {
		d.offset, d.sha256, d.crc64 = 0, sha256.New(), 0
	}
	return d
}

func (d *digest) write(b []byte) {
	d.sha256.Write(b)
	d.crc64 = d.crc64.With(b)
	d.offset += int64(len(b))
}

func (d *digest) progress() (airlock.HashProgress, error) {
	p := airlock.HashProgress{ETag: d.etag, Offset: d.offset, CRC64: d.crc64}
	marshaler, ok := d.sha256.(encoding.BinaryMarshaler)
	if !ok { // documented of crypto/sha256
		return p, errors.New(hashBlob + ": a SHA-256 that cannot be kept")
	}
	state, err := marshaler.MarshalBinary()
	if err != nil {
		return p, fmt.Errorf("%s: keep progress: %w", hashBlob, err)
	}
	p.State = state
	return p, nil
}
