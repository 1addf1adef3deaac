// Package funchost stands in for the Azure Functions host towards a custom
// handler: it starts the handler's process, forwards HTTP, delivers Event Grid,
// blob and timer triggers, and restarts or kills the process by the host's rules.
package funchost

import (
	"context"
	"log/slog"
	"net/http"
)

// Options say which app to host and how.
type Options struct {
	// Root is the staged app: host.json, the binary, one folder per function.
	Root string
	// Env is the whole environment of the handler besides Settings and the host's own variables.
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

// Host is the stand-in.
type Host struct{ options Options }

// New reads the app at Options.Root.
func New(o Options) (*Host, error) { return &Host{options: o}, nil }

// ServeHTTP is the public front.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// EventGridEndpoint is the URL, key included, that an Event Grid subscription
// of the function calls; base is the front's address, like http://127.0.0.1:7071.
func (h *Host) EventGridEndpoint(base, function string) string { return base }

// BlobsEndpoint is the like for a blob trigger with source EventGrid.
func (h *Host) BlobsEndpoint(base, function string) string { return base }

// Run starts the handler and keeps it running until ctx ends.
func (h *Host) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Ready is closed when every instance has answered for the first time.
func (h *Host) Ready() <-chan struct{} { c := make(chan struct{}); close(c); return c }

// Kill sends SIGKILL to every handler and waits for their death.
func (h *Host) Kill() {}

// Invoke runs a trigger function as its trigger would.
func (h *Host) Invoke(ctx context.Context, function string, data any) error { return nil }
