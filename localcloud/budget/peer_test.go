package budget

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/funchost"
)

// The peer is a custom handler that makes the storage calls of an operation and does nothing else: no token is checked, no
// row is judged, nothing is logged. It runs behind the same host stand-in as the handler, and both in processes of their
// own. With these in its environment the test binary is the peer, or its host.
const (
	peerHost    = "AIRLOCK_BUDGET_PEER_HOST" // where the app lies
	peerHandler = "AIRLOCK_BUDGET_PEER"      // settings as JSON
)

// peerSettings are the peer's settings.
type peerSettings struct {
	Way       way
	Workspace string
}

const (
	peerApp = `{"version":"2.0","extensions":{"http":{"routePrefix":"api"}},
"customHandler":{"description":{"defaultExecutablePath":"peer"},"enableForwardingHttpRequest":true}}`
	peerFunction = `{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous","route":"{what}/{id}","methods":["get","post"]},
{"type":"http","direction":"out","name":"$return"}]}`
)

// servePeer is the peer's process.
func servePeer(settings string) error {
	var s peerSettings
	if err := json.Unmarshal([]byte(settings), &s); err != nil {
		return err
	}
	credential, transport, err := s.Way.open()
	if err != nil {
		return err
	}
	b, err := openBare(credential, &http.Client{Transport: transport}, s.Workspace)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	handle := func(pattern string, do func(r *http.Request) ([]byte, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := do(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
	}
	handle("/api/ready/{id}", func(*http.Request) ([]byte, error) { return []byte("{}"), nil })
	handle("/api/get/{id}", func(r *http.Request) ([]byte, error) {
		row, err := b.get(r.Context(), r.PathValue("id"))
		return row.Value, err
	})
	handle("/api/list/{id}", func(r *http.Request) ([]byte, error) {
		rows, err := b.list(r.Context())
		return bytes.Join(rows, []byte("\n")), err
	})
	handle("/api/link/{id}", func(r *http.Request) ([]byte, error) {
		var record map[string]any
		if err := json.NewDecoder(r.Body).Decode(&record); err != nil {
			return nil, err
		}
		return []byte("{}"), b.link(r.Context(), r.PathValue("id"), record)
	})
	mux.HandleFunc("/", http.NotFound) // any answer tells the host that the handler is ready
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}

// servePeerHost is the process of the peer's host. It prints its address.
func servePeerHost(root string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // a pipe that nobody writes to: it ends with the parent
		stop()
	}()
	host, err := funchost.New(funchost.Options{Root: root, Env: []string{peerHandler + "=" + os.Getenv(peerHandler)}})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: host, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	return host.Run(ctx)
}

// child runs a child process's work and returns its exit code.
func child(serve func(string) error, with string) int {
	if err := serve(with); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// peer is the running peer as its clients see it.
type peer struct {
	address string
	client  *http.Client
}

func startPeer(t testing.TB, workspace string) peer {
	t.Helper()
	root := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(root, "peer")))
	require.NoError(t, os.WriteFile(filepath.Join(root, "host.json"), []byte(peerApp), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(root, "Peer"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, "Peer", "function.json"), []byte(peerFunction), 0o600))
	settings, err := json.Marshal(peerSettings{Way: wayOf(t), Workspace: shared.Workspaces[workspace]})
	require.NoError(t, err)
	host := exec.Command(self)
	host.Env = append(os.Environ(), peerHost+"="+root, peerHandler+"="+string(settings))
	host.Stderr = os.Stderr
	_, err = host.StdinPipe()
	require.NoError(t, err)
	out, err := host.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, host.Start())
	t.Cleanup(func() {
		_ = host.Process.Signal(os.Interrupt)
		_ = host.Wait()
	})
	var address string
	_, err = fmt.Fscanln(out, &address)
	require.NoError(t, err)
	p := peer{address: address, client: &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 8}}}
	require.Eventually(t, func() bool { return p.ask(t.Context(), "ready", "now", nil) == nil }, 30*time.Second, 50*time.Millisecond)
	return p
}

// ask has the peer do something, and reads its answer.
func (p peer) ask(ctx context.Context, what, id string, body []byte) error {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, p.address+"/api/"+what+"/"+id, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the peer answers %d: %s", resp.StatusCode, strings.TrimSpace(string(answer)))
	}
	return err
}
