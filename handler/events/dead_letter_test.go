package events

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// blobCall is the host's call for a dead-letter blob with this content.
func blobCall(content string) string {
	return `{"Data":{"blob":"` + base64.StdEncoding.EncodeToString([]byte(content)) + `"},"Metadata":{
	 "Uri":"\"https://stalstate.blob.core.windows.net/dead-letters/ONSCANRESULT/2026/11/24/10/a.json\"","name":"\"ONSCANRESULT/2026/11/24/10/a.json\"",
	 "Properties":{"LastModified":"2026-11-23T09:59:58+00:00","BlobType":0},"Metadata":{},"sys":{"MethodName":"OnDeadLetter"}}}`
}

const deadScan = `{"id":"5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a90","eventTime":"2026-11-23T10:00:01.0137867Z","eventType":"Microsoft.Security.MalwareScanningResult","dataVersion":"1.0","metadataVersion":"1",
 "topic":"/subscriptions/0000/topics/scan","subject":"storageAccounts/teststore/containers/x/blobs/a/b.txt",
 "deadLetterReason":"MaxDeliveryAttemptsExceeded","deliveryAttempts":30,"lastDeliveryOutcome":"GenericError","publishTime":"2026-11-23T10:00:01.2Z","lastDeliveryAttemptTime":"2026-11-24T09:58:00.1Z",
 "data":{"blobUri":"https://teststore.blob.core.windows.net/bbbbbbbb-0000-4000-8000-000000000001/a/b.txt","eTag":"0x1","scanResultType":"Malicious"}}`

const deadCloud = `{"specversion":"1.0","id":"c1","source":"s","type":"statusChanged","subject":"bbbbbbbb-0000-4000-8000-000000000002/statusChanged","time":"2026-11-23T10:00:00Z",
 "deadletterreason":"TimeToLiveExceeded","deliveryattempts":7,"lastHttpStatusCode":500,"data":{}}`

const deadNotification = `{"id":"n1","eventType":"airlockNotification","eventTime":"2026-11-23T10:00:00Z","subject":"x/airlockNotification","deadLetterReason":"TimeToLiveExceeded","lastDeliveryOutcome":"Unauthorized",
 "data":{"event_type":"status_changed","request":{"id":"bbbbbbbb-0000-4000-8000-000000000001","status":"in_review"},"workspace":{"id":"aaaaaaaa-0000-4000-8000-000000000001"},"recipients":["evil@example.org"]}}`

func TestDeadLettersAreHandledAsIfDelivered(t *testing.T) {
	w := &workflow{}
	h, log := newHandler(w)
	require.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", blobCall("["+deadScan+","+deadCloud+"]"))))
	assert.Equal(t, []call{{"ScanResult", "", req1, "teststore"}, {"Advance", "", req2, "statusChanged c1"}}, w.calls)
	assert.Equal(t, airlock.Malicious, w.scans[0].Outcome)
	assert.Empty(t, w.parked)
	assert.Contains(t, log.String(), "MaxDeliveryAttemptsExceeded")
	assert.Contains(t, log.String(), "TimeToLiveExceeded")
}

func TestADeadLetterThatFailsAgainIsParkedAndTheRestIsHandled(t *testing.T) {
	w := &workflow{fail: map[string]error{"ScanResult": errors.New("away")}}
	h, _ := newHandler(w)
	require.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", blobCall("["+deadScan+","+deadCloud+"]"))))
	require.Len(t, w.parked, 1)
	assert.Equal(t, "OnScanResult", w.parked[0].Function)
	assert.Contains(t, w.parked[0].Reason, "dead letter MaxDeliveryAttemptsExceeded")
	assert.Contains(t, w.parked[0].Reason, "ONSCANRESULT/2026/11/24/10/a.json")
	assert.NotContains(t, w.parked[0].Reason, "away")
	assert.Contains(t, w.calls, call{"Advance", "", req2, "statusChanged c1"})
}

// One that uses up its time leaves the others of its blob theirs.
func TestADeadLetterHasItsOwnTime(t *testing.T) {
	first := true
	w := &workflow{fail: map[string]error{"ScanResult": context.DeadlineExceeded}}
	w.during = func(ctx context.Context) {
		if first {
			<-ctx.Done()
		} else {
			assert.NoError(t, ctx.Err())
		}
		first = false
	}
	h, _ := newHandler(w)
	h.deadline = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // of the whole blob
	defer cancel()
	env, ok := openEnvelope([]byte(blobCall("[" + deadScan + "," + deadCloud + "]")))
	require.True(t, ok)
	require.NoError(t, h.onDeadLetter(ctx, env))
	require.NoError(t, ctx.Err())
	assert.Len(t, w.parked, 1)
	assert.Contains(t, w.calls, call{"Advance", "", req2, "statusChanged c1"})
}

func TestDeadLettersNobodyTakesAreParked(t *testing.T) {
	for name, content := range map[string]string{
		"not JSON": "x", "empty": "", "a number": "1", "unknown type": `[{"id":"1","eventType":"Other","deadLetterReason":"R"}]`,
		"no event": `[7]`, "notification": "[" + deadNotification + "]",
	} {
		w := &workflow{}
		h, _ := newHandler(w)
		require.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", blobCall(content))), name)
		assert.Len(t, w.parked, 1, name)
		assert.Empty(t, w.calls, name)
	}
}

func TestADeadLetterThatCannotBeParkedIsTriedAgain(t *testing.T) {
	w := &workflow{fail: map[string]error{"ScanResult": errors.New("away"), "Park": errors.New("away too")}}
	h, _ := newHandler(w)
	assert.Equal(t, 500, send(t, h, hostCall("OnDeadLetter", blobCall("["+deadScan+"]"))))
}

func TestRedeliver(t *testing.T) {
	w := &workflow{}
	h, _ := newHandler(w)
	require.NoError(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte(deadScan)}))
	require.NoError(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte(deadNotification)}))
	assert.Equal(t, []call{{"ScanResult", "", req1, "teststore"}, {"Renotify", ws1, req1, "in_review"}}, w.calls)

	foreign := strings.Replace(deadScan, string(req1), "$logs", 1)
	require.NoError(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte(foreign)}), "of no concern to us, and so done")

	w.fail = map[string]error{"ScanResult": airlock.ErrNotFound}
	require.ErrorIs(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte(deadScan)}), airlock.ErrNotFound)
	require.Error(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte("x")}))
	require.Error(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte(`{"eventType":"Other"}`)}))
	require.Error(t, h.Redeliver(t.Context(), airlock.Parked{Event: []byte(strings.Replace(deadNotification, "in_review", "x", 1))}))
	assert.Empty(t, w.parked, "a redriven event is parked already")
}
