package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.org/airlock/handler/airlock"
)

// FuzzListQuery: no query string panics the list, and what reaches the store is
// within the documented limits.
func FuzzListQuery(f *testing.F) {
	for _, seed := range []string{"status=draft", "order_ascending=maybe&order_by=title", "limit=1e9", "%zz", "creator_user_id=%00&type=%ff", "page=" + strings.Repeat("x", 5000), "&&==&", "order_by=title&page=sorted.7", "status=draft&status=lost", "held_by=nobody&q=%00&updated_since=NaN"} {
		f.Add(seed)
	}
	s := newFakeService()
	api := newAPI(s, io.Discard)
	f.Fuzz(func(t *testing.T, query string) {
		s.query = airlock.Query{Limit: 1}
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, requestsPath, nil)
		r.URL = &url.URL{Path: requestsPath, RawQuery: query}
		r.Header.Set("Authorization", "Bearer "+researcher())
		api.ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 422 {
			t.Fatalf("%q: %d %s", query, w.Code, w.Body)
		}
		q := s.query
		if q.Limit < 1 || q.Limit > 1000 || slices.ContainsFunc(q.Statuses, func(s airlock.Status) bool { return !s.Valid() }) || q.Type != "" && !q.Type.Valid() ||
			strings.ContainsFunc(string(q.CreatedBy), func(r rune) bool { return r <= ' ' || r == '\'' || r >= 0x7f }) {
			t.Fatalf("%q reached the store as %+v", query, q)
		}
	})
}
