package grid

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/event"
)

// endpoint is a subscriber that remembers what it got and answers as told.
type endpoint struct {
	*httptest.Server
	mu         sync.Mutex
	got        []event.Event
	headers    []http.Header
	times      []time.Time
	answers    []int // statuses of the next notifications; after these 200
	handshakes int
	deaf       int // handshakes to fail first
	hold       chan struct{}
	held       atomic.Int32
}

func newEndpoint(t *testing.T, answers ...int) *endpoint {
	t.Helper()
	e := &endpoint{answers: answers}
	e.Server = httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) serve(w http.ResponseWriter, r *http.Request) {
	var events []event.Event
	if json.NewDecoder(r.Body).Decode(&events) != nil || len(events) != 1 {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	if hold := e.holding(); hold != nil && r.Header.Get("aeg-event-type") == "Notification" {
		e.held.Add(1)
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.Header.Get("aeg-event-type") == "SubscriptionValidation" {
		e.handshakes++
		if e.handshakes <= e.deaf {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		var data struct{ ValidationCode string }
		_ = json.Unmarshal(events[0].Data, &data)
		_ = json.NewEncoder(w).Encode(map[string]string{"validationResponse": data.ValidationCode})
		return
	}
	e.got, e.headers, e.times = append(e.got, events[0]), append(e.headers, r.Header), append(e.times, time.Now())
	if len(e.answers) > 0 {
		w.WriteHeader(e.answers[0])
		e.answers = e.answers[1:]
	}
}

func (e *endpoint) holding() chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.hold
}

func (e *endpoint) subjects() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var subjects []string
	for _, got := range e.got {
		subjects = append(subjects, got.Subject)
	}
	return strings.Join(subjects, " ")
}

// letters are the dead letters a test's grid wrote.
type letters struct {
	mu    sync.Mutex
	blobs map[string]string
	fail  int
}

func (l *letters) write(_ context.Context, name string, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail > 0 {
		l.fail--
		return assert.AnError
	}
	l.blobs[name] = string(body)
	return nil
}

// start runs a grid until the test or stop ends it.
func start(t *testing.T, c Config) (g *Grid, dead *letters, stop func()) {
	t.Helper()
	dead = &letters{blobs: map[string]string{}}
	if c.DeadLetter == nil {
		c.DeadLetter = dead.write
	}
	if c.Speed == 0 {
		c.Speed = 1000
	}
	g = New(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return g, dead, stop
}

func settle(t *testing.T, g *Grid) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, g.Settled(ctx), "%+v", g.Stats())
}

func sample(subject string) event.Event {
	return event.New("statusChanged", subject, "2.0", map[string]string{"request_id": subject})
}
