package events

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// The literal calls below are those of the host's documentation and source, with
// a request's container where theirs have "inbox".

const scanCall = `{
  "Data": {
    "event": {
      "id": "5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a90",
      "subject": "storageAccounts/teststore/containers/bbbbbbbb-0000-4000-8000-000000000001/blobs/a/b.txt",
      "data": {
        "correlationId": "5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a91",
        "blobUri": "https://teststore.blob.core.windows.net/bbbbbbbb-0000-4000-8000-000000000001/a/b.txt",
        "eTag": "0x8DD0000000000A1",
        "scanFinishedTimeUtc": "2026-11-23T10:00:01.0127867Z",
        "scanResultType": "No threats found",
        "scanResultDetails": null
      },
      "eventType": "Microsoft.Security.MalwareScanningResult",
      "dataVersion": "1.0",
      "metadataVersion": "1",
      "eventTime": "2026-11-23T10:00:01.0137867Z",
      "topic": "/subscriptions/0000/resourceGroups/rg/providers/Microsoft.EventGrid/topics/scan"
    }
  },
  "Metadata": {
    "data": { "correlationId": "5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a91" },
    "sys": { "MethodName": "ScanResult", "UtcNow": "2026-11-23T10:00:02.1234567Z", "RandGuid": "8f6c8f2e-0d1f-4a38-9c29-0b0f2a0b8a11" }
  }
}`

const cloudEventCall = `{
  "Data": {
    "event": {
      "specversion": "1.0",
      "id": "9aeb0fdf-0000-0000-0000-9eb54906e209",
      "source": "/subscriptions/0000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/teststore",
      "type": "Microsoft.Storage.BlobCreated",
      "subject": "/blobServices/default/containers/bbbbbbbb-0000-4000-8000-000000000001/blobs/a/b.txt",
      "time": "2026-11-23T10:00:00.4589254Z",
      "data": {
        "api": "PutBlob",
        "eTag": "0x8DD0000000000A1",
        "contentLength": 2,
        "blobType": "BlockBlob",
        "url": "https://teststore.blob.core.windows.net/bbbbbbbb-0000-4000-8000-000000000001/a/b.txt",
        "sequencer": "00000000000000000000000000000000000000000000",
        "storageDiagnostics": { "batchId": "ba4fb664-0000-0000-0000-000000000000" }
      }
    }
  },
  "Metadata": { "data": {}, "sys": "a message overwrote this" }
}`

func TestScanResult(t *testing.T) {
	w := &workflow{}
	h, _ := newHandler(w)
	require.Equal(t, 200, send(t, h, hostCall("OnScanResult", scanCall)))
	assert.Equal(t, []airlock.ScanHint{{
		Account: "teststore", Container: airlock.ContainerName(req1), Names: []string{"a/b.txt", "a/b.txt"}, ETag: "0x8DD0000000000A1", Outcome: airlock.Clean,
		ID: "5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a91", EventID: "5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a90",
		At: time.Date(2026, 11, 23, 10, 0, 1, 12786700, time.UTC),
	}}, w.scans)
}

func TestAVerdictOnAForeignContainerIsIgnored(t *testing.T) {
	w := &workflow{}
	h, _ := newHandler(w)
	e := scanEvent(`"blobUri":"https://acct.blob.core.windows.net/$logs/f","eTag":"0x1","scanResultType":"Malicious"`)
	require.Equal(t, 200, send(t, h, hostCall("OnScanResult", wrap(e))))
	assert.Empty(t, w.calls)
	assert.Empty(t, w.parked)
}

func TestBlobCreatedInBothSchemas(t *testing.T) {
	const inGridSchema = `{"id":"e","eventType":"Microsoft.Storage.BlobCreated","subject":"/blobServices/default/containers/` + string(req1) + `/blobs/x","data":{"api":"PutBlockList","eTag":"\"0x1\"","url":"https://acct.blob.core.windows.net/` + string(req1) + `/x"}}`
	for name, tt := range map[string]struct{ body, event, etag string }{
		"CloudEvents": {cloudEventCall, "9aeb0fdf-0000-0000-0000-9eb54906e209", "0x8DD0000000000A1"}, "Event Grid": {wrap(inGridSchema), "e", "0x1"},
	} {
		w := &workflow{}
		h, _ := newHandler(w)
		require.Equal(t, 200, send(t, h, hostCall("OnBlobCreated", tt.body)), name)
		want := airlock.Hint{Request: req1, Event: tt.event, BlobETag: tt.etag, Because: "Microsoft.Storage.BlobCreated " + tt.event}
		assert.Equal(t, []airlock.Hint{want}, w.hints, name)
	}
}

func TestBlobCreatedElsewhereIsIgnored(t *testing.T) {
	for name, url := range map[string]string{
		"dead letters": "https://acct.blob.core.windows.net/dead-letters/X/2026/1/1/1/a.json",
		"upper case":   "https://acct.blob.core.windows.net/BBBBBBBB-0000-4000-8000-000000000001/x",
	} {
		w := &workflow{}
		h, _ := newHandler(w)
		e := fmt.Sprintf(`{"id":"e","eventType":"Microsoft.Storage.BlobCreated","data":{"url":%q}}`, url)
		assert.Equal(t, 200, send(t, h, hostCall("OnBlobCreated", wrap(e))), name)
		assert.Empty(t, w.calls, name)
		assert.Empty(t, w.parked, name)
	}
	// A container that bears a UUID but belongs to no request is not ours either.
	w := &workflow{fail: map[string]error{"Heed": airlock.ErrNotFound}}
	h, _ := newHandler(w)
	assert.Equal(t, 200, send(t, h, hostCall("OnBlobCreated", cloudEventCall)))
	assert.Empty(t, w.parked)
	// Renamed, deleted and other storage events are acknowledged unread.
	w = &workflow{}
	h, _ = newHandler(w)
	assert.Equal(t, 200, send(t, h, hostCall("OnBlobCreated", wrap(`{"id":"e","eventType":"Microsoft.Storage.BlobDeleted","data":{"url":"x"}}`))))
	assert.Empty(t, w.calls)
	assert.Empty(t, w.parked)
}

func TestManyEventsInOneCall(t *testing.T) {
	const body = `{"Data":{"event":"[{\"id\":\"1\",\"eventType\":\"statusChanged\",\"subject\":\"bbbbbbbb-0000-4000-8000-000000000001/statusChanged\",\"data\":{}},{\"id\":\"2\"},{\"id\":\"3\",\"eventType\":\"statusChanged\",\"subject\":\"bbbbbbbb-0000-4000-8000-000000000002/statusChanged\",\"data\":{}}]"},"Metadata":{"data":"[{}]"}}`
	w := &workflow{}
	h, _ := newHandler(w)
	require.Equal(t, 200, send(t, h, hostCall("OnStatusChanged", body)))
	assert.Equal(t, []call{{"Heed", "", req1, "statusChanged 1"}, {"Heed", "", req2, "statusChanged 3"}}, w.calls)
	assert.Len(t, w.parked, 1, "the one without a type")
}
