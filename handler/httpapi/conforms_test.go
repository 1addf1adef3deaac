package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// document is the served OpenAPI document, read by a validator that knows
// nothing of the code that wrote it.
type document struct {
	operations map[string]map[string]any // "METHOD /path" -> operation
	compiler   *jsonschema.Compiler
	mu         sync.Mutex
	schemas    map[string]*jsonschema.Schema
}

var openapi = sync.OnceValue(func() *document {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(newAPI(newFakeService(), io.Discard).OpenAPI()))
	if err != nil {
		panic(err)
	}
	root := raw.(map[string]any)
	// Clients must tolerate new members, but our tests must not: an answer with a
	// member that nobody documented is a mistake.
	for name, schema := range root["components"].(map[string]any)["schemas"].(map[string]any) {
		if s := schema.(map[string]any); s["properties"] != nil && name != "Problem" {
			s["additionalProperties"] = false
		}
	}
	d := &document{operations: map[string]map[string]any{}, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	for path, item := range root["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			d.operations[strings.ToUpper(method)+" "+path] = operation.(map[string]any)
		}
	}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource("openapi.json", raw); err != nil {
		panic(err)
	}
	return d
})

// find returns the operation of a call, and false for an undocumented call. A path that is
// documented as it stands goes before one with parameters.
func (d *document) find(method, path string) (key string, operation map[string]any, ok bool) {
	if exact := method + " " + strings.TrimPrefix(path, "/api"); d.operations[exact] != nil {
		return exact, d.operations[exact], true
	}
	segments := strings.Split(strings.TrimPrefix(path, "/api"), "/")
	for key, operation := range d.operations {
		m, template, _ := strings.Cut(key, " ")
		parts := strings.Split(template, "/")
		if m != method || len(parts) != len(segments) {
			continue
		}
		fits := true
		for i := range parts {
			fits = fits && (parts[i] == segments[i] || strings.HasPrefix(parts[i], "{"))
		}
		if fits {
			return key, operation, true
		}
	}
	return "", nil, false
}

// schema compiles the schema of one answer.
func (d *document) schema(t testing.TB, key, status, media string) *jsonschema.Schema {
	d.mu.Lock()
	defer d.mu.Unlock()
	method, path, _ := strings.Cut(key, " ")
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace
	where := "openapi.json#/paths/" + escape(path) + "/" + strings.ToLower(method) + "/responses/" + status + "/content/" + escape(media) + "/schema"
	if d.schemas[where] == nil {
		s, err := d.compiler.Compile(where)
		require.NoError(t, err)
		d.schemas[where] = s
	}
	return d.schemas[where]
}

// conforms holds an answer against the document: status, media type, body, and
// for problems the code.
func conforms(t testing.TB, req *http.Request, a answer) {
	t.Helper()
	key, operation, ok := openapi().find(req.Method, req.URL.Path)
	if !ok {
		if req.Method != http.MethodHead { // HEAD is GET without a body
			require.Contains(t, []int{http.StatusNoContent, http.StatusNotFound, http.StatusMethodNotAllowed}, a.StatusCode, "%s %s", req.Method, req.URL.Path)
		}
		return
	}
	status := strconv.Itoa(a.StatusCode)
	response, documented := operation["responses"].(map[string]any)[status].(map[string]any)
	require.True(t, documented, "%s answered %s, which is not documented: %s", key, status, a.body)
	for name := range headersOf(response) {
		if name != "Link" {
			require.NotEmpty(t, a.Header.Get(name), "%s %s lacks header %s", key, status, name)
		}
	}
	if response["content"] == nil {
		require.Empty(t, a.body, "%s %s", key, status)
		return
	}
	media, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Contains(t, response["content"], media, key)
	if media == "application/zip" { // no schema says more
		return
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	require.NoError(t, err, string(a.body))
	require.NoError(t, openapi().schema(t, key, status, media).Validate(body), "%s answered %s", key, a.body)
}

func headersOf(response map[string]any) map[string]any {
	h, _ := response["headers"].(map[string]any)
	return h
}

// TestExamplesConform: the examples in the document fit their schemas.
func TestExamplesConform(t *testing.T) {
	seen := 0
	for key, operation := range openapi().operations {
		for status, response := range operation["responses"].(map[string]any) {
			content, _ := response.(map[string]any)["content"].(map[string]any)
			for media, m := range content {
				if example, ok := m.(map[string]any)["example"]; ok {
					seen++
					require.NoError(t, openapi().schema(t, key, status, media).Validate(example), key)
				}
			}
		}
	}
	require.GreaterOrEqual(t, seen, 8)
}

// TestInputsAreDocumentedWithTheirLimits: what the edge refuses, the document
// forbids, by the same type.
func TestInputsAreDocumentedWithTheirLimits(t *testing.T) {
	raw, err := json.Marshal(openapi().operations["POST /workspaces/{workspace_id}/requests"]["requestBody"])
	require.NoError(t, err)
	require.Contains(t, string(raw), "NewAirlockRequest")
	s, err := openapi().compiler.Compile("openapi.json#/components/schemas/NewAirlockRequest")
	require.NoError(t, err)
	valid := func(body string) bool {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		require.NoError(t, err)
		return s.Validate(v) == nil
	}
	require.True(t, valid(`{"type":"import"}`))
	require.False(t, valid(`{"type":"sideways"}`))
	require.False(t, valid(`{"title":"T"}`))
	require.True(t, valid(`{"type":"import","title":"`+strings.Repeat("é", 200)+`"}`))
	require.False(t, valid(`{"type":"import","title":"`+strings.Repeat("é", 201)+`"}`))
	require.False(t, valid(`{"type":"import","title":" \t"}`))
}
