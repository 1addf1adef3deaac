package events

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

const letterName = "ONSCANRESULT/2026/11/24/10/a.json"

// blobCall is the host's call for a dead-letter blob. The content that it brings
// along is not believed.
const blobCall = `{"Data":{"blob":"eyJub3QiOiJ0aGUgbGV0dGVyIn0="},"Metadata":{
 "Uri":"\"https://stalstate.blob.core.windows.net/dead-letters/` + letterName + `\"","name":"\"` + letterName + `\"",
 "Properties":{"LastModified":"2026-11-23T09:59:58+00:00","BlobType":0},"Metadata":{},"sys":{"MethodName":"OnDeadLetter"}}}`

// holding is a handler whose container holds one letter with this content.
func holding(w *workflow, content string) (*Handler, *letters, *strings.Builder) {
	return newHandlerWith(w, &letters{kept: map[string]string{letterName: content}})
}

const deadScan = `{"id":"5b1d3c0e-6a4f-4f0e-9a53-1c2f8d7e4a90","eventTime":"2026-11-23T10:00:01.0137867Z","eventType":"Microsoft.Security.MalwareScanningResult","dataVersion":"1.0","metadataVersion":"1",
 "topic":"/subscriptions/0000/topics/scan","subject":"storageAccounts/teststore/containers/x/blobs/a/b.txt",
 "deadLetterReason":"MaxDeliveryAttemptsExceeded","deliveryAttempts":30,"lastDeliveryOutcome":"GenericError","publishTime":"2026-11-23T10:00:01.2Z","lastDeliveryAttemptTime":"2026-11-24T09:58:00.1Z",
 "data":{"blobUri":"https://teststore.blob.core.windows.net/bbbbbbbb-0000-4000-8000-000000000001/a/b.txt","eTag":"0x1","scanResultType":"Malicious"}}`

const deadCloud = `{"specversion":"1.0","id":"c1","source":"s","type":"statusChanged","subject":"bbbbbbbb-0000-4000-8000-000000000002/statusChanged","time":"2026-11-23T10:00:00Z",
 "deadletterreason":"TimeToLiveExceeded","deliveryattempts":7,"lastHttpStatusCode":500,"data":{}}`

const deadNotification = `{"id":"n1","eventType":"airlockNotification","eventTime":"2026-11-23T10:00:00Z","subject":"x/airlockNotification","deadLetterReason":"TimeToLiveExceeded","lastDeliveryOutcome":"Unauthorized",
 "data":{"event_type":"status_changed","request":{"id":"bbbbbbbb-0000-4000-8000-000000000001","status":"in_review"},"workspace":{"id":"aaaaaaaa-0000-4000-8000-000000000001"},"recipients":["evil@example.org"]}}`

func TestDeadLettersAreHandledAsIfDeliveredAndRemoved(t *testing.T) {
	for name, collect := range map[string]func(h *Handler) error{
		"told by the host": func(h *Handler) error {
			require.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", blobCall)))
			return nil
		},
		"found by the reconciler": func(h *Handler) error {
			n, err := h.CollectDeadLetters(t.Context(), testNow)
			assert.Equal(t, 1, n)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &workflow{}
			h, l, log := holding(w, "["+deadScan+","+deadCloud+"]")
			require.NoError(t, collect(h))
			assert.Equal(t, []call{{"ScanResult", "", req1, "teststore"}, {"Heed", "", req2, "statusChanged c1"}}, w.calls)
			assert.Equal(t, airlock.Malicious, w.scans[0].Outcome)
			assert.Empty(t, w.parked)
			assert.Empty(t, l.kept)
			assert.Contains(t, log.String(), "MaxDeliveryAttemptsExceeded")
			assert.Contains(t, log.String(), "TimeToLiveExceeded")
			require.NoError(t, collect(newEmpty(h)), "once more finds nothing")
		})
	}
}

// newEmpty is h after its letters are gone, which somebody else may have done.
func newEmpty(h *Handler) *Handler {
	h.letters.(*letters).kept = map[string]string{"OTHER": "[" + deadCloud + "]"}
	return h
}

