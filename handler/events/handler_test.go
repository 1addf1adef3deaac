package events

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

const statusEvent = `{"id":"e1","topic":"t","subject":"bbbbbbbb-0000-4000-8000-000000000001/statusChanged","eventType":"statusChanged",
 "eventTime":"2026-11-23T10:00:00Z","dataVersion":"2.0","data":{"request_id":"bbbbbbbb-0000-4000-8000-000000000001","new_status":"submitted","workspace_id":"0001","workspace":"aaaaaaaa-0000-4000-8000-000000000001"}}`

func TestOnlyTheHostIsServed(t *testing.T) {
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	tests := []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"the host's own call", func(*http.Request) {}, 200},
		{"IPv6 loopback", func(r *http.Request) { r.Host = "[::1]:40123" }, 200},
		{"localhost", func(r *http.Request) { r.Host = "localhost:40123" }, 200},
		{"through the App Service front end", header("X-ARR-LOG-ID", "1"), 404},
		{"an empty front end header", header("x-arr-log-id", ""), 404},
		{"through a proxy", header("X-Forwarded-For", "192.0.2.1"), 404},
		{"with a function key", header("x-functions-key", "k"), 404},
		{"public host name", func(r *http.Request) { r.Host = "app.azurewebsites.net" }, 404},
		{"host name that begins like loopback", func(r *http.Request) { r.Host = "127.0.0.1.example.org" }, 404},
		{"query", func(r *http.Request) { r.URL.RawQuery = "code=1" }, 404},
		{"bare question mark", func(r *http.Request) { r.URL.ForceQuery = true }, 404},
		{"GET", func(r *http.Request) { r.Method = "GET" }, 404},
		{"PUT", func(r *http.Request) { r.Method = "PUT" }, 404},
		{"other letter case", func(r *http.Request) { r.URL.Path = "/onstatuschanged" }, 404},
		{"trailing slash", func(r *http.Request) { r.URL.Path = "/OnStatusChanged/" }, 404},
		{"double slash", func(r *http.Request) { r.URL.Path = "//OnStatusChanged" }, 404},
		{"below the API's prefix", func(r *http.Request) { r.URL.Path = "/api/OnStatusChanged" }, 404},
		{"backslash", func(r *http.Request) { r.URL.Path = `/api/..\OnStatusChanged` }, 404},
		{"dot segments", func(r *http.Request) { r.URL.Path = "/api/../OnStatusChanged" }, 404},
		{"encoded letters", func(r *http.Request) { r.URL.RawPath = "/%4fnStatusChanged" }, 404},
		{"no function", func(r *http.Request) { r.URL.Path = "/OnNothing" }, 404},
		{"the root", func(r *http.Request) { r.URL.Path = "/" }, 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &workflow{}
			h, log := newHandler(w)
			r := hostCall("OnStatusChanged", wrap(statusEvent))
			tt.change(r)
			assert.Equal(t, tt.want, send(t, h, r))
			if tt.want == 404 {
				assert.Empty(t, w.calls)
				assert.Contains(t, log.String(), "refused")
			}
		})
	}
}

func TestABodyThatIsNoEnvelopeIsRefused(t *testing.T) {
	for _, body := range []string{"", "null", "[]", "{}", "x", `{"Data":{"event":{}}}`, `{"Metadata":{}}`, `{"Data":{},"Metadata":null}`, `{"Data":"x","Metadata":{}}`, statusEvent} {
		w := &workflow{}
		h, _ := newHandler(w)
		assert.Equal(t, 404, send(t, h, hostCall("OnStatusChanged", body)), body)
		assert.Empty(t, w.calls)
		assert.Empty(t, w.parked)
	}
}

