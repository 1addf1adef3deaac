package httpapi

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/airlock/handler/airlock"
)

// FuzzPath: no path panics the router, and every call that reaches a route has
// parameters that are ids in their one true form.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/api/health", "/api/..%5COnScanResult", "/api//health", "/api/workspaces/9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11/requests/AF89dccd-cdf8-4e47-8cfe-995faeac0f09/link",
		"/api/operations/parked-events/01a207d9-2100-8177-9023-daf36fa526b9/redrive", "/api/operations/parked-events/../redrive", "*", "", "%"} {
		f.Add(seed)
	}
	rt := idleAPI().router
	f.Fuzz(func(t *testing.T, path string) {
		for _, m := range rt.at(path) {
			if strings.ContainsAny(path, "%\\?#") || strings.Contains(path, "//") || strings.Contains(path, "/./") || strings.Contains(path, "/../") {
				t.Fatalf("%q reached %v", path, m.segments)
			}
			for name, value := range m.parameters {
				if id, err := airlock.ParseRequestID(value); err != nil || string(id) != value {
					t.Fatalf("%q gave %s=%q", path, name, value)
				}
			}
		}
	})
}

// FuzzBody: every reader understands a body as the strict reader does.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"type":"import"}`, `{"type":"import","TYPE":"export"}`, `{"a":{"b":[1,{"c":null}]}}`, `{"ſ":1,"s":2}`, "\xef\xbb\xbf{}", `[[[[]]]]`, `{"a":1}{}`, `"\ud800"`, "null", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var tree any
		if err := unmarshalStrictly(body, &tree); err != nil {
			if !utf8.ValidString(err.Error()) || len(err.Error()) > 100 {
				t.Fatalf("error text %q", err)
			}
			return
		}
		if !utf8.Valid(body) || !json.Valid(body) {
			t.Fatalf("took %q", body)
		}
		var in NewAirlockRequest
		if unmarshalStrictly(body, &in) != nil {
			return
		}
		object, ok := tree.(map[string]any)
		if !ok {
			return
		}
		// The typed reading and the reading that was validated must agree.
		for name, value := range object {
			if text, isText := value.(string); isText && strings.EqualFold(name, "type") && text != in.Type {
				t.Fatalf("validated %q, decoded %q", text, in.Type)
			}
		}
	})
}

// FuzzLaxBool: body and query read the same words alike.
func FuzzLaxBool(f *testing.F) {
	for _, seed := range []string{"true", "True", "1", "yes", "", " true", "0", "2", "оn"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var q, b laxBool
		errQuery := q.UnmarshalText([]byte(text))
		quotedText, err := json.Marshal(text)
		if err != nil || !utf8.ValidString(text) {
			return
		}
		if errBody := json.Unmarshal(quotedText, &b); (errQuery == nil) != (errBody == nil) || q != b {
			t.Fatalf("%q: query %v %v, body %v %v", text, q, errQuery, b, errBody)
		}
	})
}

// FuzzIfMatch: a tag that is taken is one printable word.
func FuzzIfMatch(f *testing.F) {
	for _, seed := range []string{`"a"`, `W/"a"`, "*", "", `"`, `""`, `"a","b"`, "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		tag, err := ifMatch(header)
		if err == nil && strings.ContainsAny(tag, "\" ,\r\n\x00") {
			t.Fatalf("%q gave %q", header, tag)
		}
		if err == nil && tag == "" && strings.TrimSpace(header) != "" {
			t.Fatalf("%q counts as no version", header)
		}
		if err == nil && tag != "" && tag != "*" {
			if again, err := ifMatch(quotedTag(tag)); err != nil || again != tag {
				t.Fatalf("%q does not come back", tag)
			}
		}
	})
}

// FuzzPageToken: no token panics or escapes the bounds of a sorted list.
func FuzzPageToken(f *testing.F) {
	for _, seed := range []string{"", "sorted.0", "sorted.1000", "sorted.-1", "sorted.65536", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		n, err := offset(token)
		if err == nil && (n < 0 || n > maxSorted) {
			t.Fatalf("%q gave %d", token, n)
		}
	})
}
