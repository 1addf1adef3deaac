package story_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// treAPI stands for the API of an AzureTRE that keeps its own airlock no longer. It answers what clients ask it for
// beside the airlock, in AzureTRE's shapes, and notes every call.
type treAPI struct {
	mu    sync.Mutex
	calls []string
}

func (a *treAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.calls = append(a.calls, r.Method+" "+r.URL.Path)
	a.mu.Unlock()
	id := shared.Workspaces["genomics"]
	workspace := map[string]any{"id": id, "deploymentStatus": "deployed", "_etag": "x", "properties": map[string]any{"display_name": "Genomics", "enable_airlock": true}}
	answers := map[string]any{
		"GET /api/health":                                      map[string]any{"services": []any{map[string]string{"service": "Cosmos DB", "status": "OK", "message": ""}}},
		"GET /api/.metadata":                                   map[string]string{"api_version": "0.29.0"},
		"GET /api/workspaces":                                  map[string]any{"workspaces": []any{workspace}},
		"GET /api/workspaces/" + id:                            map[string]any{"workspace": workspace},
		"GET /api/workspaces/" + id + "/scopeid":               map[string]any{"workspaceAuth": map[string]string{"scopeId": "api://genomics"}},
		"GET /api/workspaces/" + id + "/workspace-services":    map[string]any{"workspaceServices": []any{}},
		"GET /api/workspaces/" + id + "/requests-of-something": map[string]any{},
		"GET /api/costs":                                       map[string]any{"costs": []any{}},
	}
	answer, known := answers[r.Method+" "+r.URL.Path]
	if !known {
		http.Error(w, "their airlock is switched off", http.StatusTeapot)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// gateway leads the paths of docs/DEPLOY.md to the airlock, and the rest to the TRE.
func gateway(t *testing.T, tre http.Handler) *httptest.Server {
	t.Helper()
	root, err := storytest.Repository()
	require.NoError(t, err)
	document, err := os.ReadFile(root + "/docs/DEPLOY.md")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^ *(\^/api/.*)$`).FindAllStringSubmatch(string(document), -1)
	require.Len(t, found, 1, "docs/DEPLOY.md has one pattern for the gateway")
	ours, err := regexp.Compile(found[0][1])
	require.NoError(t, err)
	airlock, err := url.Parse(shared.API)
	require.NoError(t, err)
	airlock.Path = ""
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(airlock) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ours.MatchString(r.URL.EscapedPath()) {
			proxy.ServeHTTP(w, r)
			return
		}
		tre.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// The take-over of an AzureTRE airlock: their API for everything, ours for the airlock's routes, behind one address.
func TestTheAirlockIsTakenOver(t *testing.T) {
	t.Parallel()
	tre := &treAPI{}
	behind, err := Open(shared.Dir)
	require.NoError(t, err)
	behind.API = gateway(t, tre).URL + "/api"
	genomics := "/workspaces/" + shared.Workspaces["genomics"]
	theirs := []string{"/health", "/.metadata", "/workspaces", genomics, genomics + "/scopeid", genomics + "/workspace-services", genomics + "/requests-of-something", "/costs"}
	for _, path := range theirs {
		a, err := behind.Call(t.Context(), Researcher, "", http.MethodGet, path, nil, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, a.Status, "%s: %s", path, a)
	}
	require.Len(t, tre.calls, len(theirs))

	var id string
	err = behind.Run(t.Context(), Story{Name: t.Name(), Play: func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("by the new one")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
		id = p.RequestID()
	}}, Options{Workspace: "genomics", Within: 60 * time.Second, Tell: func(l Line) { t.Log(l.Status, l.Who, l.What) }})
	require.NoError(t, err)
	for _, path := range []string{genomics + "/requests", genomics + "/requests?order_by=createdTime", genomics + "/requests/" + id, genomics + "/requests/" + id + "/link"} {
		a, err := behind.Call(t.Context(), Researcher, "genomics", http.MethodGet, path, nil, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, a.Status, "%s: %s", path, a)
	}
	for _, path := range []string{"/requests", "/requests?airlock_manager=true"} {
		a, err := behind.Call(t.Context(), Manager, "", http.MethodGet, path, nil, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, a.Status, "%s: %s", path, a)
	}
	// Their UI shows the body of an error as it comes.
	a, err := behind.Call(t.Context(), Researcher, "genomics", http.MethodPost, genomics+"/requests/"+id+"/review", http.Header{"Accept": {"text/plain"}}, map[string]any{"approval": true, "decisionExplanation": "x"})
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, a.Status)
	require.NotContains(t, string(a.Body), "{")
	for _, call := range tre.calls {
		require.NotRegexp(t, "/requests(/|$)", call, "no route of the airlock comes to the TRE")
	}
}
