package gate

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"sync"

	"example.org/airlock/client"
)

// Local is a file of a task on this machine's disk, with the bytes that the task names.
type Local struct {
	File
	Path string
}

// Judgement is the engine's word on all files together.
type Judgement struct {
	Outcome  Outcome
	Findings []Finding
}

// Config holds a Gate's dependencies. All members are required.
type Config struct {
	API       *client.Client
	Transport http.RoundTripper // to storage
	Engine    Engine
	// Judge looks at the files of a task. Its error makes the verdict inconclusive.
	Judge func(ctx context.Context, files []Local) (Judgement, error)
	// Folder is where files lie while they are judged, each task in a folder of its own.
	Folder string
	Log    *slog.Logger
}

// Gate is an external gate. It serves the webhook of an Event Grid subscription, and does
// the work while Run runs.
type Gate struct {
	Config
	queue chan ask

	mu     sync.Mutex
	queued map[ask]bool
}

// ask names a task.
type ask struct{ workspace, request, gate string }

func (a ask) path() string {
	return "/workspaces/" + a.workspace + "/requests/" + a.request + "/gates/" + a.gate
}

const (
	// most is how many tasks may wait. The airlock sends a refused task again.
	most = 100
	// atOnce is how many tasks are judged side by side.
	atOnce = 2
)

// New returns a gate.
func New(c Config) *Gate {
	return &Gate{Config: c, queue: make(chan ask, most), queued: map[ask]bool{}}
}

// Run does the work that events ask for, until ctx ends.
func (g *Gate) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case a := <-g.queue:
					g.forget(a) // another event from now on is about what is not looked at yet
					g.work(ctx, a)
				}
			}
		})
	}
	workers.Wait()
}

func (g *Gate) forget(a ask) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.queued, a)
}

// take queues a task once. It reports false when there is no room.
func (g *Gate) take(a ask) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.queued[a] {
		return true
	}
	select {
	case g.queue <- a:
		g.queued[a] = true
		return true
	default:
		return false
	}
}

// maxDelivery is Event Grid's limit for the events of one delivery.
const maxDelivery = 1 << 20

// ServeHTTP takes a delivery of Event Grid. Events of other types, and those that name no
// task, are passed over: to deliver them again would change nothing.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	var events []struct {
		EventType string          `json:"eventType"`
		Data      json.RawMessage `json:"data"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxDelivery)).Decode(&events); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.Header.Get("aeg-event-type") == "SubscriptionValidation" && len(events) == 1 {
		shakeHands(w, events[0].Data)
		return
	}
	for _, e := range events {
		if e.EventType != eventType {
			continue
		}
		a, ok := askOf(e.Data)
		if !ok {
			g.Log.WarnContext(r.Context(), "an event names no task")
			continue
		}
		if !g.take(a) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusOK)
}

const eventType = "Airlock.GateRequested"

// shakeHands proves to Event Grid that the endpoint wants the subscription
// (learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema).
func shakeHands(w http.ResponseWriter, data json.RawMessage) {
	var code struct {
		ValidationCode string `json:"validationCode"`
	}
	if json.Unmarshal(data, &code) != nil || code.ValidationCode == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"validationResponse": code.ValidationCode})
}

var (
	guid   = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	gateID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)
)

// askOf reads which task an event is about. The name becomes part of an address, so it
// may hold ids alone.
func askOf(data json.RawMessage) (ask, bool) {
	var d struct {
		Request   string `json:"request_id"`
		Workspace string `json:"workspace"`
		Gate      string `json:"gate"`
	}
	if json.Unmarshal(data, &d) != nil || !guid.MatchString(d.Request) || !guid.MatchString(d.Workspace) || !gateID.MatchString(d.Gate) {
		return ask{}, false
	}
	return ask{workspace: d.Workspace, request: d.Request, gate: d.Gate}, true
}
