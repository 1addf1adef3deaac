package blobstore

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"example.org/airlock/handler/airlock"
)

// scanResult is the index tag in which Defender for Storage leaves its verdict on the
// blob itself (learn.microsoft.com/azure/defender-for-cloud/understand-malware-scan-results).
const scanResult = "Malware Scanning scan result"

// tagLimit keeps a container that somebody filled from filling our memory. It is far
// above the files that a request can have.
const tagLimit = 10_000

// ScanTags returns the scanner's tags on the blobs of a container, by name, each with
// the ETag of the blob that has it; blobs without one are left out. Storage removes a
// blob's tags when the blob is overwritten. One call reads up to 5,000 blobs.
//
// Errors: airlock.ErrGone without the container, *airlock.Fault.
func (s *Store) ScanTags(ctx context.Context, c airlock.Container) (map[string]airlock.ScanTag, error) {
	client, err := s.container(c.Account, string(c.Name))
	if err != nil {
		return nil, err
	}
	tags := map[string]airlock.ScanTag{}
	pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Include: container.ListBlobsInclude{Tags: true}, MaxResults: &s.pageSize})
	for pager.More() && len(tags) <= tagLimit {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, goneOr("read scan tags", c.Account, err)
		}
		if page.Segment == nil {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			if result := scanResultOf(item); result != "" && item.Properties != nil {
				tags[deref(item.Name)] = airlock.ScanTag{ETag: unquoted(item.Properties.ETag), Result: result}
			}
		}
	}
	return tags, nil
}

// scanResultOf returns the scanner's word. Names of tags that differ only in case are
// different tags: their words are joined, so that a clean one beside another is unclear.
func scanResultOf(item *container.BlobItem) string {
	if item.BlobTags == nil {
		return ""
	}
	var words []string
	for _, tag := range item.BlobTags.BlobTagSet {
		if strings.EqualFold(deref(tag.Key), scanResult) {
			words = append(words, deref(tag.Value))
		}
	}
	return strings.Join(words, " ") // each has at most 256 characters
}
