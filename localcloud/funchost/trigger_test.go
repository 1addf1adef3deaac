package funchost

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var triggerFunctions = map[string]string{
	"OnEvent":  eventFunction,
	"OnEvents": strings.Replace(eventFunction, `"name"`, `"cardinality":"many","name"`, 1),
	"Any":      httpFunction("any/{*rest}", `"get"`),
}

func TestEventGridInvocation(t *testing.T) {
	h := start(t, Options{}, triggerFunctions).up()
	require.NoError(t, h.Invoke(t.Context(), "onevent", asking("ü")))
	got := h.recorded()
	require.Len(t, got, 1)
	assert.Equal(t, "/OnEvent", got[0].URI)
	assert.Equal(t, "POST", got[0].Method)
	assert.True(t, got[0].Chunked)
	assert.Equal(t, int64(-1), got[0].Length)
	assert.Regexp(t, `^127\.0\.0\.1:\d+$`, got[0].Host)
	assert.Equal(t, "application/json; charset=utf-8", got[0].Header.Get("Content-Type"))
	assert.Equal(t, "Azure-Functions-Host/"+hostVersion, got[0].Header.Get("User-Agent"))
	assert.Regexp(t, `^[0-9a-f-]{36}$`, got[0].Header.Get("X-Azure-Functions-InvocationId"))
	assert.NotContains(t, got[0].Header, "X-Arr-Log-Id")
	var body struct {
		Data     struct{ Event map[string]any }
		Metadata struct {
			Data map[string]any
			Sys  struct{ MethodName, UtcNow, RandGuid string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got[0].Body), &body))
	assert.Equal(t, "2026-01-01T00:00:00.1234567Z", body.Data.Event["eventTime"])
	assert.Equal(t, map[string]any{"do": "ü"}, body.Metadata.Data)
	assert.Equal(t, "OnEvent", body.Metadata.Sys.MethodName)
	assert.Contains(t, got[0].Body, `"do":"ü"`, "text is not escaped")
	assert.Contains(t, h.logs.String(), "a line from the invocation")
	require.ErrorIs(t, h.Invoke(t.Context(), "Nothing", nil), ErrUnknownFunction)
}

func TestAnswersAreJudgedStrictly(t *testing.T) {
	t.Parallel() // it has to wait
	host := strings.Replace(hostJSON, "00:00:02", "00:00:01", 1)
	h := start(t, Options{Root: stage(t, host, triggerFunctions), Speed: 20}, nil).up()
	for _, do := range []string{"fail", "text", "broken", "redirect"} {
		require.Error(t, h.Invoke(t.Context(), "OnEvent", asking(do)), do)
	}
	require.Equal(t, 1, strings.Count(h.logs.String(), "handler starts"))
	for _, do := range []string{"empty", "null", "none", "sleep"} {
		before := h.pid()
		require.ErrorIs(t, h.Invoke(t.Context(), "OnEvent", asking(do)), errTimedOut, "%s hangs until functionTimeout", do)
		assert.NotEqual(t, before, h.pid(), "and takes the handler with it")
	}
	assert.NotContains(t, h.logs.String(), "too often", "which counts as no error of the handler")
}

// post sends a webhook request and returns its status and answer.
func (h *running) post(endpoint, kind, body string) (int, string) {
	h.t.Helper()
	status, got := h.do("POST", strings.TrimPrefix(endpoint, h.front.URL), http.Header{"Aeg-Event-Type": {kind}}, strings.NewReader(body))
	return status, got.Body
}

func TestEventGridWebhook(t *testing.T) {
	h := start(t, Options{}, triggerFunctions).up()
	endpoint, many := h.EventGridEndpoint(h.front.URL, "OnEvent"), h.EventGridEndpoint(h.front.URL, "OnEvents")
	good, bad := mustJSON(asking("")), mustJSON(asking("fail"))
	for _, test := range []struct {
		name, endpoint, kind, body string
		want, invocations          int
	}{
		{"one", endpoint, "Notification", "[" + good + "]", 202, 1},
		{"single object", endpoint, "notification", good, 202, 1},
		{"several", endpoint, "Notification", "[" + good + "," + good + "," + good + "]", 202, 3},
		{"one of them fails", endpoint, "Notification", "[" + good + "," + bad + "]", 500, 2},
		{"many at once", many, "Notification", "[" + good + "," + good + "]", 202, 1},
		{"unsubscribe", endpoint, "Unsubscribe", "[]", 202, 0},
		{"no type", endpoint, "", "[" + good + "]", 400, 0},
		{"unknown function", h.EventGridEndpoint(h.front.URL, "Other"), "Notification", "[" + good + "]", 404, 0},
		{"other trigger", h.EventGridEndpoint(h.front.URL, "Any"), "Notification", "[" + good + "]", 404, 0},
		{"wrong key", strings.Replace(endpoint, "code=", "code=x", 1), "Notification", "[" + good + "]", 401, 0},
		{"not JSON", endpoint, "Notification", "hello", 500, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(h.recorded())
			status, _ := h.post(test.endpoint, test.kind, test.body)
			assert.Equal(t, test.want, status)
			assert.Equal(t, test.invocations, len(h.recorded())-before)
		})
	}
	status, body := h.post(endpoint, "SubscriptionValidation", `[{"data":{"validationCode":"abc"}}]`)
	assert.Equal(t, 200, status)
	assert.JSONEq(t, `{"validationResponse":"abc"}`, body)
	status, _ = h.do("OPTIONS", strings.TrimPrefix(endpoint, h.front.URL), nil, nil)
	assert.Equal(t, 200, status)
}

