// Package funchost stands in for the Azure Functions host towards a custom
// handler: it starts the handler's process, forwards HTTP, delivers Event Grid,
// blob and timer triggers, and restarts or kills the process by the host's rules.
//
// The model is azure-functions-host 4.x, as read in its source. What it can't do
// is refused when the app is read: HTTP functions in envelope mode, output
// bindings, polling blob triggers.
package funchost

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.org/airlock/localcloud/event"
)

// hostVersion is the host's version, as told to the handler.
const hostVersion = "4.1037.0.0"

// Options say which app to host and how.
type Options struct {
	// Root is the staged app: host.json, the binary, one folder per function.
	Root string
	// Env is the whole environment of the handler besides Settings and the host's
	// own variables, as NAME=value; nothing is inherited.
	Env []string
	// Settings are the app settings: visible to the handler and expanded as %NAME%.
	Settings map[string]string
	// Instances is the number of host instances, each with its own handler; 0 means 1.
	Instances int
	// Speed divides the waits the host makes by itself (restart of a stopped host, blob retries); 0 means 1.
	Speed float64
	// Key is the system and master key; empty means a random one. See Host.EventGridEndpoint.
	Key string
	Log *slog.Logger
	// PIDFile gets the pids of the living handlers, one per line; empty writes none.
	PIDFile string
	// QueueFile keeps the blob trigger's queue over a clean restart; empty keeps none.
	QueueFile string
	// ReadBlob reads the blob of a blob trigger; fs.ErrNotExist means that it is gone.
	ReadBlob func(ctx context.Context, container, name string) ([]byte, error)
}

// Host is the stand-in. Its ServeHTTP is the public front.
type Host struct {
	options   Options
	log       *slog.Logger
	app       app
	settings  settings
	functions map[string]*function // by lower-case name
	routed    []*function          // HTTP functions, most specific route first
	broken    []error
	instances []*instance
	blobs     *blobQueue
	idle      idle
	client    *http.Client // towards handlers
	pings     *http.Client

	next    atomic.Uint64 // instance of the next invocation
	ready   chan struct{}
	stopped chan struct{}
	gaveUp  chan struct{}
	quit    sync.Once // closes gaveUp

	mu     sync.Mutex
	living []*worker
	last   []string // the handlers' last lines
}

// New reads the app at Options.Root. It fails if host.json is unusable; a broken
// function is logged, left out and listed by Broken.
func New(o Options) (*Host, error) {
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, err
	}
	o.Speed, o.Instances = cmp.Or(max(o.Speed, 0), 1), max(o.Instances, 1)
	o.Key = cmp.Or(o.Key, event.NewID())
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &Host{
		options: o, log: o.Log, settings: newSettings(o.Env, o.Settings), functions: map[string]*function{},
		ready: make(chan struct{}), stopped: make(chan struct{}), gaveUp: make(chan struct{}),
		client: newClient(&http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}),
		pings:  newClient(&http.Transport{DisableKeepAlives: true}),
	}
	if h.app, err = readHostFile(root, h.settings); err != nil {
		return nil, err
	}
	var functions []*function
	functions, h.broken = readFunctions(h.app, h.settings)
	for _, err := range h.broken {
		h.log.Error("function is not loaded", "error", err)
	}
	for _, f := range functions {
		h.functions[strings.ToLower(f.name)] = f
		if f.trigger.Type == httpTrigger {
			h.routed = append(h.routed, f)
		}
	}
	slices.SortStableFunc(h.routed, func(a, b *function) int { return a.route.before(b.route) })
	for range o.Instances {
		h.instances = append(h.instances, newInstance(h))
	}
	h.blobs = newBlobQueue(h)
	return h, nil
}

