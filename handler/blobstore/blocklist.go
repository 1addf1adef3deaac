package blobstore

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"example.org/airlock/handler/airlock"
)

const (
	// blockSize is how much of a file one Put Block From URL moves: large enough for
	// few calls, small enough that a delivery of half a minute gets on with several
	// files at once even where storage is slow.
	blockSize = 32 << 20
	// maxBlocks is how many blocks a blob can have
	// (learn.microsoft.com/rest/api/storageservices/scalability-targets-for-the-blob-service).
	maxBlocks = 50_000
	// serviceVersion is the version of the REST API that azblob 1.8.0 speaks.
	serviceVersion = "2026-06-06"
)

// blockID is the id of a file's n-th block. It says nothing but the place, so
// that a block staged again takes the place of the first.
func blockID(n int64) string { return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%08d", n)) }

// blockList is the body of Put Block List. The lists are told apart, where the
// SDK knows Latest only: a fresh blob is made of nothing but staged blocks, and a
// refreshed one of nothing but its own, without blocks that others staged since.
type blockList struct {
	XMLName     xml.Name `xml:"BlockList"`
	Uncommitted []string `xml:"Uncommitted"`
	Committed   []string `xml:"Committed"`
}

// newPipeline is the way of the calls that the SDK does not offer.
func newPipeline(credential azcore.TokenCredential, o *policy.ClientOptions) runtime.Pipeline {
	token := runtime.NewBearerTokenPolicy(credential, []string{"https://storage.azure.com/.default"}, nil)
	return runtime.NewPipeline("blobstore", "v1", runtime.PipelineOptions{PerRetry: []policy.Policy{token}}, o)
}

// commit makes a blob of blocks under a condition, and returns its ETag. The blob
// gets neutral properties and our mark: nothing that an uploader said of the
// bytes travels with them. The error is the SDK's own.
func (s *Store) commit(ctx context.Context, c airlock.Container, name string, list blockList, markedAs string, condition http.Header) (etag string, err error) {
	client, err := s.blob(c, name)
	if err != nil {
		return "", err
	}
	req, err := runtime.NewRequest(ctx, http.MethodPut, client.URL())
	if err != nil {
		return "", err
	}
	query := req.Raw().URL.Query()
	query.Set("comp", "blocklist")
	req.Raw().URL.RawQuery = query.Encode()
	h := req.Raw().Header
	for header, values := range condition {
		h[header] = values
	}
	h.Set("x-ms-version", serviceVersion)
	h.Set("x-ms-date", time.Now().UTC().Format(http.TimeFormat))
	h.Set("x-ms-blob-content-type", "application/octet-stream")
	h.Set("x-ms-meta-"+mark, markedAs)
	if err := runtime.MarshalAsXML(req, list); err != nil {
		return "", err
	}
	resp, err := s.pipeline.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if !runtime.HasStatusCode(resp, http.StatusCreated) {
		return "", runtime.NewResponseError(resp)
	}
	return strings.Trim(resp.Header.Get("ETag"), `"`), nil
}
