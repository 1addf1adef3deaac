package ground

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Blob is one committed blob.
type Blob struct {
	Name string
	Size int64
	ETag string
	// Said is the text of the blob's headers, metadata and tags beside a neutral content type.
	Said map[string]string
}

// said collects an uploader's texts about a blob's bytes.
func said(item *container.BlobItem) map[string]string {
	out := map[string]string{}
	note := func(name string, value *string) {
		if value != nil && *value != "" {
			out[name] = *value
		}
	}
	p := item.Properties
	note("Content-Disposition", p.ContentDisposition)
	note("Content-Encoding", p.ContentEncoding)
	note("Content-Language", p.ContentLanguage)
	note("Cache-Control", p.CacheControl)
	if note("Content-Type", p.ContentType); out["Content-Type"] == "application/octet-stream" {
		delete(out, "Content-Type")
	}
	if len(p.ContentMD5) > 0 {
		out["Content-MD5"] = hex.EncodeToString(p.ContentMD5)
	}
	for name, value := range item.Metadata {
		note("metadata "+strings.ToLower(name), value)
	}
	if item.BlobTags != nil {
		for _, tag := range item.BlobTags.BlobTagSet {
			note("tag "+*tag.Key, tag.Value)
		}
	}
	return out
}

// Containers lists the containers of an account.
func (g *Ground) Containers(ctx context.Context, account string) ([]string, error) {
	client := g.blobs[account]
	if client == nil {
		return nil, fmt.Errorf("ground: no storage account %q", account)
	}
	var names []string
	for pager := client.NewListContainersPager(nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("ground: list %s: %w", account, err)
		}
		for _, item := range page.ContainerItems {
			names = append(names, *item.Name)
		}
	}
	return names, nil
}

// Blobs lists a container's blobs; exists tells an empty container from a missing one.
func (g *Ground) Blobs(ctx context.Context, account, name string) (blobs []Blob, exists bool, err error) {
	client, err := g.container(account, name)
	if err != nil {
		return nil, false, err
	}
	everything := container.ListBlobsInclude{Metadata: true, Tags: true}
	for pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: everything}); pager.More(); {
		page, err := pager.NextPage(ctx)
		if bloberror.HasCode(err, bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("ground: list %s/%s: %w", account, name, err)
		}
		for _, item := range page.Segment.BlobItems {
			blobs = append(blobs, Blob{Name: *item.Name, Size: *item.Properties.ContentLength, ETag: strings.Trim(string(*item.Properties.ETag), `"`), Said: said(item)})
		}
	}
	return blobs, true, nil
}

// SHA256 reads a whole blob and returns its hash in lower-case hexadecimal.
func (g *Ground) SHA256(ctx context.Context, account, container, name string) (string, error) {
	client, err := g.container(account, container)
	if err != nil {
		return "", err
	}
	answer, err := client.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("ground: read %s/%s: %w", account, container, err)
	}
	defer answer.Body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, answer.Body); err != nil {
		return "", fmt.Errorf("ground: read %s/%s: %w", account, container, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Read returns a whole blob.
func (g *Ground) Read(ctx context.Context, account, container, name string) ([]byte, error) {
	client, err := g.container(account, container)
	if err != nil {
		return nil, err
	}
	answer, err := client.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("ground: read %s/%s: %w", account, container, err)
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// Write makes or replaces a blob, and its container if need be, without anybody being told: no event, no verdict.
func (g *Ground) Write(ctx context.Context, account, container, name string, body []byte) (etag string, err error) {
	client, err := g.container(account, container)
	if err != nil {
		return "", err
	}
	if _, err := client.Create(ctx, nil); err != nil && !bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
		return "", fmt.Errorf("ground: create %s/%s: %w", account, container, err)
	}
	answer, err := client.NewBlockBlobClient(name).Upload(ctx, streaming.NopCloser(bytes.NewReader(body)), nil)
	if err != nil {
		return "", fmt.Errorf("ground: write %s/%s: %w", account, container, err)
	}
	return strings.Trim(string(*answer.ETag), `"`), nil
}

// Plant makes a blob only where none is, as somebody has to who may create blobs in an account that never lets one be
// replaced. It returns false when there is one.
func (g *Ground) Plant(ctx context.Context, account, container, name string, body []byte) (planted bool, err error) {
	client, err := g.container(account, container)
	if err != nil {
		return false, err
	}
	nothing := azcore.ETagAny
	_, err = client.NewBlockBlobClient(name).Upload(ctx, streaming.NopCloser(bytes.NewReader(body)),
		&blockblob.UploadOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &nothing}}})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ground: plant in %s/%s: %w", account, container, err)
	}
	return true, nil
}

// Delete removes one blob.
func (g *Ground) Delete(ctx context.Context, account, container, name string) error {
	client, err := g.container(account, container)
	if err == nil {
		_, err = client.NewBlobClient(name).Delete(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("ground: delete in %s/%s: %w", account, container, err)
	}
	return nil
}

// DeleteContainer removes a container with everything in it.
func (g *Ground) DeleteContainer(ctx context.Context, account, container string) error {
	client, err := g.container(account, container)
	if err == nil {
		_, err = client.Delete(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("ground: delete %s/%s: %w", account, container, err)
	}
	return nil
}

// CreateContainer makes an empty container.
func (g *Ground) CreateContainer(ctx context.Context, account, container string) error {
	client, err := g.container(account, container)
	if err == nil {
		_, err = client.Create(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("ground: create %s/%s: %w", account, container, err)
	}
	return nil
}
