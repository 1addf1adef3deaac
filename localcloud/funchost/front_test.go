package funchost

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const id = "0a1b2c3d-1111-4222-8333-444455556666"

var webFunctions = map[string]string{
	"Get":         httpFunction("items/{id:guid}", `"get"`),
	"Put":         httpFunction("items/{id:guid}", `"PUT"`),
	"Redrive":     httpFunction("parked/{event_id}/redrive", `"post"`),
	"Metadata":    httpFunction(".metadata", `"get"`),
	"Environment": httpFunction("environment", `"get"`),
	"Teapot":      httpFunction("teapot", `"get"`),
	"CatchAll":    httpFunction("any/{*rest}", `"get","post"`),
	"OnEvent":     eventFunction,
}

func TestRoutes(t *testing.T) {
	h := start(t, Options{}, webFunctions).up()
	for _, test := range []struct {
		method, target string
		want           int
		wantURI        string
	}{
		{"GET", "/api/items/" + id, 200, "/api/items/" + id},
		{"PUT", "/api/items/" + id, 200, "/api/items/" + id},
		{"DELETE", "/api/items/" + id, 404, ""},
		{"HEAD", "/api/items/" + id, 404, ""},
		{"OPTIONS", "/api/items/" + id, 404, ""},
		{"GET", "/api/items/" + id + "/", 200, "/api/items/" + id + "/"},
		{"GET", "/API/Items/" + strings.ToUpper(id), 200, "/API/Items/" + strings.ToUpper(id)},
		{"GET", "/api/items/%7B" + id + "%7D", 200, "/api/items/%7B" + id + "%7D"},
		{"GET", "/api/items/" + strings.ReplaceAll(id, "-", ""), 200, "/api/items/" + strings.ReplaceAll(id, "-", "")},
		{"GET", "/api/items/7", 404, ""},
		{"GET", "/api/items/", 404, ""},
		{"GET", "/api//items/" + id, 404, ""},
		{"GET", "/api/x/../items/" + id, 200, "/api/items/" + id},
		{"GET", "/api/.metadata", 200, "/api/.metadata"},
		{"GET", "/items/" + id, 404, ""},
		{"POST", "/OnEvent", 404, ""},
		{"POST", "/api/OnEvent", 404, ""},
		{"GET", "/api/items/" + id + "%00", 400, ""},
		{"GET", "/", 200, ""},
		{"GET", "/api/any/a?x=1&X=2&y&z=a%20b", 200, "/api/any/a?x=1%2C2&y=&z=a%20b"},
		{"GET", "/api/any", 200, "/api/any"},
	} {
		t.Run(test.method+test.target, func(t *testing.T) {
			status, got := h.do(test.method, test.target, nil, nil)
			assert.Equal(t, test.want, status)
			assert.Equal(t, test.wantURI, got.URI)
		})
	}
}

// These are the paths on which an outsider gets past the route prefix, because
// the host parses the decoded path a second time.
func TestPathsThatEscapeThePrefix(t *testing.T) {
	h := start(t, Options{}, webFunctions).up()
	for _, test := range []struct{ name, target, want string }{
		{"backslash in a catch-all", "/api/any/..%5C..%5COnEvent", "/OnEvent"},
		{"dots encoded twice", "/api/any/%252e%252e/%252E%252E/OnEvent", "/OnEvent"},
		{"a question mark cuts what follows", "/api/parked/..%5C..%5C..%5COnEvent%3F/redrive", "/OnEvent"},
		{"a hash as well", "/api/parked/..%5C..%5COnEvent%23/redrive", "/OnEvent"},
		{"an encoded slash stays", "/api/any/..%2F..%2FOnEvent", "/api/any/..%2F..%2FOnEvent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, _ := h.do("POST", test.target, nil, strings.NewReader(`{}`))
			require.Equal(t, 200, status)
			if !strings.HasPrefix(test.want, "/api/") {
				got := h.recorded()
				last := got[len(got)-1]
				assert.Equal(t, test.want, last.URI)
				assert.NotEmpty(t, last.Header.Get("X-ARR-LOG-ID"), "what gives the outsider away")
				assert.Equal(t, h.front.Listener.Addr().String(), last.Host)
			}
		})
	}
	status, _ := h.do("POST", "/api/any/%2e%2e/%2e%2e/OnEvent", nil, nil)
	assert.Equal(t, 404, status, "dots encoded once are resolved before the route is chosen")
}

