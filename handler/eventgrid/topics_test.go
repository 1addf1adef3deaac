package eventgrid_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/eventgrid"
)

// topic is an Event Grid custom topic as its REST contract describes it
// (learn.microsoft.com/rest/api/eventgrid/dataplane-publisher/publish-event-grid-events):
// there is no emulator of Event Grid. It answers the next calls as told, then 200.
type topic struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int
	after   string
	bodies  []string
	paths   []string
	hosts   []string
	tokens  []string
}

func newTopic(t *testing.T, answers ...int) *topic {
	t.Helper()
	s := &topic{answers: answers}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *topic) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies, s.paths = append(s.bodies, string(body)), append(s.paths, r.Method+" "+r.URL.RequestURI())
	s.hosts, s.tokens = append(s.hosts, r.Host), append(s.tokens, r.Header.Get("Authorization"))
	if len(s.answers) > 0 {
		status := s.answers[0]
		s.answers = s.answers[1:]
		w.Header().Set("Retry-After", s.after)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":{"code":"Code%d","message":"secret detail"}}`, status)
	}
}

// routed leads every host to the topic's server, as DNS would.
func (s *topic) routed() *http.Client {
	c := s.Client()
	transport := c.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ServerName = "example.com" // of httptest's certificate
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	c.Transport = transport
	return c
}

type credential struct{ err error }

func (c credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token for " + o.Scopes[0], ExpiresOn: time.Now().Add(time.Hour)}, c.err
}

func endpoints() map[airlock.Topic]string {
	m := map[airlock.Topic]string{}
	for _, t := range airlock.Topics() {
		m[t] = "https://" + strings.ReplaceAll(string(t), "_", "-") + ".local-1.eventgrid.azure.net/api/events"
	}
	return m
}

func publisher(t *testing.T, s *topic) *eventgrid.Topics {
	t.Helper()
	// Short delays keep the tests of retries short.
	o := azcore.ClientOptions{Transport: s.routed(), Retry: policy.RetryOptions{MaxRetries: 2, RetryDelay: time.Millisecond, MaxRetryDelay: time.Second}}
	p, err := eventgrid.New(eventgrid.Config{Endpoints: endpoints(), Credential: credential{}, ClientOptions: o})
	require.NoError(t, err)
	return p
}

func event(n int, data string) airlock.Event {
	return airlock.Event{ID: fmt.Sprintf("id-%d", n), Type: airlock.EventStatusChanged, Subject: "af89/statusChanged", DataVersion: "2.0",
		Time: time.Date(2026, 1, 2, 4, 4, 5, 600, time.FixedZone("CET", 3600)), Data: json.RawMessage(data), Request: "af89", Workspace: "ws"}
}

func TestEventsArriveInTheSchemaOfTheContract(t *testing.T) {
	t.Parallel()
	s := newTopic(t)
	data := `{"request_id":"af89","new_status":"submitted","previous_status":"draft","type":"import","workspace_id":"753e"}`
	require.NoError(t, publisher(t, s).Publish(t.Context(), airlock.TopicStepResult, []airlock.Event{event(1, data), event(2, data)}))
	require.Equal(t, []string{"POST /api/events?api-version=2018-01-01"}, s.paths)
	require.Equal(t, []string{"step-result.local-1.eventgrid.azure.net"}, s.hosts)
	require.Equal(t, []string{"Bearer token for https://eventgrid.azure.net/.default"}, s.tokens)
	want := `{"id":"id-%d","subject":"af89/statusChanged","eventType":"statusChanged","dataVersion":"2.0","eventTime":"2026-01-02T03:04:05.0000006Z","data":` + data + `}`
	require.JSONEq(t, "["+fmt.Sprintf(want, 1)+","+fmt.Sprintf(want, 2)+"]", s.bodies[0])
}

func TestNothingToPublish(t *testing.T) {
	t.Parallel()
	s := newTopic(t)
	require.NoError(t, publisher(t, s).Publish(t.Context(), airlock.TopicStepResult, nil))
	require.Empty(t, s.bodies)
}

func TestBatchesStayWithinEventGridsLimits(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct{ events, size, batches int }{
		"many small ones": {450, 10, 3},
		"few large ones":  {5, 400_000, 3},
		"exactly one":     {1, 900_000, 1},
	} {
		s := newTopic(t)
		var events []airlock.Event
		for n := range try.events {
			events = append(events, event(n, `{"pad":"`+strings.Repeat("x", try.size)+`"}`))
		}
		require.NoError(t, publisher(t, s).Publish(t.Context(), airlock.TopicNotification, events), name)
		require.Len(t, s.bodies, try.batches, name)
		var order []string
		for _, body := range s.bodies {
			require.Less(t, len(body), 1_000_000, name)
			var got []struct{ ID string }
			require.NoError(t, json.Unmarshal([]byte(body), &got))
			for _, e := range got {
				order = append(order, e.ID)
			}
		}
		require.Len(t, order, try.events)
		for n, id := range order {
			require.Equal(t, fmt.Sprintf("id-%d", n), id, name)
		}
	}
}

