package front_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var createOnly = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}

func sourceIs(etag azcore.ETag) *blob.SourceModifiedAccessConditions {
	return &blob.SourceModifiedAccessConditions{SourceIfMatch: &etag}
}

func (f *fixture) blockBlob(account, name string) *blockblob.Client {
	return f.client(account).ServiceClient().NewContainerClient(f.container).NewBlockBlobClient(name)
}

func TestAsynchronousCopy(t *testing.T) {
	f := newFixture(t)
	etag := f.upload(accountA, "src.txt", "source")
	src := host(accountA) + "/" + f.container + "/src.txt"
	signed := src + "?" + f.sign(accountA, "", "r", time.Hour)
	start := func(name, from string, o *blob.StartCopyFromURLOptions) string {
		_, err := f.blockBlob(accountB, name).StartCopyFromURL(t.Context(), from, o)
		return outcome(err)
	}
	require.Equal(t, "ok", start("dst", signed, &blob.StartCopyFromURLOptions{SourceModifiedAccessConditions: sourceIs(etag), AccessConditions: createOnly}))
	for _, c := range []struct {
		name, from string
		options    *blob.StartCopyFromURLOptions
		want       string
	}{
		{"dst", signed, &blob.StartCopyFromURLOptions{AccessConditions: createOnly}, "409 BlobAlreadyExists"},
		{"source changed", signed, &blob.StartCopyFromURLOptions{SourceModifiedAccessConditions: sourceIs(`"0x1"`)}, "412 ConditionNotMet"},
		{"unsigned", src, nil, "403 CannotVerifyCopySource"},
		{"tampered", strings.Replace(signed, "sig=", "sig=A", 1), nil, "403 CannotVerifyCopySource"},
		{"may not read", src + "?" + f.sign(accountA, "", "l", time.Hour), nil, "403 CannotVerifyCopySource"},
		{"missing", strings.Replace(signed, "src.txt", "missing", 1), nil, "404 CannotVerifyCopySource"},
		{"outside", "https://example.org/x", nil, "403 CannotVerifyCopySource"},
		{"dot segments", strings.Replace(signed, "/src.txt", "/%2e%2e/"+f.container+"/src.txt", 1), nil, "403 CannotVerifyCopySource"},
		{"own account", host(accountB) + "/" + f.container + "/dst", nil, "ok"},
	} {
		assert.Equal(t, c.want, start(c.name, c.from, c.options), c.name)
	}

	// Azure takes a token for the source only where the copy is synchronous.
	token, err := f.cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://storage.azure.com/.default"}})
	require.NoError(t, err)
	require.Contains(t, curl(t, "-X", "PUT", "-H", "Content-Length: 0", "-H", "x-ms-version: 2026-06-06", "-H", "Authorization: Bearer "+token.Token, "-H", "x-ms-copy-source: "+src,
		"-H", "x-ms-copy-source-authorization: Bearer "+token.Token, host(accountB)+"/"+f.container+"/by-token"), "403 CannotVerifyCopySource")

	// A link for the destination alone must not read another blob of its account, as Azurite by itself would let it.
	link, err := container.NewClientWithNoCredential(host(accountB)+"/"+f.container+"?"+f.sign(accountB, "", "rcw", time.Hour), nil)
	require.NoError(t, err)
	_, err = link.NewBlobClient("leak").StartCopyFromURL(t.Context(), host(accountB)+"/"+f.container+"/dst", nil)
	require.Equal(t, "403 CannotVerifyCopySource", outcome(err))
	_, err = link.NewBlobClient("fine").StartCopyFromURL(t.Context(), signed, nil)
	require.Equal(t, "ok", outcome(err))
}

func TestSynchronousCopy(t *testing.T) {
	f := newFixture(t)
	etag := f.upload(accountA, "src.txt", "source")
	f.upload(accountA, "limit", strings.Repeat("x", syncLimit))
	f.upload(accountA, "above", strings.Repeat("x", syncLimit+1))
	f.upload(accountA, "empty", "")
	src := host(accountA) + "/" + f.container + "/"
	query := "?" + f.sign(accountA, "", "r", time.Hour)
	token, err := f.cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://storage.azure.com/.default"}})
	require.NoError(t, err)
	for _, c := range []struct {
		name, from string
		options    *blob.CopyFromURLOptions
		want       string
	}{
		{"dst", src + "src.txt" + query, &blob.CopyFromURLOptions{SourceModifiedAccessConditions: sourceIs(etag), BlobAccessConditions: createOnly}, "ok"},
		{"dst", src + "src.txt" + query, &blob.CopyFromURLOptions{BlobAccessConditions: createOnly}, "409 BlobAlreadyExists"},
		{"source changed", src + "src.txt" + query, &blob.CopyFromURLOptions{SourceModifiedAccessConditions: sourceIs(`"0x1"`)}, "412 ConditionNotMet"},
		{"unsigned", src + "src.txt", nil, "403 CannotVerifyCopySource"},
		{"by token", src + "src.txt", &blob.CopyFromURLOptions{CopySourceAuthorization: to.Ptr("Bearer " + token.Token)}, "ok"},
		{"by bad token", src + "src.txt", &blob.CopyFromURLOptions{CopySourceAuthorization: to.Ptr("Bearer x.y.z")}, "403 CannotVerifyCopySource"},
		{"missing", src + "missing" + query, nil, "404 CannotVerifyCopySource"},
		{"empty", src + "empty" + query, nil, "ok"},
		{"at Azure's limit", src + "limit" + query, nil, "ok"},
		{"above Azure's limit", src + "above" + query, nil, "409 CannotVerifyCopySource"},
	} {
		_, err := f.blockBlob(accountB, c.name).CopyFromURL(t.Context(), c.from, c.options)
		assert.Equal(t, c.want, outcome(err), c.name)
	}
	_, err = f.blockBlob(accountB, "block").StageBlockFromURL(t.Context(), "YWFh", src+"src.txt"+query, nil)
	require.NoError(t, err)
	_, err = f.blockBlob(accountB, "put").UploadBlobFromURL(t.Context(), src+"src.txt"+query, nil)
	require.Contains(t, outcome(err), "501")
}

