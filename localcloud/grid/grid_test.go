package grid

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/event"
)

func TestEventsReachMatchingSubscriptionsOnly(t *testing.T) {
	all, some, either := newEndpoint(t), newEndpoint(t), newEndpoint(t)
	g, _, _ := start(t, Config{Subscriptions: []Subscription{
		{Name: "all", Topic: "statuschanged", Endpoint: all.URL},
		{Name: "some", Topic: "statuschanged", Endpoint: some.URL, EventTypes: []string{"statuschanged"}, SubjectBeginsWith: "A/", SubjectEndsWith: ".CSV"},
		{Name: "either", Topic: "statuschanged", Endpoint: either.URL, SubjectBeginsWithAny: []string{"B/", "a/1.t"}},
		{Name: "other", Topic: "stalimip", Endpoint: some.URL},
	}})
	for _, subject := range []string{"a/1.csv", "b/1.csv", "a/1.txt"} {
		g.Emit("statuschanged", sample(subject))
		settle(t, g)
	}
	assert.Equal(t, "a/1.csv b/1.csv a/1.txt", all.subjects())
	assert.Equal(t, "a/1.csv", some.subjects())
	assert.Equal(t, "b/1.csv a/1.txt", either.subjects())
	assert.Equal(t, Counts{Published: 3, Attempts: 3, Delivered: 3}, g.Stats().Subscriptions["all"])
	assert.Equal(t, "ALL", all.headers[0].Get("aeg-subscription-name"))
}

func TestNothingIsDeliveredBeforeTheHandshake(t *testing.T) {
	e := newEndpoint(t)
	e.deaf = 2
	g, _, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "notification", Endpoint: e.URL}}})
	g.Emit("notification", sample("a"))
	settle(t, g)
	assert.Equal(t, "a", e.subjects())
	assert.Equal(t, 3, e.handshakes)
}

func TestFailedDeliveriesAreRepeatedOnSchedule(t *testing.T) {
	e := newEndpoint(t, 500, 503, 404)
	g, dead, _ := start(t, Config{Speed: 1000, Subscriptions: []Subscription{{Name: "s", Topic: "stepresult", Endpoint: e.URL}}})
	g.Emit("stepresult", sample("a"))
	settle(t, g)
	assert.Equal(t, "a a a a", e.subjects())
	assert.Empty(t, dead.blobs)
	for i, want := range []time.Duration{10 * time.Second, 30 * time.Second, 5 * time.Minute} {
		assert.GreaterOrEqual(t, e.times[i+1].Sub(e.times[i]), want/1000, "wait %d", i+1)
	}
	assert.Equal(t, "3", e.headers[3].Get("aeg-delivery-count"))
}

func TestGivenUpDeliveriesBecomeDeadLetters(t *testing.T) {
	for _, test := range []struct {
		name         string
		subscription Subscription
		answers      []int
		wantReason   string
		wantOutcome  string
		wantAttempts float64 // 0: as many as the machine finds time for
	}{
		{"attempts used up", Subscription{MaxAttempts: 2}, []int{500, 500}, "MaxDeliveryAttemptsExceeded", "GenericError", 2},
		{"too old", Subscription{TTL: time.Minute}, []int{503, 503, 503, 503}, "TimeToLiveExceeded", "Busy", 0},
		{"bad request", Subscription{}, []int{400}, "UndeliverableDueToHttpBadRequest", "BadRequest", 1},
		{"too large", Subscription{}, []int{413}, "UndeliverableDueToHttpRequestEntityTooLarge", "PayloadTooLarge", 1},
		{"webhook says 401", Subscription{}, []int{401}, "UndeliverableDueToHttpUnauthorized", "Unauthorized", 1},
		{"webhook says 403", Subscription{}, []int{403}, "UndeliverableDueToHttpForbidden", "Forbidden", 1},
		{"function says 401", Subscription{AzureFunction: true, MaxAttempts: 2}, []int{401, 401}, "MaxDeliveryAttemptsExceeded", "Unauthorized", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEndpoint(t, test.answers...)
			test.subscription.Name, test.subscription.Topic, test.subscription.Endpoint = "on-scan", "scanresult", e.URL
			g, dead, _ := start(t, Config{Speed: 5000, Subscriptions: []Subscription{test.subscription}})
			g.Emit("scanresult", sample("a"))
			settle(t, g)
			require.Len(t, dead.blobs, 1)
			for name, body := range dead.blobs {
				assert.Regexp(t, `^ON-SCAN/2\d{3}/[1-9]\d?/[1-9]\d?/(0|[1-9]\d?)/[0-9a-f-]{36}\.json$`, name)
				var events []map[string]any
				require.NoError(t, json.Unmarshal([]byte(body), &events))
				require.Len(t, events, 1)
				assert.Equal(t, test.wantReason, events[0]["deadLetterReason"])
				assert.Equal(t, test.wantOutcome, events[0]["lastDeliveryOutcome"])
				if test.wantAttempts == 0 {
					assert.GreaterOrEqual(t, events[0]["deliveryAttempts"], 1.0)
				} else {
					assert.InDelta(t, test.wantAttempts, events[0]["deliveryAttempts"], 0)
				}
				assert.Equal(t, "a", events[0]["subject"])
				assert.Equal(t, map[string]any{"request_id": "a"}, events[0]["data"])
			}
		})
	}
}

