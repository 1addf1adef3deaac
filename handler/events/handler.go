package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

const (
	// maxBody bounds one call: the blob trigger brings its blob along, as base64.
	maxBody = 16 << 20
	// defaultDeadline ends a delivery before Event Grid, which waits 30 s for an
	// answer, sends the event a second time.
	defaultDeadline = 25 * time.Second
	// longDeadline is for the timer and for dead-letter blobs, which Event Grid
	// does not wait for. It stays below every plan's functionTimeout: one call
	// that runs over it makes the host kill the process with all other calls.
	longDeadline = 270 * time.Second
	// parkDeadline is short enough that a delivery still ends within the 30 s.
	parkDeadline = 4 * time.Second
)

// Config holds a Handler's dependencies.
type Config struct {
	Service     Service
	DeadLetters DeadLetters
	Log         *slog.Logger
	Now         func() time.Time // default time.Now
	// Deadline of one event's handling; default 25 s. Tests shorten it.
	Deadline time.Duration
}

// Handler serves POST /{FunctionName} for every event function, the dead-letter
// blob trigger and the timer, and 404 for everything else.
type Handler struct {
	service  Service
	letters  DeadLetters
	log      *slog.Logger
	now      func() time.Time
	deadline time.Duration
	calls    map[string]func(context.Context, envelope) error // by path
}

// New returns the handler. It panics without a Service, DeadLetters or a Log: that
// is a mistake in the wiring.
func New(c Config) *Handler {
	if c.Service == nil || c.DeadLetters == nil || c.Log == nil {
		panic("events: New needs a Service, DeadLetters and a Log")
	}
	h := &Handler{service: c.Service, letters: c.DeadLetters, log: c.Log, now: c.Now, deadline: c.Deadline, calls: map[string]func(context.Context, envelope) error{}}
	if h.now == nil {
		h.now = time.Now
	}
	if h.deadline <= 0 {
		h.deadline = defaultDeadline
	}
	for _, f := range functions {
		h.calls["/"+f.name] = func(ctx context.Context, env envelope) error { return h.deliver(ctx, f, env) }
	}
	h.calls["/OnDeadLetter"] = func(ctx context.Context, env envelope) error { return h.onDeadLetter(ctx, env) }
	h.calls["/Reconcile"] = func(ctx context.Context, _ envelope) error { return h.service.Reconcile(ctx) }
	return h
}

// ServeHTTP answers 200 for a delivery that is done or parked, 500 for one that
// is to come again, and 404 for any other call. The body is always
// a JSON object: the host fails on another content type and hangs on an empty
// body (azure-functions-host, DefaultHttpWorkerService).
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := logging.With(r.Context(), logging.Invocation, clip(r.Header.Get("X-Azure-Functions-InvocationId"), maxID))
	ctx = logging.With(ctx, logging.Function, clip(strings.TrimPrefix(r.URL.Path, "/"), maxID))
	status := http.StatusInternalServerError
	defer func() {
		if p := recover(); p != nil {
			h.log.ErrorContext(ctx, "panic in a delivery", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			status = http.StatusInternalServerError
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "{}\n")
	}()
	call, env, refused := h.callFor(w, r)
	if refused != "" {
		h.log.WarnContext(ctx, "refused a call that is not the host's", "because", refused)
		status = http.StatusNotFound
		return
	}
	// The host does not take its word back: a delivery it no longer waits for
	// still ends properly, within its own deadline.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.deadlineOf(r.URL.Path))
	defer cancel()
	if err := call(ctx, env); err != nil {
		h.log.ErrorContext(ctx, "delivery failed; it will come again", "error", err)
		return
	}
	status = http.StatusOK
}

