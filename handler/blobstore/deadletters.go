package blobstore

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"example.org/airlock/handler/airlock"
)

// DeadLetterContainer is where Event Grid writes undeliverable events; the
// blob trigger of functions/OnDeadLetter and infra/core name it too.
const DeadLetterContainer = "dead-letters"

// deadLetterLimit bounds one letter: Event Grid puts batches of events of at
// most 1 MiB into it.
const deadLetterLimit = 16 << 20

// DeadLetters is the dead-letter container of one account.
type DeadLetters struct {
	store   *Store
	account string
}

// NewDeadLetters returns the dead letters kept in an account. The container exists.
func NewDeadLetters(s *Store, account string) *DeadLetters {
	return &DeadLetters{store: s, account: account}
}

// Names lists the letters that were written before a moment, in the order of
// their names. It ends with the first error.
func (d *DeadLetters) Names(ctx context.Context, before time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		client, err := d.store.container(d.account, DeadLetterContainer)
		if err != nil {
			yield("", err)
			return
		}
		pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: &d.store.pageSize})
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if err != nil {
				yield("", goneOr("list dead letters", d.account, err))
				return
			}
			if page.Segment == nil {
				continue
			}
			for _, item := range page.Segment.BlobItems {
				if item.Properties == nil || !deref(item.Properties.LastModified).Before(before) {
					continue
				}
				if !yield(deref(item.Name), nil) {
					return
				}
			}
		}
	}
}

// Read returns a letter's content and its ETag, airlock.ErrGone when there is no
// such letter. One that is larger than any letter can be is a permanent fault.
func (d *DeadLetters) Read(ctx context.Context, name string) (body []byte, etag string, err error) {
	const operation = "read a dead letter"
	client, err := d.item(name)
	if err != nil {
		return nil, "", err
	}
	r, err := client.DownloadStream(ctx, nil)
	if err != nil {
		return nil, "", goneOr(operation, d.account, err)
	}
	defer r.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(r.Body, deadLetterLimit+1)); err != nil {
		return nil, "", faultOf(operation, d.account, err)
	}
	if len(body) > deadLetterLimit {
		return nil, unquoted(r.ETag), &airlock.Fault{Kind: airlock.Permanent, Code: "DeadLetterTooLarge", Operation: operation, Account: d.account,
			Err: errors.New("larger than any dead letter can be")}
	}
	return body, unquoted(r.ETag), nil
}

// Remove deletes a letter as it was at etag, or as it is now with "". One that
// is gone already, or was written again since, is no error. The account keeps
// deleted blobs for a week (infra/core/state.tf).
func (d *DeadLetters) Remove(ctx context.Context, name, etag string) error {
	client, err := d.item(name)
	if err != nil {
		return err
	}
	options := &blob.DeleteOptions{DeleteSnapshots: new(blob.DeleteSnapshotsOptionTypeInclude)}
	if etag != "" {
		options.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: quotedETag(etag)}}
	}
	_, err = client.Delete(ctx, options)
	if err == nil || isGone(err) || bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return nil
	}
	return faultOf("remove a dead letter", d.account, err)
}

func (d *DeadLetters) item(name string) (*blob.Client, error) {
	client, err := d.store.container(d.account, DeadLetterContainer)
	if err != nil {
		return nil, err
	}
	if !addressable(name) {
		return nil, invalidName(d.account)
	}
	return client.NewBlobClient(name), nil
}
