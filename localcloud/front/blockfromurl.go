package front

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/crc64"
	"io"
	"net/http"
	"strings"

	"example.org/airlock/localcloud/event"
)

// azureCRC64 is the polynomial of Azure Storage's checksums, as the SDKs have it
// (azure-sdk-for-go, azblob/internal/shared/shared.go).
var azureCRC64 = crc64.MakeTable(0x9A6C9329AC4BC9B5)

// sourceConditions are the conditions on a copy source, and what they are for a read of it.
var sourceConditions = map[string]string{"x-ms-source-if-match": "If-Match", "x-ms-source-if-none-match": "If-None-Match",
	"x-ms-source-if-modified-since": "If-Modified-Since", "x-ms-source-if-unmodified-since": "If-Unmodified-Since"}

// putBlockFromURL reads a range of a blob of this cloud and stages it as a block, raw, whatever the blob's properties say.
// Azurite's own is four times as slow and answers no checksum, where Azure tells the CRC64 of the block
// (learn.microsoft.com/rest/api/storageservices/put-block-from-url).
func (f *Front) putBlockFromURL(w http.ResponseWriter, r *http.Request, q *request, query string) {
	src, err := f.copySource(r, q)
	if err != nil {
		fail(w, r, q, http.StatusForbidden, "CannotVerifyCopySource", err.Error())
		return
	}
	if r.Header.Get("x-ms-source-content-md5")+r.Header.Get("x-ms-source-content-crc64") != "" {
		fail(w, r, q, http.StatusNotImplemented, "NotImplemented", "the local cloud checks no checksum of a copy source")
		return
	}
	read := http.Header{"Accept-Encoding": {"identity"}}
	if part := r.Header.Get("x-ms-source-range"); part != "" {
		read.Set("x-ms-range", part)
	}
	for from, to := range sourceConditions {
		if v := r.Header.Get(from); v != "" {
			read.Set(to, v)
		}
	}
	backend := f.config.Backend
	// The block is staged even if the client hangs up before the answer.
	ctx := context.WithoutCancel(r.Context())
	source, err := backend.call(ctx, http.MethodGet, "blob", src.account, src.path, backend.containerSAS(src.account, src.container), read, nil)
	if err != nil {
		fail(w, r, q, http.StatusServiceUnavailable, "ServerBusy", "storage is not there")
		return
	}
	defer source.Body.Close()
	if refused := refusedSource(source); refused != nil {
		refused.write(w, r, q)
		return
	}
	sum := crc64.New(azureCRC64)
	staged, err := backend.send(ctx, "/"+q.account+q.path, query, source.ContentLength, io.TeeReader(source.Body, sum))
	if err != nil {
		fail(w, r, q, http.StatusServiceUnavailable, "ServerBusy", "storage is not there")
		return
	}
	defer staged.Body.Close()
	if staged.StatusCode != http.StatusCreated {
		fail(w, r, q, staged.StatusCode, staged.Header.Get("x-ms-error-code"), "the block was not staged")
		return
	}
	h := w.Header()
	h.Set("x-ms-request-id", event.NewID())
	h.Set("x-ms-version", apiVersion)
	h.Set("x-ms-request-server-encrypted", "true")
	h.Set("x-ms-content-crc64", base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(nil, sum.Sum64())))
	w.WriteHeader(http.StatusCreated)
}

// refusedSource is Azure's answer when a copy source cannot be read, nil if it can.
func refusedSource(source *http.Response) *refusal {
	beyond := &refusal{http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The range specified is invalid for the current size of the resource."}
	switch code := source.Header.Get("x-ms-error-code"); source.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		if source.ContentLength == 0 { // Azurite's answer to a range that begins at the end
			return beyond
		}
		return nil
	case http.StatusNotFound:
		return &refusal{http.StatusNotFound, "CannotVerifyCopySource", "The specified blob does not exist."}
	case http.StatusPreconditionFailed, http.StatusNotModified:
		return &refusal{http.StatusPreconditionFailed, "SourceConditionNotMet", "The source condition specified using HTTP conditional header(s) is not met."}
	case http.StatusRequestedRangeNotSatisfiable:
		return beyond
	default:
		return &refusal{source.StatusCode, strings.TrimSpace(code), "the copy source cannot be read"}
	}
}
