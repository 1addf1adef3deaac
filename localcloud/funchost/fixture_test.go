package funchost

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var handlerBinary string

// TestMain builds the handler that all tests host.
func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "funchost")
	if err != nil {
		panic(err)
	}
	handlerBinary = filepath.Join(directory, "handler")
	build := exec.Command("go", "build", "-o", handlerBinary, "./testdata/handler")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

const hostJSON = `{"version":"2.0","functionTimeout":"00:00:02","extensions":{"http":{"routePrefix":"api"}},
"customHandler":{"description":{"defaultExecutablePath":"handler","arguments":["one two","%GREETING%","%NONE%"]},"enableForwardingHttpRequest":true}}`

// httpFunction is function.json of a forwarded HTTP function.
func httpFunction(route, methods string) string {
	return fmt.Sprintf(`{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous","route":%q,"methods":[%s]},
{"type":"http","direction":"out","name":"$return"}]}`, route, methods)
}

const (
	eventFunction = `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"event"}]}`
	blobFunction  = `{"bindings":[{"type":"blobTrigger","direction":"in","name":"blob","path":"dead-letters/{name}","source":"EventGrid","connection":"Letters"}]}`
	timerFunction = `{"bindings":[{"type":"timerTrigger","direction":"in","name":"timer","schedule":"%Schedule%"}]}`
)

// stage writes an app: host.json, the handler, and the given functions.
func stage(t *testing.T, host string, functions map[string]string) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "host.json"), []byte(host), 0o600))
	require.NoError(t, os.Symlink(handlerBinary, filepath.Join(root, "handler")))
	for name, text := range functions {
		require.NoError(t, os.MkdirAll(filepath.Join(root, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(root, name, "function.json"), []byte(text), 0o600))
	}
	return root
}

// running is a host under test with its front and its logs.
type running struct {
	*Host
	t      *testing.T
	front  *httptest.Server
	record string
	logs   *logs
	stop   func()
}

type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs a host with these options, whose Root is staged with the functions.
func start(t *testing.T, o Options, functions map[string]string) *running {
	t.Helper()
	if o.Root == "" {
		o.Root = stage(t, hostJSON, functions)
	}
	h := &running{t: t, record: filepath.Join(t.TempDir(), "record"), logs: &logs{}}
	o.Env = append(o.Env, "RECORD="+h.record, "GREETING=hello")
	o.Log = slog.New(slog.NewTextHandler(h.logs, nil))
	if o.Speed == 0 {
		o.Speed = 10
	}
	var err error
	h.Host, err = New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	h.front = httptest.NewServer(h)
	t.Cleanup(func() {
		h.stop()
		h.front.Close()
		if t.Failed() {
			t.Log(h.logs)
		}
	})
	return h
}

// up waits until the handler answers.
func (h *running) up() *running {
	h.t.Helper()
	select {
	case <-h.Ready():
	case <-time.After(10 * time.Second):
		require.Fail(h.t, "not ready", "%s", h.logs)
	}
	return h
}

// seen is a request as the handler saw it.
type seen struct {
	Method, URI, Host, Body string
	Header                  http.Header
	Length                  int64
	PID                     int
	Chunked                 bool
	Environment             []string
	Directory               string
}

func (h *running) do(method, target string, header http.Header, body io.Reader) (int, seen) {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.front.URL, body)
	require.NoError(h.t, err)
	request.URL.Opaque = "//" + request.URL.Host + target // as it is, dots and all
	if header != nil {
		request.Header = header
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(h.t, err)
	var s seen
	_ = json.Unmarshal(text, &s)
	if s.URI == "" {
		s.Body = string(text)
	}
	return answer.StatusCode, s
}

// recorded are the invocations the handler has recorded so far.
func (h *running) recorded() []seen {
	raw, err := os.ReadFile(h.record)
	if err != nil {
		return nil
	}
	var all []seen
	for line := range strings.Lines(string(raw)) {
		if !strings.HasSuffix(line, "\n") {
			break // still being written
		}
		var s seen
		require.NoError(h.t, json.Unmarshal([]byte(line), &s))
		all = append(all, s)
	}
	return all
}

func (h *running) eventually(what string, holds func() bool) {
	h.t.Helper()
	require.Eventually(h.t, holds, 15*time.Second, 5*time.Millisecond, what)
}

// asking is an event whose data asks the test handler to do something.
func asking(do string) map[string]any {
	return map[string]any{"id": "1", "subject": "s", "eventType": "t", "eventTime": "2026-01-01T00:00:00.1234567Z",
		"dataVersion": "1", "data": map[string]string{"do": do}}
}
