package front_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noise is n bytes that are different from each other.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// Blocks from URLs are ranges of the source, raw, with the checksum that Azure computes of them.
func TestBlocksFromURL(t *testing.T) {
	f := newFixture(t)
	body := noise(300_001)
	source := f.blockBlob(accountA, "source")
	put, err := source.UploadBuffer(t.Context(), body, &blockblob.UploadBufferOptions{HTTPHeaders: &blob.HTTPHeaders{BlobContentEncoding: to.Ptr("gzip")}})
	require.NoError(t, err)
	signed := source.URL() + "?" + f.sign(accountA, "source", "r", time.Hour)
	target := f.blockBlob(accountB, "target")
	var ids []string
	for at := int64(0); at < int64(len(body)); at += 100_000 {
		n := min(100_000, int64(len(body))-at)
		ids = append(ids, base64.StdEncoding.EncodeToString([]byte{byte('a' + len(ids))}))
		r, err := target.StageBlockFromURL(t.Context(), ids[len(ids)-1], signed,
			&blockblob.StageBlockFromURLOptions{Range: blob.HTTPRange{Offset: at, Count: n}, SourceModifiedAccessConditions: sourceIs(*put.ETag)})
		require.NoError(t, err)
		sum := crc64.Checksum(body[at:at+n], crc64.MakeTable(0x9A6C9329AC4BC9B5))
		require.Equal(t, binary.LittleEndian.AppendUint64(nil, sum), r.ContentCRC64)
	}
	_, err = target.CommitBlockList(t.Context(), ids, nil)
	require.NoError(t, err)
	r, err := target.DownloadStream(t.Context(), nil)
	require.NoError(t, err)
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.True(t, bytes.Equal(body, got))
	require.Len(t, f.created(accountB, "target"), 1, "one event, for the list")

	whole, err := target.StageBlockFromURL(t.Context(), ids[0], signed, nil)
	require.NoError(t, err)
	require.NotEmpty(t, whole.ContentCRC64)
}

func TestBlocksFromURLAreRefusedAsByAzure(t *testing.T) {
	f := newFixture(t)
	etag := f.upload(accountA, "source", "0123456789")
	f.upload(accountB, "neighbour", "secret")
	plain := host(accountA) + "/" + f.container + "/source"
	signed := plain + "?" + f.sign(accountA, "source", "r", time.Hour)
	stage := func(from string, o *blockblob.StageBlockFromURLOptions) string {
		_, err := f.blockBlob(accountB, "target").StageBlockFromURL(t.Context(), "YWFh", from, o)
		return outcome(err)
	}
	at := func(offset, count int64, source azcore.ETag) *blockblob.StageBlockFromURLOptions {
		return &blockblob.StageBlockFromURLOptions{Range: blob.HTTPRange{Offset: offset, Count: count}, SourceModifiedAccessConditions: sourceIs(source)}
	}
	for name, c := range map[string]struct {
		from    string
		options *blockblob.StageBlockFromURLOptions
		want    string
	}{
		"right":             {signed, at(2, 5, etag), "ok"},
		"source changed":    {signed, at(2, 5, `"0x1"`), "412 SourceConditionNotMet"},
		"behind its end":    {signed, at(10, 5, etag), "416 InvalidRange"},
		"unsigned":          {plain, nil, "403 CannotVerifyCopySource"},
		"may not read":      {plain + "?" + f.sign(accountA, "source", "w", time.Hour), nil, "403 CannotVerifyCopySource"},
		"tampered":          {strings.Replace(signed, "sig=", "sig=A", 1), nil, "403 CannotVerifyCopySource"},
		"missing":           {host(accountA) + "/" + f.container + "/missing?" + f.sign(accountA, "missing", "r", time.Hour), nil, "404 CannotVerifyCopySource"},
		"outside":           {"https://example.org/x", nil, "403 CannotVerifyCopySource"},
		"a bad block":       {signed, &blockblob.StageBlockFromURLOptions{SourceContentValidation: blob.SourceContentValidationTypeMD5(make([]byte, 16))}, "501 NotImplemented"},
		"a neighbour's too": {host(accountB) + "/" + f.container + "/neighbour", nil, "ok"}, // a token opens its own account
	} {
		assert.Equal(t, c.want, stage(c.from, c.options), name)
	}
	// Whoever has a link to the destination alone reads nothing beside it.
	link := host(accountB) + "/" + f.container + "/target?comp=block&blockid=YWFh&" + f.sign(accountB, "", "rcw", time.Hour)
	assert.Equal(t, "403 CannotVerifyCopySource", curl(t, "-X", http.MethodPut, "-H", "Content-Length: 0", "-H", "x-ms-version: 2026-06-06",
		"-H", "x-ms-copy-source: "+host(accountB)+"/"+f.container+"/neighbour", link))
	// A missing container is the destination's, not the source's.
	require.NoError(t, func() error { _, err := f.client(accountB).DeleteContainer(t.Context(), f.container, nil); return err }())
	assert.Equal(t, "404 ContainerNotFound", stage(signed, nil))
}