func TestStatusChangedAdvancesItsRequest(t *testing.T) {
	w := &workflow{}
	h, _ := newHandler(w)
	assert.Equal(t, 200, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
	assert.Equal(t, []call{{"Heed", ws1, req1, "statusChanged e1"}}, w.calls)
}

func TestHintsOfOurOwnTopics(t *testing.T) {
	tests := []struct {
		name, function, event string
		want                  []call
		parked                bool
	}{
		{"request in the subject alone", "OnStatusChanged", `{"id":"e","eventType":"statusChanged","subject":"` + string(req1) + `/statusChanged","data":{}}`,
			[]call{{"Heed", "", req1, "statusChanged e"}}, false},
		{"no data at all", "OnStatusChanged", `{"id":"e","eventType":"statusChanged","subject":"` + string(req1) + `/statusChanged"}`,
			[]call{{"Heed", "", req1, "statusChanged e"}}, false},
		{"data as text", "OnStatusChanged", `{"id":"e","eventType":"statusChanged","subject":"x","data":"{\"request_id\":\"` + string(req1) + `\"}"}`,
			[]call{{"Heed", "", req1, "statusChanged e"}}, false},
		{"upper-case id", "OnStatusChanged", `{"id":"e","eventType":"statusChanged","subject":"x","data":{"request_id":"BBBBBBBB-0000-4000-8000-000000000001"}}`,
			[]call{{"Heed", "", req1, "statusChanged e"}}, false},
		{"a wrong workspace is no hint", "OnStatusChanged", `{"id":"e","eventType":"statusChanged","subject":"x","data":{"request_id":"` + string(req1) + `","workspace":"0001"}}`,
			[]call{{"Heed", "", req1, "statusChanged e"}}, false},
		{"no request", "OnStatusChanged", `{"id":"e","eventType":"statusChanged","subject":"x/y","data":{"request_id":"../.."}}`, nil, true},
		{"step result", "OnStepResult", `{"id":"e","eventType":"Airlock.StepResult","subject":"` + string(req1) + `","data":{"completed_step":"submitted","request_id":"` + string(req1) + `"}}`,
			[]call{{"Heed", "", req1, "Airlock.StepResult e"}}, false},
		{"deletion of a container", "OnDataDeletion", `{"id":"e","eventType":"Airlock.DataDeletion","subject":"` + string(req1) + `","data":{"blob_to_delete":"https://stalimip.blob.core.windows.net/` + string(req1) + `/"}}`,
			[]call{{"Heed", "", req1, "deletion asked for stalimip"}}, false},
		{"deletion of a blob", "OnDataDeletion", `{"id":"e","eventType":"Airlock.DataDeletion","subject":"x","data":{"blob_to_delete":"https://stalimip.blob.core.windows.net/` + string(req1) + `/a/b.csv"}}`,
			[]call{{"Heed", "", req1, "deletion asked for stalimip"}}, false},
		{"deletion elsewhere", "OnDataDeletion", `{"id":"e","eventType":"Airlock.DataDeletion","data":{"blob_to_delete":"https://evil.example/` + string(req1) + `/"}}`, nil, true},
		{"deletion of a foreign container", "OnDataDeletion", `{"id":"e","eventType":"Airlock.DataDeletion","data":{"blob_to_delete":"https://stalimip.blob.core.windows.net/receipts/"}}`, nil, false},
		{"deletion without address", "OnDataDeletion", `{"id":"e","eventType":"Airlock.DataDeletion","data":{}}`, nil, true},
		{"another type is not our business", "OnStatusChanged", `{"id":"e","eventType":"Microsoft.EventGrid.SubscriptionDeletedEvent","data":{}}`, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &workflow{}
			h, _ := newHandler(w)
			assert.Equal(t, 200, send(t, h, hostCall(tt.function, wrap(tt.event))))
			assert.Equal(t, tt.want, w.calls)
			assert.Equal(t, tt.parked, len(w.parked) == 1)
		})
	}
}