func TestAnEventThatIsTooLargeKeepsNoOtherBack(t *testing.T) {
	t.Parallel()
	s := newTopic(t)
	err := publisher(t, s).Publish(t.Context(), airlock.TopicNotification,
		[]airlock.Event{event(1, "{}"), event(2, `"`+strings.Repeat("x", 1_000_000)+`"`), event(3, "{}")})
	requireFault(t, err, airlock.Permanent, "EventTooLarge")
	require.Len(t, s.bodies, 1)
	require.Contains(t, s.bodies[0], "id-1")
	require.Contains(t, s.bodies[0], "id-3")
}

func TestAnswersHaveKinds(t *testing.T) {
	t.Parallel()
	for status, try := range map[int]struct {
		kind  airlock.FaultKind
		calls int
	}{
		400: {airlock.Permanent, 1}, 413: {airlock.Permanent, 1}, 401: {airlock.Operator, 1}, 403: {airlock.Operator, 1}, 404: {airlock.Operator, 1},
		408: {airlock.Transient, 3}, 429: {airlock.Transient, 3}, 500: {airlock.Transient, 3}, 503: {airlock.Transient, 3},
	} {
		s := newTopic(t, status, status, status)
		f := requireFault(t, publisher(t, s).Publish(t.Context(), airlock.TopicStatusChanged, []airlock.Event{event(1, "{}")}),
			try.kind, fmt.Sprintf("Code%d", status))
		assert.Len(t, s.bodies, try.calls, status)
		assert.Equal(t, "publish events on status_changed: "+f.Code, f.Cause())
		assert.NotContains(t, f.Error(), "secret detail")
	}
	s := newTopic(t, 503, 503)
	require.NoError(t, publisher(t, s).Publish(t.Context(), airlock.TopicStatusChanged, []airlock.Event{event(1, "{}")}), "third time lucky")
	s = newTopic(t, 429)
	s.after = "30"
	f := requireFault(t, publisher(t, s).Publish(t.Context(), airlock.TopicStatusChanged, []airlock.Event{event(1, "{}")}), airlock.Transient, "Code429")
	require.Equal(t, 30*time.Second, f.After)
	require.Len(t, s.bodies, 1, "a long wait is not ours")
}

func TestSilenceHasKinds(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		err  error
		kind airlock.FaultKind
		code string
	}{
		"no such host": {&net.DNSError{Err: "no such host", IsNotFound: true}, airlock.Operator, "NoSuchHost"},
		"refused":      {errors.New("connection refused"), airlock.Transient, "ConnectionFailed"},
		"timed out":    {context.DeadlineExceeded, airlock.Transient, "TimedOut"},
	} {
		failing := transport(func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: try.err}
		})
		p, err := eventgrid.New(eventgrid.Config{Endpoints: endpoints(), Credential: credential{}, ClientOptions: azcore.ClientOptions{Transport: failing, Retry: policy.RetryOptions{MaxRetries: -1, RetryDelay: 1}}})
		require.NoError(t, err)
		f := requireFault(t, p.Publish(t.Context(), airlock.TopicStatusChanged, []airlock.Event{event(1, "{}")}), try.kind, try.code)
		assert.NotContains(t, f.Error(), "https://", name)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) Do(r *http.Request) (*http.Response, error) { return t(r) }

func TestEndpointsMustBeComplete(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "http://x.local-1.eventgrid.azure.net/api/events", "https://u:p@x/api/events", "https://x/api/events?key=1", "::"} {
		e := endpoints()
		e[airlock.TopicDataDeletion] = bad
		_, err := eventgrid.New(eventgrid.Config{Endpoints: e, Credential: credential{}, ClientOptions: azcore.ClientOptions{}})
		require.ErrorContains(t, err, "data_deletion", bad)
	}
	p, err := eventgrid.New(eventgrid.Config{Endpoints: endpoints(), Credential: credential{}, ClientOptions: azcore.ClientOptions{}})
	require.NoError(t, err)
	requireFault(t, p.Publish(t.Context(), "other", []airlock.Event{event(1, "{}")}), airlock.Permanent, "NoSuchTopic")
}

func requireFault(t *testing.T, err error, kind airlock.FaultKind, code string) *airlock.Fault {
	t.Helper()
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind, err)
	require.Equal(t, code, f.Code, err)
	return f
}

// hanging is Event Grid that never answers; it notes how long it was waited for.
type hanging struct{ within time.Duration }

func (h *hanging) Do(r *http.Request) (*http.Response, error) {
	deadline, _ := r.Context().Deadline()
	h.within = time.Until(deadline)
	return nil, context.DeadlineExceeded
}

func TestABatchEndsInTime(t *testing.T) {
	t.Parallel()
	h := &hanging{}
	p, err := eventgrid.New(eventgrid.Config{Endpoints: endpoints(), Credential: credential{}, ClientOptions: azcore.ClientOptions{Transport: h, Retry: policy.RetryOptions{MaxRetries: -1, RetryDelay: time.Millisecond}}})
	require.NoError(t, err)
	require.Error(t, p.Publish(t.Context(), airlock.TopicStepResult, []airlock.Event{event(1, "{}")}))
	require.InDelta(t, 10, h.within.Seconds(), 1)
}