// callFor returns the call for a request of the host, or why there is none.
func (h *Handler) callFor(w http.ResponseWriter, r *http.Request) (func(context.Context, envelope) error, envelope, string) {
	if r.Method != http.MethodPost {
		return nil, envelope{}, "is not a POST"
	}
	call, ok := h.calls[r.URL.EscapedPath()] // exactly, in no other spelling
	if !ok {
		return nil, envelope{}, "names no function"
	}
	if why := notGenuine(r); why != "" {
		return nil, envelope{}, why
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		// Repeating it cannot help, and the envelope cannot be read.
		function := r.URL.Path[1:]
		return func(ctx context.Context, _ envelope) error {
			return h.park(ctx, function, "larger than 16 MiB", event{Raw: body})
		}, envelope{}, ""
	}
	if err != nil {
		return func(context.Context, envelope) error { return fmt.Errorf("read the call: %w", err) }, envelope{}, ""
	}
	env, ok := openEnvelope(body)
	if !ok {
		return nil, envelope{}, "has no envelope"
	}
	return call, env, ""
}

func (h *Handler) deadlineOf(path string) time.Duration {
	if path == "/OnDeadLetter" || path == "/Reconcile" {
		return max(longDeadline, h.deadline)
	}
	return h.deadline
}

// deliver handles the events of one call. It returns an error when at least one
// of them must come again; the others are then repeated too, which does no harm.
func (h *Handler) deliver(ctx context.Context, f function, env envelope) error {
	value := env.binding("event")
	raws, ok := splitEvents(value)
	if !ok {
		return h.park(ctx, f.name, "the delivery holds no event", event{Raw: value})
	}
	var again error
	for _, raw := range raws {
		e, err := parseEvent(raw)
		ctx := logging.With(ctx, logging.Event, e.ID)
		if err == nil {
			err = h.take(ctx, f, e)
		}
		switch outcomeFor(err) {
		case ack:
			h.log.DebugContext(ctx, "delivery done", "note", err)
		case park:
			h.log.WarnContext(ctx, "delivery cannot be handled", "error", err)
			again = errors.Join(again, h.parkFor(ctx, f.name, safeCause(err), err, e))
		default:
			again = errors.Join(again, fmt.Errorf("event %s: %w", e.ID, err))
		}
	}
	return again
}

// take runs f on e. A panic is an error like any other: one event must not keep
// the others of its call from being handled.
func (h *Handler) take(ctx context.Context, f function, e event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			h.log.ErrorContext(ctx, "panic in a delivery", "function", f.name, "event", e.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("events: panic")
		}
	}()
	if !strings.EqualFold(f.eventType, e.Type) {
		return errForeign // of no concern to this function
	}
	return f.handle(ctx, h.service, e)
}

// parkFor parks an event because of the error its handling ended in.
func (h *Handler) parkFor(ctx context.Context, function, reason string, err error, e event) error {
	p := parkedFor(function, reason, e, h.now())
	p.Concerns = concernsOf(err)
	return h.keep(ctx, p, e)
}

// park hands an event over to the people who look after parked events. The
// workflow raises the alert.
func (h *Handler) park(ctx context.Context, function, reason string, e event) error {
	return h.keep(ctx, parkedFor(function, reason, e, h.now()), e)
}

func (h *Handler) keep(ctx context.Context, p airlock.Parked, e event) error {
	// The handling may have used up its time; keeping the event still has to work.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parkDeadline)
	defer cancel()
	if err := h.service.Park(ctx, p); err != nil {
		return fmt.Errorf("park an event of %s: %w", p.Function, err)
	}
	h.log.InfoContext(ctx, "delivery parked", "function", p.Function, "parked", p.ID, "event", e.ID, "reason", p.Reason)
	return nil
}

// safeCause is the part of an error that may be stored and shown: a fault's
// original text may hold addresses with signatures.
func safeCause(err error) string {
	if f, ok := errors.AsType[*airlock.Fault](err); ok {
		return f.Cause()
	}
	if outcomeFor(err) == retry {
		return "handling it failed"
	}
	return err.Error()
}