func TestAFailureAsksForTheEventAgain(t *testing.T) {
	w := &workflow{fail: map[string]error{"Heed": errors.New("table is away")}}
	h, log := newHandler(w)
	assert.Equal(t, 500, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
	assert.Empty(t, w.parked)
	assert.Contains(t, log.String(), "table is away", "the host drops our answer, so the reason must be in the log")
	assert.Contains(t, log.String(), "5f0d6a1e-6d2c-4f0a-9f3e-6a1b5a3c7a10")
}

func TestWhatCanNeverSucceedIsParkedOnce(t *testing.T) {
	w := &workflow{fail: map[string]error{"Heed": airlock.ErrNotFound}}
	h, log := newHandler(w)
	for range 2 {
		assert.Equal(t, 200, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
	}
	require.Len(t, w.parked, 2)
	p := w.parked[0]
	assert.Equal(t, p.ID, w.parked[1].ID, "the same event keeps one record")
	assert.Regexp(t, `^01a207d9-2100-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, p.ID)
	assert.Equal(t, "OnStatusChanged", p.Function)
	assert.JSONEq(t, statusEvent, string(p.Event))
	assert.Contains(t, log.String(), "delivery parked")
	for line := range strings.Lines(log.String()) {
		assert.Contains(t, line, "invocation=5f0d6a1e", "every line says to which call it belongs")
	}
}

func TestAnEventThatCannotBeParkedComesAgain(t *testing.T) {
	w := &workflow{fail: map[string]error{"Heed": airlock.ErrNotFound, "Park": errors.New("away")}}
	h, _ := newHandler(w)
	assert.Equal(t, 500, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
}

func TestAPanicIsAFailureAndTheProcessLives(t *testing.T) {
	w := &workflow{during: func(context.Context) { panic("boom") }}
	h, log := newHandler(w)
	assert.Equal(t, 500, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
	assert.Equal(t, 500, send(t, h, hostCall("Reconcile", `{"Data":{"timer":{}},"Metadata":{}}`)))
	assert.Contains(t, log.String(), "boom")
}

func TestADeliveryEndsBeforeEventGridGivesUp(t *testing.T) {
	var left time.Duration
	w := &workflow{during: func(ctx context.Context) {
		assert.NoError(t, ctx.Err())
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
	}}
	h, _ := newHandler(w)
	gone, cancel := context.WithCancel(t.Context())
	cancel() // the host has hung up: the step still ends properly
	assert.Equal(t, 200, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent)).WithContext(gone)))
	assert.InDelta(t, 25, left.Seconds(), 1)
	assert.Equal(t, 200, send(t, h, hostCall("Reconcile", `{"Data":{"timer":{}},"Metadata":{}}`)))
	assert.Less(t, left, 5*time.Minute)
}

func TestASlowDeliveryIsCutAndComesAgain(t *testing.T) {
	w := &workflow{during: func(ctx context.Context) { <-ctx.Done() }, fail: map[string]error{"Heed": context.DeadlineExceeded}}
	h, _ := newHandler(w)
	h.deadline = time.Millisecond
	assert.Equal(t, 500, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
}

// The handling of an event may use up all its time; keeping the event takes none of it.
func TestAnEventThatUsedUpItsTimeIsStillParked(t *testing.T) {
	w := &workflow{during: func(ctx context.Context) { <-ctx.Done() }, fail: map[string]error{"Heed": airlock.ErrNotFound}}
	h, _ := newHandler(w)
	h.deadline = time.Millisecond
	assert.Equal(t, 200, send(t, h, hostCall("OnStatusChanged", wrap(statusEvent))))
	assert.Len(t, w.parked, 1)
}

// Parked events are listed newest first: one that names a time to come must not
// stay at the top for ever.
func TestAnEventFromTheFutureIsParkedAsOfNow(t *testing.T) {
	w := &workflow{fail: map[string]error{"Heed": airlock.ErrNotFound}}
	h, _ := newHandler(w)
	for _, e := range []string{strings.Replace(statusEvent, "2026-11-23T10", "2199-11-23T10", 1), strings.Replace(statusEvent, "2026-11-23T10:00:00Z", "", 1)} {
		require.Equal(t, 200, send(t, h, hostCall("OnStatusChanged", wrap(e))))
	}
	now := fmt.Sprintf("%012x", testNow.UnixMilli())
	for _, p := range w.parked {
		assert.True(t, strings.HasPrefix(p.ID, now[:8]+"-"+now[8:]+"-8"), p.ID)
	}
	assert.Len(t, w.parked, 2)
}

func TestAnOversizedCallIsParked(t *testing.T) {
	w := &workflow{}
	h, _ := newHandler(w)
	assert.Equal(t, 200, send(t, h, hostCall("OnDeadLetter", `{"Data":{"blob":"`+strings.Repeat("A", maxBody)+`"},"Metadata":{}}`)))
	require.Len(t, w.parked, 1)
	assert.Equal(t, "OnDeadLetter", w.parked[0].Function)
	assert.Len(t, w.parked[0].Event, maxParked)
	assert.Contains(t, w.parked[0].Reason, "larger than 16 MiB")
}

func TestReconcile(t *testing.T) {
	const timer = `{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-11-23T09:55:00.0023+00:00","Next":"2026-11-23T10:00:00+00:00","LastUpdated":"2026-11-23T09:55:00.0023+00:00"},"IsPastDue":false}},
	 "Metadata":{"sys":{"MethodName":"Sweep","UtcNow":"2026-11-23T10:00:00.1234567Z","RandGuid":"8f6c8f2e-0d1f-4a38-9c29-0b0f2a0b8a11"}}}`
	w := &workflow{}
	h, _ := newHandler(w)
	assert.Equal(t, 200, send(t, h, hostCall("Reconcile", timer)))
	w.fail = map[string]error{"Reconcile": errors.New("away")}
	assert.Equal(t, 500, send(t, h, hostCall("Reconcile", timer)))
	assert.Len(t, w.calls, 2)
}
