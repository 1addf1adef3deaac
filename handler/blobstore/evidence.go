package blobstore

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // Blob Storage checks uploads with Content-MD5, not a signature
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"example.org/airlock/handler/airlock"
)

// evidenceLimit bounds one item: a receipt or an anchor is a few KiB.
const evidenceLimit = 16 << 20

// Evidence is the append-only store of anchors and receipts: containers of one
// account. In Azure the containers are immutable (WORM); here every write is
// create-only, so that nothing can be replaced without immutability either.
type Evidence struct {
	store   *Store
	account string
}

// NewEvidence returns the evidence kept in an account. The containers exist.
func NewEvidence(s *Store, account string) *Evidence { return &Evidence{store: s, account: account} }

// Append stores body under container/name once. The same bytes already there are
// success; other bytes are airlock.ErrImmutable and stay.
func (e *Evidence) Append(ctx context.Context, container, name string, body []byte) error {
	const operation = "append evidence"
	client, err := e.item(container, name)
	if err != nil {
		return err
	}
	if len(body) > evidenceLimit {
		return &airlock.Fault{Kind: airlock.Permanent, Code: "EvidenceTooLarge", Operation: operation, Account: e.account,
			Err: errors.New("larger than any receipt or anchor can be")}
	}
	sum := md5.Sum(body) //nolint:gosec // see the import
	_, err = client.Upload(ctx, streaming.NopCloser(bytes.NewReader(body)), &blockblob.UploadOptions{
		HTTPHeaders:      &blob.HTTPHeaders{BlobContentType: to.Ptr(contentType(name)), BlobContentMD5: sum[:]},
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if err == nil {
		return nil
	}
	if !mayBeThere(err) {
		return faultOf(operation, e.account, err)
	}
	there, readErr := e.Read(ctx, container, name)
	switch {
	case errors.Is(readErr, airlock.ErrNotEvidence):
		return airlock.ErrImmutable
	case errors.Is(readErr, airlock.ErrGone): // refused, yet nothing there
		return faultOf(operation, e.account, err)
	case readErr != nil:
		return readErr
	case !bytes.Equal(there, body):
		return airlock.ErrImmutable
	}
	return nil
}

// mayBeThere reports whether a refused write can mean that the item exists: the
// condition says so, or the container's immutability, or, since this identity may
// add blobs and not overwrite them (infra/core/definitions.tf), the permission. Each may
// be looked at first.
func mayBeThere(err error) bool {
	refused, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && slices.Contains([]int{http.StatusForbidden, http.StatusConflict, http.StatusPreconditionFailed}, refused.StatusCode)
}

// Read returns airlock.ErrGone when there is no such item, and
// airlock.ErrNotEvidence when it is too large to be one, archived, or encrypted with
// somebody's own key: anybody who can create blobs can make such.
func (e *Evidence) Read(ctx context.Context, container, name string) ([]byte, error) {
	const operation = "read evidence"
	client, err := e.item(container, name)
	if err != nil {
		return nil, err
	}
	r, err := client.DownloadStream(ctx, nil)
	if bloberror.HasCode(err, bloberror.BlobArchived, bloberror.BlobBeingRehydrated, bloberror.BlobUsesCustomerSpecifiedEncryption) {
		return nil, fmt.Errorf("%s on %s: %w", operation, e.account, airlock.ErrNotEvidence)
	}
	if err != nil {
		return nil, goneOr(operation, e.account, err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, evidenceLimit+1))
	if err != nil {
		return nil, faultOf(operation, e.account, err)
	}
	if len(body) > evidenceLimit {
		return nil, fmt.Errorf("%s on %s: %w", operation, e.account, airlock.ErrNotEvidence)
	}
	return body, nil
}

// Names lists the items of a container whose name begins with prefix, in the
// order of their names. It ends with the first error.
func (e *Evidence) Names(ctx context.Context, name, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		client, err := e.store.container(e.account, name)
		if err != nil {
			yield("", err)
			return
		}
		pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix, MaxResults: &e.store.pageSize})
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if err != nil {
				yield("", goneOr("list evidence", e.account, err))
				return
			}
			if page.Segment == nil {
				continue
			}
			for _, item := range page.Segment.BlobItems {
				if !yield(deref(item.Name), nil) {
					return
				}
			}
		}
	}
}

func (e *Evidence) item(containerName, name string) (*blockblob.Client, error) {
	client, err := e.store.container(e.account, containerName)
	if err != nil {
		return nil, err
	}
	if !addressable(name) {
		return nil, invalidName(e.account)
	}
	return client.NewBlockBlobClient(name), nil
}

func contentType(name string) string {
	if strings.HasSuffix(name, ".json") {
		return "application/json"
	}
	return "application/octet-stream"
}
