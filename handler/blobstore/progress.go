package blobstore

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"

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

// Progress is a container of one account for states that may get lost. An item begins with
// a line that is its seal, since a state that somebody else has written could say that a
// file was looked at.
type Progress struct {
	store   *Store
	account string
	seals   Seals
}

// Seals makes and checks MACs. Errors are *airlock.Fault.
type Seals interface {
	// MAC returns the MAC of a message and the id of the key.
	MAC(ctx context.Context, message []byte) (mac []byte, keyID string, err error)
	// Genuine reports whether mac is that of the message under the key with that id,
	// which may be one that makes no MACs any more.
	Genuine(ctx context.Context, keyID string, message, mac []byte) (bool, error)
}

// progressFormat begins every message that is sealed here, so that no other use of the key
// can make a seal.
const progressFormat = "airlock-progress/1"

// NewProgress returns the progress kept in an account. The container exists.
func NewProgress(s *Store, account string, seals Seals) *Progress {
	return &Progress{store: s, account: account, seals: seals}
}

// Load returns an item with its ETag, airlock.ErrGone when there is none. An item that the
// service has not written under this name is an *airlock.Fault of the code
// airlock.StateDamaged, beside its ETag.
func (p *Progress) Load(ctx context.Context, name string) (body []byte, etag string, err error) {
	const operation = "read progress"
	item, etag, err := p.read(ctx, name)
	if err != nil {
		return nil, "", err
	}
	seal, body, _ := bytes.Cut(item, []byte("\n"))
	id, text, _ := strings.Cut(string(seal), ".")
	genuine := false
	if mac, unreadable := base64.RawURLEncoding.Strict().DecodeString(text); unreadable == nil {
		if genuine, err = p.seals.Genuine(ctx, id, sealedAs(name, body), mac); err != nil {
			return nil, "", err
		}
	}
	if !genuine {
		return nil, etag, &airlock.Fault{Kind: airlock.Operator, Code: airlock.StateDamaged, Operation: operation, Account: p.account,
			Err: errors.New("its seal does not hold")}
	}
	return body, etag, nil
}

// read returns what lies under a name, seal and all.
func (p *Progress) read(ctx context.Context, name string) (item []byte, etag string, err error) {
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
	if item, err = io.ReadAll(io.LimitReader(r.Body, progressLimit)); err != nil {
		return nil, "", faultOf(operation, p.account, err)
	}
	return item, unquoted(r.ETag), nil
}

// sealedAs is what the seal of an item is of.
func sealedAs(name string, body []byte) []byte {
	return append([]byte(progressFormat+"\n"+name+"\n"), body...)
}

// Save replaces the item at etag, "" for none yet, and returns its new ETag. It is
// airlock.ErrStale when the item is another one by now. Safe to repeat.
func (p *Progress) Save(ctx context.Context, name string, body []byte, etag string) (string, error) {
	client, err := p.item(name)
	if err != nil {
		return "", err
	}
	mac, id, err := p.seals.MAC(ctx, sealedAs(name, body))
	if err != nil {
		return "", err
	}
	item := append([]byte(id+"."+base64.RawURLEncoding.EncodeToString(mac)+"\n"), body...)
	only := &blob.ModifiedAccessConditions{IfMatch: quotedETag(etag)}
	if etag == "" {
		only = &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}
	}
	r, err := client.Upload(ctx, streaming.NopCloser(bytes.NewReader(item)), &blockblob.UploadOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/octet-stream")}, AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only}})
	switch {
	case err == nil:
		return unquoted(r.ETag), nil
	case bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists):
		// It may be our own, from a call whose answer was lost.
		if there, now, err := p.read(ctx, name); err == nil && bytes.Equal(there, item) {
			return now, nil
		}
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
