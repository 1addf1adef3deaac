package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

// call holds the facts that become known of one call on its way in.
type call struct {
	function  string // the route's function, "" while it is not known
	principal airlock.Principal
	workspace airlock.Workspace
	tagged    bool              // a successful answer gets a tag, see conditional
	request   airlock.RequestID // "" where the path names none
}

type callKey struct{}

// callOf returns the call a context belongs to. ServeHTTP puts it there.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets net/http reach deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// log begins the log line of a call and returns the function that ends it. The line holds no
// query, no body, no path beyond the function's name: those carry file names,
// page tokens and what people wrote. It also turns a panic into an answer.
func (a *API) log(c *call, out *recorder, r *http.Request) func() {
	begin := time.Now()
	return func() {
		if broken := recover(); broken != nil {
			if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(broken)
			}
			a.config.Log.ErrorContext(r.Context(), "request broke off", "function", c.function, "panic", broken)
			if out.status == 0 {
				writeProblem(out, problemFor(errUnexpected))
			}
		}
		attrs := []slog.Attr{slog.String("method", shortened(r.Method)), slog.String("function", c.function), slog.Int("status", out.status),
			slog.Int64("ms", time.Since(begin).Milliseconds())}
		for _, known := range []struct{ name, value string }{
			{"oid", string(c.principal.ID)}, {logging.Workspace, string(c.workspace.ID)}, {logging.Request, string(c.request)},
		} {
			if known.value != "" {
				attrs = append(attrs, slog.String(known.name, known.value))
			}
		}
		a.config.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
	}
}

// withInvocation has the log name the host's call. The host appends its id to
// the client's value of that header.
func withInvocation(ctx context.Context, h http.Header) context.Context {
	ids := h.Values("X-Azure-Functions-InvocationId")
	if len(ids) == 0 {
		return ctx
	}
	return logging.With(ctx, logging.Invocation, shortened(ids[len(ids)-1]))
}

// logged has the log name what the call is about.
func (c *call) logged(ctx context.Context) context.Context {
	ctx = logging.With(ctx, logging.Function, c.function)
	if c.workspace.ID != "" {
		ctx = logging.With(ctx, logging.Workspace, string(c.workspace.ID))
	}
	if c.request != "" {
		ctx = logging.With(ctx, logging.Request, string(c.request))
	}
	return ctx
}

// shortened bounds a caller's text in a log line.
func shortened(s string) string { return s[:min(len(s), 100)] }
