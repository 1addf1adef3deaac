package blobstore

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// List returns the committed blobs by name, at most so many; blocks that were
// uploaded and never committed are not blobs, and neither are snapshots and
// versions. It looks no further than it has to, however many there are.
//
// Errors: airlock.ErrGone without the container, airlock.ErrUnlistable when a
// name among them has characters that no listing can carry, *airlock.Fault.
func (s *Store) List(ctx context.Context, c airlock.Container, most int) ([]airlock.Blob, error) {
	const operation = "list blobs"
	client, err := s.container(c.Account, string(c.Name))
	if err != nil {
		return nil, err
	}
	blobs := []airlock.Blob{}
	pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Include: container.ListBlobsInclude{Metadata: true, Copy: true}, MaxResults: to.Ptr(min(s.pageSize, int32(min(most, pageSize))))}) //nolint:gosec // at most a page
	for pager.More() && len(blobs) < most {
		page, err := pager.NextPage(ctx)
		if unlistable(err) && s.answers(ctx, client) {
			return nil, fmt.Errorf("%s on %s: %w", operation, c.Account, airlock.ErrUnlistable)
		}
		if err != nil {
			return nil, goneOr(operation, c.Account, err)
		}
		if page.Segment == nil {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			blobs = append(blobs, listed(item))
		}
	}
	slices.SortFunc(blobs, func(a, b airlock.Blob) int { return strings.Compare(a.Name, b.Name) })
	return blobs[:min(len(blobs), most)], nil
}

// unlistable reports whether an answer shows that a name among the blobs fits into
// no list: storage takes names with characters that XML 1.0 does not have. Then
// the answer is no XML (the SDK has no type for that error), or a 500 without a code,
// which the emulator answers; every 500 of Azure has a code.
func unlistable(err error) bool {
	if err == nil {
		return false
	}
	if said, ok := azure.AnswerOf(err); ok {
		return said.Status == http.StatusInternalServerError && said.Code == ""
	}
	return strings.HasPrefix(err.Error(), "unmarshalling type ")
}

// answers reports whether storage tells of a container at all.
func (s *Store) answers(ctx context.Context, client *container.Client) bool {
	_, err := client.GetProperties(ctx, nil)
	return err == nil
}

func listed(item *container.BlobItem) airlock.Blob {
	b := airlock.Blob{Name: deref(item.Name), Source: marked(item.Metadata)}
	p := item.Properties
	if p == nil {
		return b
	}
	b.Size, b.ETag = deref(p.ContentLength), unquoted(p.ETag)
	b.Type, b.Copying = airlock.BlobType(deref(p.BlobType)), string(deref(p.CopyStatus))
	b.Archived = deref(p.AccessTier) == container.AccessTierArchive || deref(p.ArchiveStatus) != ""
	b.CustomerKey = deref(p.CustomerProvidedKeySHA256) != "" || deref(p.EncryptionScope) != "" && deref(p.EncryptionScope) != accountScope
	b.Folder = isFolder(item)
	return b
}

// accountScope is the scope of blobs for which the uploader chose none
// (learn.microsoft.com/azure/storage/blobs/encryption-scope-overview).
const accountScope = "$account-encryption-key"

// isFolder recognises the markers that the hierarchical namespace and tools that
// imitate it leave.
func isFolder(item *container.BlobItem) bool {
	if strings.EqualFold(deref(item.Properties.ResourceType), "directory") {
		return true
	}
	for name, value := range item.Metadata {
		if strings.EqualFold(name, "hdi_isfolder") && strings.EqualFold(deref(value), "true") {
			return true
		}
	}
	return false
}
