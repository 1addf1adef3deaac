package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"golang.org/x/sync/errgroup"

	"example.org/airlock/handler/airlock"
)

// Sizes of blocks: a blob has at most 50,000
// (learn.microsoft.com/rest/api/storageservices/put-block).
const (
	smallBlock = 8 << 20
	largeBlock = 16 << 20
	largeFile  = 1 << 30
	maxBlocks  = 50_000
)

func blockSize(size int64) int64 {
	block := int64(smallBlock)
	if size > largeFile {
		block = largeBlock
	}
	for size > block*maxBlocks {
		block *= 2
	}
	return block
}

// Uploader says how files are sent.
type Uploader struct {
	Parallel int  // blocks under way at once
	Replace  bool // a blob with the same name may be replaced
	// Moved is told of every block, n bytes long; sent is false for one that storage
	// has already.
	Moved func(n int64, sent bool)
}

// Uploaded is a file that lies in the container.
type Uploaded struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Sent are the bytes that this upload had to send.
	Sent int64 `json:"sent"`
}

// ExistsError says that a file of the name is there, and that it is not known to be the
// same.
type ExistsError struct{ Name string }

// Error implements error.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("%q is in the request already; add --replace to replace it", e.Name)
}

// Upload sends a file. It may be killed at any moment: an upload of the same file goes
// on from the blocks that arrived, because a block's id tells its place and its
// checksum. A file that lies there complete is not sent again.
func (c *Container) Upload(ctx context.Context, s Source, u Uploader) (Uploaded, error) {
	file, err := os.Open(s.Path)
	if err != nil {
		return Uploaded{}, err
	}
	defer file.Close()
	up := &upload{container: c, source: s, options: u, file: file}
	if err := up.look(ctx); err != nil {
		return Uploaded{}, err
	}
	return up.run(ctx)
}

// upload is one under way.
type upload struct {
	container *Container
	source    Source
	options   Uploader
	file      *os.File

	there     map[string]bool // ids of blocks that storage has
	committed []string        // ids of the blob that is there
	exists    bool
}

func (u *upload) blob(client *container.Client) *blockblob.Client {
	return client.NewBlockBlobClient(u.source.Name)
}