// An instance that was just started has no keys yet; the second call finds them.
func TestTheFirstWebhookCallAfterIdleIsRefused(t *testing.T) {
	h := start(t, Options{}, triggerFunctions).up()
	endpoint, many := h.EventGridEndpoint(h.front.URL, "OnEvent"), h.EventGridEndpoint(h.front.URL, "OnEvents")
	good := "[" + mustJSON(asking("")) + "]"
	for range 2 {
		h.Idle()
		for _, want := range []int{401, 202, 202} {
			status, _ := h.post(endpoint, "Notification", good)
			assert.Equal(t, want, status)
		}
		status, _ := h.post(many, "SubscriptionValidation", `[{"data":{"validationCode":"abc"}}]`)
		assert.Equal(t, 401, status, "each function has instances of its own")
		status, _ = h.do("GET", "/api/any/x", nil, nil)
		assert.Equal(t, 200, status, "people do not notice")
	}
	h.Idle("function:OnEvent")
	status, _ := h.post(endpoint, "SubscriptionValidation", `[{"data":{"validationCode":"abc"}}]`)
	assert.Equal(t, 200, status, "an always-ready group is never cold")
	assert.Len(t, h.recorded(), 4, "a refused call runs nothing")
}

func mustJSON(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestEnvelopeOfMany(t *testing.T) {
	f := &function{name: "F", trigger: binding{Name: "events"}}
	e, err := f.batchEnvelope([]json.RawMessage{json.RawMessage(`{"id":"1","data":{"a":1}}`), json.RawMessage(`{"id":"2"}`)})
	require.NoError(t, err)
	assert.Equal(t, `[{"id":"1","data":{"a":1}},{"id":"2"}]`, e.Data["events"])
	assert.Equal(t, `[{"a":1},null]`, e.Metadata["data"])
	e, err = f.eventEnvelope(json.RawMessage(`{"data":"text"}`))
	require.NoError(t, err)
	assert.Equal(t, `"text"`, e.Metadata["data"])
	e, err = f.eventEnvelope(json.RawMessage(`{"data":null}`))
	require.NoError(t, err)
	assert.NotContains(t, e.Metadata, "data")
}

func blobCreated(container, name string) string {
	return fmt.Sprintf(`[{"data":{"url":"https://a.blob.core.windows.net/%s/%s","eTag":"0x1"}}]`, container, name)
}

func TestBlobTrigger(t *testing.T) {
	read := func(_ context.Context, container, name string) ([]byte, error) {
		if name == "gone" {
			return nil, fs.ErrNotExist
		}
		return []byte("hi"), nil
	}
	settings := map[string]string{"Letters__blobServiceUri": "https://a", "Letters__queueServiceUri": "https://b"}
	h := start(t, Options{ReadBlob: read, Settings: settings}, map[string]string{"OnDeadLetter": blobFunction}).up()
	endpoint := h.BlobsEndpoint(h.front.URL, "OnDeadLetter")
	status, body := h.post(endpoint, "SubscriptionValidation", `[{"data":{"validationCode":"abc"}}]`)
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"validationResponse":"abc"}`, body)

	for _, name := range []string{"gone", "S/2026/1/2/3/x.json"} {
		status, _ = h.post(endpoint, "Notification", blobCreated("dead-letters", name))
		require.Equal(t, 202, status)
	}
	h.eventually("the letter arrives", func() bool { return len(h.recorded()) == 1 })
	var envelope struct {
		Data     struct{ Blob []byte }
		Metadata struct{ Name, URI string }
	}
	require.NoError(t, json.Unmarshal([]byte(h.recorded()[0].Body), &envelope))
	assert.Equal(t, "hi", string(envelope.Data.Blob))
	assert.Equal(t, `"S/2026/1/2/3/x.json"`, envelope.Metadata.Name)
	assert.Equal(t, `"https://a.blob.core.windows.net/dead-letters/S/2026/1/2/3/x.json"`, envelope.Metadata.URI)
	require.NoError(t, h.Invoke(t.Context(), "OnDeadLetter", "other/blob"), "the container is not compared with the path")
	assert.NotContains(t, h.recorded()[1].Body, `"name"`)
	assert.Empty(t, h.Poisoned())
}

func TestBlobThatFailsFiveTimesIsPoison(t *testing.T) {
	t.Parallel() // it has to wait
	file := filepath.Join(t.TempDir(), "queue")
	settings := map[string]string{"Letters": "UseDevelopmentStorage=true"}
	read := func(context.Context, string, string) ([]byte, error) { return []byte("hi"), nil }
	h := start(t, Options{ReadBlob: read, Settings: settings, Env: []string{"ALWAYS=fail"}, Speed: 200}, map[string]string{"OnDeadLetter": blobFunction}).up()
	status, _ := h.post(h.BlobsEndpoint(h.front.URL, "OnDeadLetter"), "Notification", blobCreated("dead-letters", "x"))
	require.Equal(t, 202, status)
	h.eventually("poison", func() bool { return len(h.Poisoned()) == 1 })
	assert.Len(t, h.recorded(), poisonThreshold)
	h.stop()

	// Queued events are there again after a restart of the host.
	options := Options{ReadBlob: read, Settings: settings, Env: []string{"ALWAYS=fail"}, Speed: 1e-3, QueueFile: file}
	h = start(t, options, map[string]string{"OnDeadLetter": blobFunction}).up()
	h.post(h.BlobsEndpoint(h.front.URL, "OnDeadLetter"), "Notification", blobCreated("dead-letters", "kept"))
	h.eventually("tried once", func() bool { return len(h.recorded()) == 1 })
	h.stop()
	options.Env = nil
	h = start(t, options, map[string]string{"OnDeadLetter": blobFunction}).up()
	h.eventually("delivered", func() bool { return len(h.recorded()) == 1 })
	assert.Contains(t, h.recorded()[0].Body, "kept")
}

func TestTimerRunsOnSchedule(t *testing.T) {
	t.Parallel() // it has to wait
	settings := map[string]string{"Schedule": "* * * * * *"}
	h := start(t, Options{Settings: settings}, map[string]string{"Reconcile": timerFunction}).up()
	h.eventually("two runs", func() bool { return len(h.recorded()) >= 2 })
	got := h.recorded()[0]
	assert.Equal(t, "/Reconcile", got.URI)
	assert.Contains(t, got.Body, `"timer":{"IsPastDue":false,"Schedule":{"AdjustForDST":true},"ScheduleStatus":null}`)
}

func TestManualInvocationNeedsTheKey(t *testing.T) {
	h := start(t, Options{Key: "secret"}, triggerFunctions).up()
	input := mustJSON(map[string]string{"input": mustJSON(asking(""))})
	status, _ := h.do("POST", "/admin/functions/OnEvent", nil, strings.NewReader(input))
	assert.Equal(t, 401, status)
	key := http.Header{"X-Functions-Key": {"secret"}}
	status, _ = h.do("POST", "/admin/functions/OnEvent", key, strings.NewReader(input))
	assert.Equal(t, 202, status)
	h.eventually("invoked", func() bool { return len(h.recorded()) == 1 })
	for target, want := range map[string]int{"/admin/functions/None": 404, "/admin/host/status": 404, "/admin/x": 404} {
		status, _ = h.do("POST", target, key, strings.NewReader(input))
		assert.Equal(t, want, status, target)
	}
	status, _ = h.do("POST", "/admin/functions/OnEvent", key, strings.NewReader(`{"input":7}`))
	assert.Equal(t, 400, status)
	status, _ = h.do("GET", "/admin/host/status", key, nil)
	assert.Equal(t, 200, status)
}

func TestInvocationWaitsForARestart(t *testing.T) {
	h := start(t, Options{}, triggerFunctions).up()
	var failures atomic.Int32
	for range 5 {
		go h.Kill()
		if h.Invoke(t.Context(), "OnEvent", asking("")) != nil {
			failures.Add(1) // it was under way
		}
		require.NoError(t, retry(h, 3))
	}
	t.Log("failed under way:", failures.Load())
}

func retry(h *running, times int) (err error) {
	for range times {
		if err = h.Invoke(context.Background(), "OnEvent", asking("")); err == nil {
			return nil
		}
		time.Sleep(5 * time.Millisecond) // the concurrent kill may hit once more
	}
	return err
}