// The source's signature must not be seen by those who may read the destination.
func TestCopySourceIsShownWithoutItsSignature(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "src.txt", "source")
	src := host(accountA) + "/" + f.container + "/src.txt"
	signed := src + "?" + f.sign(accountA, "", "r", time.Hour)
	_, err := f.blockBlob(accountB, "async").StartCopyFromURL(t.Context(), signed, nil)
	require.NoError(t, err)
	_, err = f.blockBlob(accountB, "sync").CopyFromURL(t.Context(), signed, nil)
	require.NoError(t, err)
	for _, name := range []string{"async", "sync"} {
		p, err := f.blockBlob(accountB, name).GetProperties(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, src, *p.CopySource)
		require.Equal(t, blob.CopyStatusTypeSuccess, *p.CopyStatus)
	}
	page, err := f.client(accountB).NewListBlobsFlatPager(f.container, &azblob.ListBlobsFlatOptions{Include: azblob.ListBlobsInclude{Copy: true}}).NextPage(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Segment.BlobItems, 2)
	for _, item := range page.Segment.BlobItems {
		require.Equal(t, src, *item.Properties.CopySource)
	}
}

// Names that every layer spells differently. Each goes up, comes down with both kinds of link and escaped in full, is
// copied with both kinds of link, listed, and told of.
func TestAwkwardNames(t *testing.T) {
	names := []string{"a b/c d.txt", "100%.txt", "50%25 off", "hash#tag.txt", "plus+sign.txt", "q?x=1&y=2.txt", "deep/er/est/file",
		"Prüfung/Straße.csv", "日本語/データ.parquet", "emoji💎.log", "semi;colon,comma=eq@at:colon", "(paren)[brack]{brace}'quote\"dq", "a//b", "tilde~!*$&",
		"e\u0301 combining", "trailing.dot.", " lead and trail ", strings.Repeat("long/", 100) + "name"}
	f := newFixture(t)
	link := f.sign(accountA, "", "rcw", time.Hour)
	for _, name := range names {
		text := "content of " + name
		source := f.blockBlob(accountA, name)
		put, err := source.Upload(t.Context(), streaming.NopCloser(bytes.NewReader([]byte(text))), nil)
		require.NoError(t, err, name)
		blobLink := f.sign(accountA, name, "r", time.Hour)

		peoples := strings.Replace(source.URL(), host(accountA), lab.people+"/"+accountA, 1)
		resp, err := http.Get(peoples + "?" + link)
		require.NoError(t, err)
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, text, string(got), name)
		escaped := ""
		for _, c := range []byte(name) {
			escaped += fmt.Sprintf("%%%02x", c)
		}
		assert.Contains(t, curl(t, lab.people+"/"+accountA+"/"+f.container+"/"+escaped+"?"+link), "200", name)
		assert.Contains(t, curl(t, "-g", peoples+"?"+blobLink), "200", name)

		destination := f.blockBlob(accountB, name)
		for _, q := range []string{link, blobLink} {
			_, err = destination.StartCopyFromURL(t.Context(), source.URL()+"?"+q, &blob.StartCopyFromURLOptions{SourceModifiedAccessConditions: sourceIs(*put.ETag)})
			assert.NoError(t, err, name)
			_, err = destination.CopyFromURL(t.Context(), source.URL()+"?"+q, nil)
			assert.NoError(t, err, name)
		}
		p, err := destination.GetProperties(t.Context(), nil)
		require.NoError(t, err, name)
		shown, err := url.Parse(*p.CopySource)
		require.NoError(t, err)
		assert.Equal(t, "/"+f.container+"/"+name, shown.Path)
		if told := f.created(accountB, name); assert.Len(t, told, 4, name) {
			assert.Equal(t, destination.URL(), told[0]["url"])
		}
	}
	var listed []string
	for pager := f.client(accountB).NewListBlobsFlatPager(f.container, nil); pager.More(); {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		for _, item := range page.Segment.BlobItems {
			listed = append(listed, *item.Name)
		}
	}
	assert.ElementsMatch(t, names, listed)
}