func TestDeadLetterIsTriedAgainUntilWritten(t *testing.T) {
	e := newEndpoint(t, 400)
	g, dead, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL}}})
	dead.mu.Lock()
	dead.fail = 2
	dead.mu.Unlock()
	g.Emit("scanresult", sample("a"))
	settle(t, g)
	assert.Len(t, dead.blobs, 1)
	assert.Equal(t, 1, g.Stats().Subscriptions["s"].DeadLettered)
}

func TestWithoutADestinationAGivenUpEventIsGone(t *testing.T) {
	e := newEndpoint(t, 401)
	g, dead, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL, NoDeadLetters: true}}})
	g.Emit("scanresult", sample("a"))
	settle(t, g)
	assert.Empty(t, dead.blobs)
	counts := g.Stats().Subscriptions["s"]
	assert.Equal(t, []int{1, 1, 0}, []int{counts.Attempts, counts.Dropped, counts.DeadLettered})
}

func TestSlowAnswerCountsAsFailure(t *testing.T) {
	e := newEndpoint(t)
	e.hold = make(chan struct{})
	g, dead, _ := start(t, Config{AnswerLimit: 20 * time.Millisecond, Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL, MaxAttempts: 2}}})
	g.Emit("scanresult", sample("a"))
	settle(t, g)
	require.Len(t, dead.blobs, 1)
	for _, body := range dead.blobs {
		assert.Contains(t, body, `"lastDeliveryOutcome":"TimedOut"`)
	}
}

func TestPausedGridAcceptsAndKeeps(t *testing.T) {
	e := newEndpoint(t)
	g, _, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL}}})
	g.Pause()
	g.Emit("scanresult", sample("a"))
	require.Len(t, g.Queue(), 1)
	assert.Empty(t, e.subjects())
	g.Resume()
	settle(t, g)
	assert.Equal(t, "a", e.subjects())
}

func TestUndeliveredEventsSurviveARestart(t *testing.T) {
	e := newEndpoint(t)
	e.hold = make(chan struct{})
	file := filepath.Join(t.TempDir(), "grid.json")
	config := Config{StateFile: file, Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL}}}
	g, _, stop := start(t, config)
	g.Emit("scanresult", sample("under-way"))
	require.Eventually(t, func() bool { return e.held.Load() == 1 }, 5*time.Second, time.Millisecond)
	g.Pause()
	g.Emit("scanresult", sample("waiting"))
	stop()
	assert.Empty(t, e.subjects())

	e.mu.Lock()
	e.hold = nil
	e.mu.Unlock()
	g, _, stop = start(t, config)
	settleAfterLoad(t, g, e, 2)
	assert.ElementsMatch(t, []string{"under-way", "waiting"}, strings.Fields(e.subjects()))
	stop()
	g, _, _ = start(t, config)
	settle(t, g)
	assert.Len(t, strings.Fields(e.subjects()), 2, "nothing is delivered a second time")
}

func settleAfterLoad(t *testing.T, g *Grid, e *endpoint, want int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(strings.Fields(e.subjects())) >= want }, 5*time.Second, time.Millisecond)
	settle(t, g)
}

func TestInjectAndReplay(t *testing.T) {
	e := newEndpoint(t)
	g, _, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "stalimip", EventTypes: []string{event.BlobCreated}, Endpoint: e.URL}}})
	require.NoError(t, g.Inject("s", sample("forged")))
	settle(t, g)
	require.ErrorIs(t, g.Inject("t", sample("x")), ErrUnknownSubscription)
	genuine := event.New(event.BlobCreated, "genuine", "", map[string]string{})
	g.Emit("stalimip", genuine)
	settle(t, g)
	assert.Equal(t, 1, g.Replay(genuine.ID))
	assert.Equal(t, 0, g.Replay("unknown"))
	settle(t, g)
	assert.Equal(t, "forged genuine genuine", e.subjects())
	assert.Equal(t, event.StorageTopic("stalimip"), e.got[2].Topic)
	assert.Len(t, g.Published(""), 1)
}

func TestAReplayOfEverythingBeginsWaitingDeliveriesAnew(t *testing.T) {
	e := newEndpoint(t, http.StatusInternalServerError)
	g, _, _ := start(t, Config{Speed: 1, Subscriptions: []Subscription{{Name: "s", Topic: "stalimip", EventTypes: []string{event.BlobCreated}, Endpoint: e.URL}}})
	require.NoError(t, g.Inject("s", sample("late")))
	require.Eventually(t, func() bool { q := g.Queue(); return len(q) == 1 && q[0].Attempts == 1 }, 5*time.Second, time.Millisecond)
	assert.Equal(t, 0, g.Replay("unknown"))
	assert.Len(t, g.Queue(), 1, "ten seconds from being due")
	g.Replay("")
	settle(t, g)
	assert.Equal(t, "late late", e.subjects())
}

func TestTopicIsTheFirstLabel(t *testing.T) {
	assert.Equal(t, "statuschanged", topicOf("StatusChanged.local-1.eventgrid.azure.net:443"))
	assert.Equal(t, "statuschanged", topicOf("statuschanged"))
}

func TestAcceptedStatuses(t *testing.T) {
	for status := range 600 {
		want := status >= 200 && status <= 204
		assert.Equal(t, want, accepted(status), http.StatusText(status))
	}
}
