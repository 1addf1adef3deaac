package main

import (
	"io"
	"net/http"
	"strings"

	"example.org/airlock/handler/portal"
)

// apart sends people's requests and the host's deliveries to their own routers.
// All arrive on one port and nothing but the path tells them apart, so the
// choice is made on the path as it came, before anything cleans it: a forwarded
// "/api/..\OnScanResult" must not become a delivery.
// Deliveries check further that the host itself is calling.
func apart(api, pages, deliveries http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.EscapedPath(); {
		case path == "/" && r.Method == http.MethodGet:
			// The host's ready check: any answer will do, cheap and without effect.
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{}")
		case portal.Owns(path):
			pages.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/api/"):
			api.ServeHTTP(w, r)
		default:
			deliveries.ServeHTTP(w, r)
		}
	})
}