// look finds the parts of the file that have arrived before.
func (u *upload) look(ctx context.Context) error {
	u.there = map[string]bool{}
	return u.container.with(ctx, func(client *container.Client) error {
		list, err := u.blob(client).GetBlockList(ctx, blockblob.BlockListTypeAll, nil)
		if bloberror.HasCode(err, bloberror.BlobNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, b := range list.CommittedBlocks {
			u.committed = append(u.committed, *b.Name)
			u.there[*b.Name] = true
		}
		for _, b := range list.UncommittedBlocks {
			u.there[*b.Name] = true
		}
		if u.exists = len(u.committed) > 0; u.exists {
			return nil
		}
		// Blocks without a blob, or a blob that was sent in one piece.
		_, err = u.blob(client).GetProperties(ctx, nil)
		u.exists = err == nil
		if bloberror.HasCode(err, bloberror.BlobNotFound, bloberror.ResourceNotFound) {
			err = nil
		}
		return err
	})
}

// run reads the file once, hashes it, and sends the blocks that are missing.
func (u *upload) run(ctx context.Context) (Uploaded, error) {
	size, whole := blockSize(u.source.Size), sha256.New()
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(max(u.options.Parallel, 1))
	var ids []string
	var sent int64
	for from := int64(0); from < u.source.Size; from += size {
		n := min(size, u.source.Size-from)
		sum := &checksum{}
		if _, err := io.Copy(io.MultiWriter(whole, sum), io.NewSectionReader(u.file, from, n)); err != nil {
			return Uploaded{}, errors.Join(group.Wait(), err)
		}
		if sum.n != n {
			return Uploaded{}, errors.Join(group.Wait(), u.changed())
		}
		id := blockID(len(ids), sum.crc)
		ids = append(ids, id)
		if u.there[id] {
			u.told(n, false)
			continue
		}
		if u.exists && !u.options.Replace {
			return Uploaded{}, errors.Join(group.Wait(), &ExistsError{u.source.Name})
		}
		sent += n
		group.Go(func() error { return u.stage(running, id, from, n, sum.crc) })
		if running.Err() != nil {
			break
		}
	}
	if err := group.Wait(); err != nil {
		return Uploaded{}, err
	}
	if err := u.unchanged(); err != nil {
		return Uploaded{}, err
	}
	done := Uploaded{Name: u.source.Name, Size: u.source.Size, SHA256: hex.EncodeToString(whole.Sum(nil)), Sent: sent}
	return done, u.commit(ctx, ids)
}

func (u *upload) told(n int64, sent bool) {
	if u.options.Moved != nil {
		u.options.Moved(n, sent)
	}
}

func (u *upload) changed() error {
	return fmt.Errorf("%q was changed while it was uploaded; repeat the command when nobody writes to it", u.source.Path)
}

// unchanged looks whether the file has grown behind the part that was read.
func (u *upload) unchanged() error {
	info, err := u.file.Stat()
	if err == nil && info.Size() != u.source.Size {
		err = u.changed()
	}
	return err
}

// stage sends a block, which is read from the file again: nothing of it is kept.
func (u *upload) stage(ctx context.Context, id string, from, n int64, sum airlock.CRC64) error {
	send := func() error {
		return u.container.with(ctx, func(client *container.Client) error {
			body := streaming.NopCloser(io.NewSectionReader(u.file, from, n))
			_, err := u.blob(client).StageBlock(ctx, id, body, &blockblob.StageBlockOptions{TransactionalValidation: blob.TransferValidationTypeCRC64(sum)})
			if bloberror.HasCode(err, bloberror.InvalidBlobOrBlock) {
				// Blocks of another program lie there: ids of one blob have one length.
				if err := u.drop(ctx, client); err != nil {
					return err
				}
				_, err = u.blob(client).StageBlock(ctx, id, streaming.NopCloser(io.NewSectionReader(u.file, from, n)), &blockblob.StageBlockOptions{TransactionalValidation: blob.TransferValidationTypeCRC64(sum)})
			}
			return err
		})
	}
	err := send()
	if refusal, ok := errors.AsType[*StorageError](err); ok && refusal.Code == "Crc64Mismatch" {
		return u.changed()
	}
	if err == nil {
		u.told(n, true)
	}
	return err
}

// drop removes the uncommitted blocks of another program.
func (u *upload) drop(ctx context.Context, client *container.Client) error {
	if u.exists {
		return &StorageError{Code: string(bloberror.InvalidBlobOrBlock), Say: fmt.Sprintf("another program is uploading %q; wait for it, or delete the file and repeat the command", u.source.Name)}
	}
	if _, err := u.blob(client).CommitBlockList(ctx, nil, &blockblob.CommitBlockListOptions{AccessConditions: createOnly()}); err != nil {
		return err
	}
	_, err := client.NewBlobClient(u.source.Name).Delete(ctx, nil)
	return err
}

// commit makes the blocks a file: create-only, unless it may replace one.
func (u *upload) commit(ctx context.Context, ids []string) error {
	if u.exists && same(ids, u.committed) {
		return nil
	}
	if u.exists && !u.options.Replace {
		return &ExistsError{u.source.Name}
	}
	// A link that somebody opens in a browser never renders.
	options := &blockblob.CommitBlockListOptions{HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/octet-stream")}}
	if !u.options.Replace {
		options.AccessConditions = createOnly()
	}
	err := u.container.with(ctx, func(client *container.Client) error {
		_, err := u.blob(client).CommitBlockList(ctx, ids, options)
		return err
	})
	if refusal, ok := errors.AsType[*StorageError](err); ok && (refusal.Code == string(bloberror.BlobAlreadyExists) || refusal.Code == string(bloberror.ConditionNotMet)) {
		return u.settled(ctx, ids)
	}
	return err
}

func createOnly() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}
}

// settled checks whether the blob there is the one we committed: the answer may have been
// lost, and the call repeated.
func (u *upload) settled(ctx context.Context, ids []string) error {
	u.committed = nil
	if err := u.look(ctx); err != nil {
		return err
	}
	if !same(ids, u.committed) {
		return &ExistsError{u.source.Name}
	}
	return nil
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// checksum is the CRC64 of what is written to it.
type checksum struct {
	crc airlock.CRC64
	n   int64
}

// Write implements io.Writer.
func (c *checksum) Write(b []byte) (int, error) {
	c.crc, c.n = c.crc.With(b), c.n+int64(len(b))
	return len(b), nil
}

// blockID names a block by its place and its checksum, always 24 characters.
func blockID(index int, crc airlock.CRC64) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%07d.%016x", index, uint64(crc)))
}