func TestADeadLetterThatFailsAgainIsParkedAndTheRestIsHandled(t *testing.T) {
	w := &workflow{fail: map[string]error{"ScanResult": errors.New("away")}}
	h, l, _ := holding(w, "["+deadScan+","+deadCloud+"]")
	require.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", blobCall)))
	require.Len(t, w.parked, 1)
	assert.Equal(t, "OnScanResult", w.parked[0].Function)
	assert.Contains(t, w.parked[0].Reason, "dead letter MaxDeliveryAttemptsExceeded")
	assert.Contains(t, w.parked[0].Reason, letterName)
	assert.NotContains(t, w.parked[0].Reason, "away")
	assert.Contains(t, w.calls, call{"Heed", "", req2, "statusChanged c1"})
	assert.Empty(t, l.kept)
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
	h, _, _ := holding(w, "["+deadScan+","+deadCloud+"]")
	h.deadline = 50 * time.Millisecond
	ended, cancel := context.WithCancel(t.Context()) // a run whose time is up takes none from a letter it began
	cancel()
	n, err := h.CollectDeadLetters(ended, testNow)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Len(t, w.parked, 1)
	assert.Contains(t, w.calls, call{"Heed", "", req2, "statusChanged c1"})
}

func TestDeadLettersNobodyTakesAreParked(t *testing.T) {
	for name, content := range map[string]string{
		"not JSON": "x", "empty": "", "a number": "1", "unknown type": `[{"id":"1","eventType":"Other","deadLetterReason":"R"}]`,
		"no event": `[7]`, "notification": "[" + deadNotification + "]",
	} {
		w := &workflow{}
		h, l, _ := holding(w, content)
		require.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", blobCall)), name)
		assert.Len(t, w.parked, 1, name)
		assert.Empty(t, w.calls, name)
		assert.Empty(t, l.kept, name)
	}
}

func TestADeadLetterThatCannotBeParkedStays(t *testing.T) {
	w := &workflow{fail: map[string]error{"ScanResult": errors.New("away"), "Park": errors.New("away too")}}
	h, l, _ := holding(w, "["+deadScan+"]")
	assert.Equal(t, 500, send(t, h, hostCall("OnDeadLetter", blobCall)))
	n, err := h.CollectDeadLetters(t.Context(), testNow)
	require.Error(t, err)
	assert.Zero(t, n)
	assert.Len(t, l.kept, 1)
}

// An error of storage with one letter keeps none of the others.
func TestALetterThatStorageRefusesKeepsNoOther(t *testing.T) {
	w := &workflow{}
	l := &letters{kept: map[string]string{"a": "[" + deadScan + "]", "b": "[" + deadScan + "]", "c": "[" + deadScan + "]", "d": "[" + deadCloud + "]"}, fail: map[string]error{
		"Read a":   &airlock.Fault{Kind: airlock.Transient, Code: "ServerBusy"},
		"Read b":   &airlock.Fault{Kind: airlock.Permanent, Code: "BlobArchived"},
		"Remove c": &airlock.Fault{Kind: airlock.Operator, Code: "LeaseIdMissing"},
	}}
	h, _, _ := newHandlerWith(w, l)
	n, err := h.CollectDeadLetters(t.Context(), testNow)
	require.ErrorContains(t, err, "ServerBusy")
	require.ErrorContains(t, err, "LeaseIdMissing")
	assert.Equal(t, 2, n, "b was parked, d was handled")
	assert.Equal(t, []string{"b", "d"}, l.removed)
	require.Len(t, w.parked, 1)
	assert.Contains(t, w.parked[0].Reason, "BlobArchived")
	assert.JSONEq(t, `"b"`, string(w.parked[0].Event))
	assert.Equal(t, testNow, l.listed)

	l.fail = map[string]error{"Names": errors.New("away")}
	n, err = h.CollectDeadLetters(t.Context(), testNow)
	require.ErrorContains(t, err, "away")
	assert.Equal(t, 2, n, "what was listed before is handled")
}

func TestOneRunCollectsSoManyDeadLetters(t *testing.T) {
	l := &letters{kept: map[string]string{}}
	for i := range lettersPerRun + 7 {
		l.kept[fmt.Sprintf("%04d", i)] = "[" + deadCloud + "]"
	}
	h, _, _ := newHandlerWith(&workflow{}, l)
	n, err := h.CollectDeadLetters(t.Context(), testNow)
	require.NoError(t, err)
	assert.Equal(t, lettersPerRun, n)
	n, err = h.CollectDeadLetters(t.Context(), testNow)
	require.NoError(t, err)
	assert.Equal(t, 7, n)
}

func TestACallThatNamesNoLetterIsDone(t *testing.T) {
	w := &workflow{}
	h, l, _ := holding(w, "["+deadScan+"]")
	assert.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", `{"Data":{"blob":"W10="},"Metadata":{}}`)))
	assert.Empty(t, w.calls)
	assert.Len(t, l.kept, 1, "the reconciler finds it")
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
