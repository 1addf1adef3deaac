package blobstore

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
)

// ProgressContainer is where it is kept how far inspections have come; infra/core makes it,
// with a rule that deletes old items.
const ProgressContainer = "inspect"

// progressLimit bounds one item.
const progressLimit = 32 << 20

// Progress is a container of one account for states that may get lost.
type Progress struct {
	store   *Store
	account string
}

// NewProgress returns the progress kept in an account. The container exists.
func NewProgress(s *Store, account string) *Progress { return &Progress{store: s, account: account} }

// Load returns an item with its ETag, airlock.ErrGone when there is none.
func (p *Progress) Load(ctx context.Context, name string) (body []byte, etag string, err error) {
	const operation = "read progress"
	client, err := p.item(name)
	if err != nil {
		return nil, "", err
	}
	r, err := client.DownloadStream(ctx, nil)
	if err != nil {
		return nil, "", goneOr(operation, p.account, err)
	}
	defer r.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(r.Body, progressLimit)); err != nil {
		return nil, "", faultOf(operation, p.account, err)
	}
	return body, unquoted(r.ETag), nil
}

// Save replaces the item at etag, "" for none yet, and returns its new ETag. It is
// airlock.ErrStale when the item is another one by now.
func (p *Progress) Save(ctx context.Context, name string, body []byte, etag string) (string, error) {
	client, err := p.item(name)
	if err != nil {
		return "", err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: quotedETag(etag)}
	if etag == "" {
		only = &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}
	}
	r, err := client.Upload(ctx, streaming.NopCloser(bytes.NewReader(body)), &blockblob.UploadOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")}, AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only}})
	switch {
	case err == nil:
		return unquoted(r.ETag), nil
	case bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists):
		return "", airlock.ErrStale
	}
	return "", faultOf("keep progress", p.account, err)
}

// Try reports whether items can be read and written, on one that does not exist.
func (p *Progress) Try(ctx context.Context) error {
	name := "doctor/" + uuid.NewString()
	if _, _, err := p.Load(ctx, name); err != nil && !errors.Is(err, airlock.ErrGone) {
		return err
	}
	_, err := p.Save(ctx, name, []byte("{}"), "0x0")
	if errors.Is(err, airlock.ErrStale) {
		return nil
	}
	return err
}

func (p *Progress) item(name string) (*blockblob.Client, error) {
	client, err := p.store.container(p.account, ProgressContainer)
	if err != nil {
		return nil, err
	}
	if !addressable(name) {
		return nil, invalidName(p.account)
	}
	return client.NewBlockBlobClient(name), nil
}
