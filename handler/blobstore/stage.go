package blobstore

import (
	"context"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"example.org/airlock/handler/airlock"
)

const (
	// stageTry is how long one try of one block may take.
	stageTry = 25 * time.Second
	// stagedAtOnce is how many blocks of a file are under way together.
	stagedAtOnce = 4
	// sourceLife is how long the signature on a source is good.
	sourceLife = time.Hour
	// sliceMargin is left of the caller's time to record the progress in.
	sliceMargin = 2 * time.Second
)

// slice is the caller's context without the time that recording needs.
func slice(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-sliceMargin))
	}
	return context.WithCancel(ctx)
}

// blockSizeOf is the size of the blocks of a file: the same for every caller, and
// large enough for the number of blocks that a blob can have.
func (s *Store) blockSizeOf(size int64) int64 { return max(s.blockSize, (size+maxBlocks-1)/maxBlocks) }

// stage moves blocks from p.Offset on until all are staged, an error, or ctx's
// end, which is context.DeadlineExceeded. p takes in the blocks that were staged without a
// gap. The error is the SDK's own.
func (s *Store) stage(ctx context.Context, o airlock.CopyOrder, p *airlock.CopyProgress) error {
	if p.Offset >= o.Size {
		return nil
	}
	source, err := s.signedSource(ctx, o)
	if err != nil {
		return err
	}
	target, err := s.blockBlob(o.To, o.Name)
	if err != nil {
		return err
	}
	patient := s.retry
	patient.TryTimeout = stageTry
	ctx = policy.WithRetryOptions(ctx, patient)
	for p.Offset < o.Size {
		began := time.Now()
		if err := s.stageSome(ctx, target, source, o, p); err != nil {
			return err
		}
		// A block that cannot be done in time is not begun: storage would go on with it
		// beside the next try.
		if end, ok := ctx.Deadline(); ok && p.Offset < o.Size && time.Until(end) < time.Since(began) {
			return context.DeadlineExceeded
		}
	}
	return nil
}

// stageSome moves the next few blocks side by side.
func (s *Store) stageSome(ctx context.Context, target *blockblob.Client, source string, o airlock.CopyOrder, p *airlock.CopyProgress) error {
	type part struct {
		crc *airlock.CRC64
		n   int64
		err error
	}
	size := s.blockSizeOf(o.Size)
	var parts [stagedAtOnce]part
	var all sync.WaitGroup
	for i := range parts {
		at := p.Offset + int64(i)*size
		parts[i].n = min(size, o.Size-at)
		if parts[i].n <= 0 {
			break
		}
		all.Go(func() {
			r, err := target.StageBlockFromURL(ctx, blockID(at/size), source, &blockblob.StageBlockFromURLOptions{
				Range:                          blob.HTTPRange{Offset: at, Count: parts[i].n},
				SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: quotedETag(o.SourceETag)}})
			parts[i].crc, parts[i].err = airlock.CRC64Of(r.ContentCRC64), err
		})
	}
	all.Wait()
	for _, done := range parts {
		if done.n <= 0 {
			break
		}
		if done.err != nil {
			return done.err
		}
		p.Take(done.crc, done.n)
	}
	return nil
}

// signedSource is the URL of the source with a signature that reads this one blob.
func (s *Store) signedSource(ctx context.Context, o airlock.CopyOrder) (string, error) {
	a, err := s.account(o.From.Account)
	if err != nil {
		return "", err
	}
	query, err := s.sign(ctx, a, sas.BlobSignatureValues{Protocol: sas.ProtocolHTTPS, ContainerName: string(o.From.Name), BlobName: o.Name,
		Permissions: (&sas.BlobPermissions{Read: true}).String(), ExpiryTime: s.now().Add(sourceLife)})
	if err != nil {
		return "", err
	}
	return a.sourceURL(o.From, o.Name) + "?" + query, nil
}