func TestForwardedHeadersAndBodies(t *testing.T) {
	h := start(t, Options{}, webFunctions).up()
	header := http.Header{
		"X-Azure-Functions-Invocationid": {"forged"}, "User-Agent": {"curl/8"}, "Cookie": {"a=1", "b=2"}, "X-Multi": {"1", "2"},
		"Content-Type": {"application/json"}, "Content-Md5": {"x"}, "Content-Encoding": {"gzip"},
		"X-Forwarded-For": {"6.6.6.6"}, "X-Arr-Log-Id": {"mine"}, "Authorization": {"Bearer t"},
	}
	status, got := h.do("POST", "/api/any/x", header, strings.NewReader("hello"))
	require.Equal(t, 200, status)
	assert.Equal(t, "hello", got.Body)
	assert.Equal(t, int64(5), got.Length)
	assert.Equal(t, h.front.Listener.Addr().String(), got.Host)
	assert.True(t, strings.HasPrefix(got.Header.Get("X-Azure-Functions-InvocationId"), "forged, "))
	assert.Equal(t, "curl/8 Azure-Functions-Host/"+hostVersion, got.Header.Get("User-Agent"))
	assert.Equal(t, "a=1; b=2", got.Header.Get("Cookie"))
	assert.Equal(t, "1, 2", got.Header.Get("X-Multi"))
	assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
	assert.Equal(t, "Bearer t", got.Header.Get("Authorization"))
	assert.NotEqual(t, "mine", got.Header.Get("X-Arr-Log-Id"))
	assert.Regexp(t, `^6\.6\.6\.6, 127\.0\.0\.1:\d+$`, got.Header.Get("X-Forwarded-For"))
	assert.NotContains(t, got.Header, "Content-Md5")
	assert.NotContains(t, got.Header, "Content-Encoding")

	_, got = h.do("POST", "/api/any/x", http.Header{"Content-Type": {"application/json"}}, io.MultiReader(strings.NewReader("chunked")))
	assert.Empty(t, got.Body, "a chunked body is dropped")
	assert.NotContains(t, got.Header, "Content-Type")

	status, _ = h.do("POST", "/api/any/x", http.Header{"Content-Type": {"application/json, text/plain"}}, strings.NewReader("x"))
	assert.Equal(t, 500, status, "a Content-Type that .NET can't parse")

	status, _ = h.do("GET", "/api/teapot", nil, nil)
	assert.Equal(t, http.StatusTeapot, status)
}

func TestBodyLimit(t *testing.T) {
	h := start(t, Options{}, webFunctions).up()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.front.URL+"/api/any/x", http.NoBody)
	require.NoError(t, err)
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader("x")), bodyLimit+1
	request.Header.Set("Expect", "100-continue")
	answer, err := http.DefaultClient.Do(request)
	if err == nil { // else the client noticed first that its body was too short
		defer answer.Body.Close()
		assert.Equal(t, http.StatusRequestEntityTooLarge, answer.StatusCode)
	}
	assert.Empty(t, h.recorded())
}

func TestEnvironmentOfTheHandler(t *testing.T) {
	h := start(t, Options{Env: []string{"A=1", "B=1"}, Settings: map[string]string{"B": "2"}}, webFunctions).up()
	status, got := h.do("GET", "/api/environment", nil, nil)
	require.Equal(t, 200, status)
	environment := newSettings(got.Environment, nil)
	assert.Equal(t, "1", environment["A"])
	assert.Equal(t, "2", environment["B"])
	assert.Equal(t, environment["FUNCTIONS_CUSTOMHANDLER_PORT"], environment["FUNCTIONS_HTTPWORKER_PORT"])
	assert.Equal(t, environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"], environment["FUNCTIONS_HTTPWORKER_ID"])
	assert.Equal(t, h.app.root, environment["FUNCTIONS_APP_ROOT_PATH"])
	assert.NotContains(t, environment, "PATH", "nothing is inherited")
	root, err := filepath.EvalSymlinks(h.app.root)
	require.NoError(t, err)
	assert.Equal(t, root, got.Directory)
	logs := h.logs.String()
	assert.Contains(t, logs, `level=INFO msg="handler starts with one|two|hello"`)
	assert.Contains(t, logs, `level=WARN msg="this is a Warning"`)
	assert.Contains(t, logs, `level=ERROR msg="this is bad"`)
}

func TestSeveralInstancesTakeTurns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	h := start(t, Options{Instances: 2, PIDFile: file}, webFunctions).up()
	pids := map[int]bool{}
	for range 4 {
		_, got := h.do("GET", "/api/any/x", nil, nil)
		pids[got.PID] = true
	}
	assert.Len(t, pids, 2)
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Len(t, strings.Fields(string(raw)), 2)
	h.stop()
	raw, err = os.ReadFile(file)
	require.NoError(t, err)
	assert.Empty(t, raw)
}
