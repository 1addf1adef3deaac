package client

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseBase(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://a.example.org/api":                                  "https://a.example.org/api",
		"https://a.example.org/api/":                                 "https://a.example.org/api",
		"https://a.example.org/api/ui#/workspaces/x/requests/y":      "https://a.example.org/api",
		"https://a.example.org/api/workspaces/x/requests/y/link?a=b": "https://a.example.org/api",
		"http://127.0.0.1:7071/api":                                  "http://127.0.0.1:7071/api",
		"http://localhost:7071/api":                                  "http://localhost:7071/api",
		"http://[::1]:7071/api":                                      "http://[::1]:7071/api",
	} {
		got, err := ParseBase(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got.String())
	}
	for _, text := range []string{"", "a.example.org", "http://a.example.org/api", "ftp://127.0.0.1/", "https://me:pw@a.example.org/api", "http://127.0.0.1.example.org/api", "://"} {
		_, err := ParseBase(text)
		assert.Error(t, err, text)
	}
}

func TestProblemOf(t *testing.T) {
	t.Parallel()
	ours := problemOf(Answer{Status: 409, Header: http.Header{"Retry-After": {"3"}}, Raw: []byte(`{"status":409,"code":"changed_meanwhile","detail":"Somebody else"}`)})
	assert.Equal(t, "Somebody else (changed_meanwhile)", ours.Error())
	assert.Equal(t, 3.0, ours.RetryAfter.Seconds())
	for _, raw := range []string{"", "<html>", `{"error":"x"}`, "null"} {
		p := problemOf(Answer{Status: 502, Header: http.Header{}, Raw: []byte(raw)})
		assert.Contains(t, p.Error(), "not the airlock's")
		assert.Nil(t, p.Raw, "what is not the airlock's is not passed on")
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	var v struct{ A, B, C Time }
	require.NoError(t, json.Unmarshal([]byte(`{"A":1764332400.25,"B":null,"C":0}`), &v))
	assert.Equal(t, int64(1764332400250), v.A.UnixMilli())
	assert.True(t, v.B.IsZero() && v.C.IsZero())
}

// Every example of a request in the description of the API can be read.
func TestExamplesOfTheDescription(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../docs/openapi.json")
	require.NoError(t, err)
	var description any
	require.NoError(t, json.Unmarshal(raw, &description))
	read := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch node := v.(type) {
		case map[string]any:
			if _, ok := node["airlockRequest"].(map[string]any); ok && strings.Contains(path, "example") {
				text, err := json.Marshal(node)
				require.NoError(t, err)
				var e Envelope
				require.NoError(t, json.Unmarshal(text, &e), path)
				assert.NotEmpty(t, e.Request.ID, path)
				assert.NotEmpty(t, e.Request.Status, path)
				assert.False(t, e.Request.CreatedWhen.IsZero(), path)
				read++
			}
			for name, below := range node {
				walk(path+"/"+name, below)
			}
		case []any:
			for _, below := range node {
				walk(path, below)
			}
		}
	}
	walk("", description)
	assert.Positive(t, read)
}