// newClient never follows redirects, since forwarding is on.
func newClient(transport *http.Transport) *http.Client {
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Broken lists why functions were not loaded.
func (h *Host) Broken() []error { return h.broken }

// Functions lists the loaded functions by name.
func (h *Host) Functions() []string {
	var names []string
	for _, f := range h.functions {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// Key is the system and master key.
func (h *Host) Key() string { return h.options.Key }

// EventGridEndpoint is the URL, key included, that an Event Grid subscription
// of the function calls; base is the front's address, like http://127.0.0.1:7071.
func (h *Host) EventGridEndpoint(base, function string) string {
	return base + "/runtime/webhooks/EventGrid?" + url.Values{"functionName": {function}, "code": {h.options.Key}}.Encode()
}

// BlobsEndpoint is the like for a blob trigger with source EventGrid.
func (h *Host) BlobsEndpoint(base, function string) string {
	return base + "/runtime/webhooks/blobs?" + url.Values{"functionName": {"Host.Functions." + function}, "code": {h.options.Key}}.Encode()
}

// Run starts the handlers and keeps them running until ctx ends; then they are
// killed. It fails only if the blob trigger's queue can't be read or kept. It
// must be called once.
func (h *Host) Run(ctx context.Context) error {
	if err := h.blobs.load(); err != nil {
		return err
	}
	var running sync.WaitGroup
	for _, i := range h.instances {
		running.Go(func() { i.supervise(ctx) })
	}
	running.Go(func() { h.work(ctx) })
	<-ctx.Done()
	close(h.stopped)
	running.Wait()
	h.client.CloseIdleConnections()
	return h.blobs.save()
}

// work runs the timers and the blob queue once every instance is ready.
func (h *Host) work(ctx context.Context) {
	for _, i := range h.instances {
		for {
			_, err := i.current(ctx)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
		}
	}
	close(h.ready)
	var running sync.WaitGroup
	for _, f := range h.functions {
		if f.trigger.Type == timerTrigger {
			running.Go(func() { h.tick(ctx, f) })
		}
	}
	running.Go(func() { h.blobs.run(ctx) })
	running.Wait()
}

// Ready is closed when every instance has answered for the first time.
func (h *Host) Ready() <-chan struct{} { return h.ready }

// GaveUp is closed when a handler failed three times in a row for the first time,
// which in Azure stops the host until the platform restarts it. Run goes on.
func (h *Host) GaveUp() <-chan struct{} { return h.gaveUp }

// LastOutput are the last lines the handlers wrote, oldest first.
func (h *Host) LastOutput() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.last)
}

// remember keeps a line for LastOutput.
func (h *Host) remember(line string) {
	const kept = 20
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = append(h.last[max(0, len(h.last)-kept+1):], line)
}

// Kill sends SIGKILL to every handler and waits for their death. It counts as an
// error of the handler, which is therefore restarted by the host's rules.
func (h *Host) Kill() {
	h.mu.Lock()
	living := slices.Clone(h.living)
	h.mu.Unlock()
	for _, w := range living {
		w.kill()
	}
}

// PIDs lists the living handlers.
func (h *Host) PIDs() []int {
	h.mu.Lock()
	defer h.mu.Unlock()
	var pids []int
	for _, w := range h.living {
		pids = append(pids, w.command.Process.Pid)
	}
	return pids
}

func (h *Host) born(w *worker) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.living = append(h.living, w)
	h.writePIDs()
}

func (h *Host) died(w *worker) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.living = slices.DeleteFunc(h.living, func(other *worker) bool { return other == w })
	h.writePIDs()
}

// writePIDs replaces the file in one step. The mutex is held.
func (h *Host) writePIDs() {
	if h.options.PIDFile == "" {
		return
	}
	var text strings.Builder
	for _, w := range h.living {
		fmt.Fprintln(&text, w.command.Process.Pid)
	}
	fresh := h.options.PIDFile + ".new"
	err := os.WriteFile(fresh, []byte(text.String()), 0o600)
	if err == nil {
		err = os.Rename(fresh, h.options.PIDFile)
	}
	if err != nil {
		h.log.Error("pid file not written", "error", err)
	}
}

// pick chooses the instance of the next invocation in turn.
func (h *Host) pick() *instance {
	return h.instances[h.next.Add(1)%uint64(len(h.instances))]
}

// scaled divides one of the host's own waits by the speed.
func (h *Host) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / h.options.Speed)
}
