package events

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

const (
	ws1  = airlock.WorkspaceID("aaaaaaaa-0000-4000-8000-000000000001")
	req1 = airlock.RequestID("bbbbbbbb-0000-4000-8000-000000000001")
	req2 = airlock.RequestID("bbbbbbbb-0000-4000-8000-000000000002")
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// call is one call of the workflow.
type call struct {
	Method    string
	Workspace airlock.WorkspaceID
	Request   airlock.RequestID
	Text      string // because, account or status
}

// workflow notes its calls and answers with prepared errors.
type workflow struct {
	mu     sync.Mutex
	calls  []call
	scans  []airlock.ScanHint
	hints  []airlock.Hint
	parked []airlock.Parked
	fail   map[string]error // by method
	during func(ctx context.Context)
}

func (w *workflow) note(ctx context.Context, c call) error {
	if w.during != nil {
		w.during(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
	return w.fail[c.Method]
}

func (w *workflow) Heed(ctx context.Context, h airlock.Hint) error {
	w.mu.Lock()
	w.hints = append(w.hints, h)
	w.mu.Unlock()
	return w.note(ctx, call{"Heed", h.Workspace, h.Request, h.Because})
}

func (w *workflow) ScanResult(ctx context.Context, h airlock.ScanHint) error {
	w.scans = append(w.scans, h)
	return w.note(ctx, call{"ScanResult", "", h.Container.Request(), h.Account})
}

func (w *workflow) Renotify(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, status airlock.Status) error {
	return w.note(ctx, call{"Renotify", ws, id, string(status)})
}

func (w *workflow) CanaryReturned(ctx context.Context, id string) error {
	return w.note(ctx, call{Method: "CanaryReturned", Text: id})
}

func (w *workflow) Reconcile(ctx context.Context) error {
	return w.note(ctx, call{Method: "Reconcile"})
}

func (w *workflow) Park(ctx context.Context, p airlock.Parked) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.fail["Park"]; err != nil {
		return err
	}
	w.parked = append(w.parked, p)
	return nil
}

// letters are dead letters in memory: storage that refuses one of them cannot be
// made to happen on cue. blobstore shows the real ones.
type letters struct {
	kept    map[string]string
	fail    map[string]error // by "Names", "Read NAME", "Remove NAME"
	listed  time.Time
	removed []string
}

func (l *letters) Names(_ context.Context, before time.Time) iter.Seq2[string, error] {
	l.listed = before
	return func(yield func(string, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(l.kept)) {
			if !yield(name, nil) {
				return
			}
		}
		if err := l.fail["Names"]; err != nil {
			yield("", err)
		}
	}
}

func (l *letters) Read(_ context.Context, name string) ([]byte, string, error) {
	content, ok := l.kept[name]
	if !ok {
		return nil, "", airlock.ErrGone
	}
	return []byte(content), "etag of " + name, l.fail["Read "+name]
}

func (l *letters) Remove(ctx context.Context, name, etag string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.fail["Remove "+name]; err != nil {
		return err
	}
	if etag == "etag of "+name {
		delete(l.kept, name)
		l.removed = append(l.removed, name)
	}
	return nil
}

// newHandler returns a handler over w that logs into the returned text.
func newHandler(w *workflow) (*Handler, *strings.Builder) {
	h, _, log := newHandlerWith(w, &letters{})
	return h, log
}

// newHandlerWith is newHandler with dead letters.
func newHandlerWith(w *workflow, l *letters) (*Handler, *letters, *strings.Builder) {
	var log strings.Builder
	return New(Config{Service: w, DeadLetters: l, Log: slog.New(logging.Handler(slog.NewTextHandler(&log, nil))), Now: func() time.Time { return testNow }}), l, &log
}

// hostCall is a call as the Functions host makes it.
func hostCall(function, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:40123/"+function, io.NopCloser(strings.NewReader(body)))
	r.ContentLength = -1 // the host sends chunks
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-Azure-Functions-InvocationId", "5f0d6a1e-6d2c-4f0a-9f3e-6a1b5a3c7a10")
	r.Header.Set("User-Agent", "Azure-Functions-Host/4.1037.0.0")
	return r
}

// send delivers body and returns the status after checking what every answer
// must be.
func send(t *testing.T, h http.Handler, r *http.Request) int {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	assert.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	require.JSONEq(t, "{}", rec.Body.String())
	return rec.Code
}

// wrap puts an event into the host's envelope.
func wrap(event string) string {
	return `{"Data":{"event":` + event + `},"Metadata":{"sys":{"MethodName":"X"}}}`
}
