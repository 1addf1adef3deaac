package blobstore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"example.org/airlock/handler/airlock"
)

// listLimit keeps a container that somebody filled with millions of blobs from
// filling our memory. It is far above what a policy can allow.
const listLimit = 100_000

// List returns every committed blob, by name; blocks that were uploaded and
// never committed are not blobs. airlock.ErrGone without the container. A
// container with more than 100,000 blobs is a permanent fault.
func (s *Store) List(ctx context.Context, c airlock.Container) ([]airlock.Blob, error) {
	client, err := s.container(c.Account, string(c.Name))
	if err != nil {
		return nil, err
	}
	blobs := []airlock.Blob{}
	pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Include: container.ListBlobsInclude{Metadata: true}, MaxResults: &s.pageSize})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, goneOr("list blobs", c.Account, err)
		}
		if page.Segment == nil {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			blobs = append(blobs, listed(item))
		}
		if len(blobs) > listLimit {
			return nil, &airlock.Fault{Kind: airlock.Permanent, Code: "TooManyBlobs", Operation: "list blobs", Account: c.Account,
				Err: errors.New("more blobs than any request can have")}
		}
	}
	slices.SortFunc(blobs, func(a, b airlock.Blob) int { return strings.Compare(a.Name, b.Name) })
	return blobs, nil
}

func listed(item *container.BlobItem) airlock.Blob {
	b := airlock.Blob{Name: deref(item.Name), Source: marked(item.Metadata)}
	p := item.Properties
	if p == nil {
		return b
	}
	b.Size, b.ETag = deref(p.ContentLength), plain(p.ETag)
	return b
}
