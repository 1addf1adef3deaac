package front

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"example.org/airlock/localcloud/event"
)

// creates are the operations that end with a new blob.
var creates = map[string]bool{"PutBlob": true, "PutBlockList": true, "CopyBlob": true, "CopyBlobFromURL": true}

// blobCreated is the data of a Microsoft.Storage.BlobCreated event
// (learn.microsoft.com/azure/event-grid/event-schema-blob-storage).
type blobCreated struct {
	API                string            `json:"api"`
	ClientRequestID    string            `json:"clientRequestId,omitempty"`
	RequestID          string            `json:"requestId"`
	ETag               string            `json:"eTag"` // without quotes
	ContentType        string            `json:"contentType"`
	ContentLength      int64             `json:"contentLength"`
	BlobType           string            `json:"blobType"`
	URL                string            `json:"url"`
	Sequencer          string            `json:"sequencer"`
	StorageDiagnostics map[string]string `json:"storageDiagnostics"`
}

// The sequencer grows within a run and from one run to the next.
var (
	boot     = time.Now().UnixNano()
	sequence atomic.Int64
)

// created tells of a blob that Azurite has just committed. The ETag is the one of this write's own answer; size and type
// are asked for, as the answer to a block list or a copy does not tell them.
func (f *Front) created(q *request, clientRequestID string, answer http.Header) {
	data := blobCreated{API: q.op, ClientRequestID: clientRequestID, RequestID: answer.Get("x-ms-request-id"),
		ETag: strings.Trim(answer.Get("ETag"), `"`), URL: "https://" + q.account + ".blob" + storageSuffix + q.path,
		Sequencer:          fmt.Sprintf("%032X%016x", boot, sequence.Add(1)),
		StorageDiagnostics: map[string]string{"batchId": event.NewID()}}
	if q.op == "CopyBlobFromURL" {
		data.API = "CopyBlob" // the schema knows PutBlob, PutBlockList and CopyBlob
	}
	// Not the request's context: the event is due even if the client hangs up now.
	h, size, err := f.config.Backend.head(context.Background(), q.account, q.container, q.path)
	if err != nil {
		f.config.Log.Warn("blob created, but its properties are not to be had", "where", q.where(), "err", err)
	}
	data.ContentLength, data.ContentType, data.BlobType = size, h.Get("Content-Type"), h.Get("x-ms-blob-type")
	e := event.New(event.BlobCreated, "/blobServices/default/containers/"+q.container+"/blobs/"+q.blob, "", data)
	e.Topic = event.StorageTopic(q.account)
	f.config.Emit(q.account, e)
}

// Put writes a blob as a service of the cloud itself does, dead letters for example, and tells of it.
func (f *Front) Put(ctx context.Context, account, container, name, contentType string, body []byte) error {
	q := &request{service: "blob", account: account, path: "/" + container + "/" + escapePath(name), container: container, blob: name, op: "PutBlob"}
	header := http.Header{"X-Ms-Blob-Type": {"BlockBlob"}, "Content-Type": {contentType}}
	backend := f.config.Backend
	resp, err := backend.call(ctx, http.MethodPut, "blob", account, q.path, backend.containerSAS(account, container), header, bytes.NewReader(body))
	if err := done(resp, err, "write "+account+q.path, ""); err != nil {
		return err
	}
	f.created(q, "", resp.Header)
	return nil
}
