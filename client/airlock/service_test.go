package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	someWorkspace = "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11"
	someRequest   = "15868326-f1fc-4c57-84c0-27ba2aad3193"
)

// service is an airlock that no airlock is: its request in review has these files, and its link leads to storage. What it
// answers, the real one never would.
func service(t *testing.T, storage string, names ...string) string {
	t.Helper()
	files := []map[string]any{}
	for _, name := range names {
		files = append(files, map[string]any{"name": name, "size": 4})
	}
	request := map[string]any{"id": someRequest, "workspaceId": someWorkspace, "status": "in_review", "files": files}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = map[string]any{"airlockRequest": request, "link": "read"}
		if strings.HasSuffix(r.URL.Path, "/link") {
			answer = map[string]any{"containerUrl": storage, "expires": "2090-01-01T00:00:00Z", "permission": "read"}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

// runAt runs the program with a token and a home of its own.
func runAt(t *testing.T, api string, args ...string) (code int, stderr string) {
	t.Helper()
	home := t.TempDir()
	env := map[string]string{"AIRLOCK_URL": api, "AIRLOCK_TOKEN": "x", "XDG_CONFIG_HOME": filepath.Join(home, "config"), "XDG_STATE_HOME": filepath.Join(home, "state")}
	var out, said bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &said, func(name string) string { return env[name] })
	return a.run(t.Context(), append(args, "-w", someWorkspace)), said.String()
}

// Names that lead out of the folder are refused before the first byte, and nothing is written anywhere.
func TestNamesThatWantOut(t *testing.T) {
	bytes := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("evil")) }))
	t.Cleanup(bytes.Close)
	root := t.TempDir()
	t.Chdir(root)
	for _, name := range []string{"../evil", "/evil", "a/../../evil", `..\evil`, `C:\evil`, "C:evil", "evil/", "", ".", "a\x00b", ".ssh/evil", "evil.", "evil ", "a\u202ecsv.evil"} {
		code, said := runAt(t, service(t, bytes.URL+"/c?sig=x", "fine.csv", name), "download", someRequest, "in")
		assert.Equal(t, exitFailed, code, "%q: %s", name, said)
		assert.Contains(t, said, "is not written: its name", name)
	}
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// Storage that nobody here reaches is told from an airlock that is away, and at once.
func TestStorageIsOutOfReach(t *testing.T) {
	t.Chdir(t.TempDir())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	code, said := runAt(t, service(t, "http://"+listener.Addr().String()+"/c?sig=c2VjcmV0", "a.csv"), "download", someRequest, "in")
	assert.Equal(t, exitUnreachable, code, said)
	assert.Contains(t, said, "cannot be reached from this network")
	assert.NotContains(t, said, "c2VjcmV0")

	closed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-ms-error-code", "AuthorizationFailure")
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(closed.Close)
	code, said = runAt(t, service(t, closed.URL+"/c?sig=x", "a.csv"), "download", someRequest, "in")
	assert.Equal(t, exitUnreachable, code, said)
	assert.Contains(t, said, "storage does not admit it")
}
