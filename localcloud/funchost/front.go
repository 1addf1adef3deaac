package funchost

import (
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"example.org/airlock/localcloud/event"
)

// bodyLimit is the largest request body the host takes (ScriptConstants.cs).
const bodyLimit = 104857600

// ServeHTTP is the public front, as App Service and the host together answer.
// A known route with another method is 404, since ASP.NET's method constraint
// makes the route not match.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw := r.URL.EscapedPath()
	if strings.HasPrefix(r.RequestURI, "/") {
		raw, _, _ = strings.Cut(r.RequestURI, "?")
	}
	path, err := serverPath(raw)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.ContentLength > bodyLimit {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	lower := strings.ToLower(path)
	switch {
	case path == "/":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><body>Your Functions 4.0 App is up and running</body></html>")
	case strings.HasPrefix(lower, "/admin/"):
		h.serveAdmin(w, r, strings.Trim(path[len("/admin/"):], "/"))
	case strings.HasPrefix(lower, "/runtime/webhooks/"):
		h.serveWebhook(w, r, strings.Trim(lower[len("/runtime/webhooks/"):], "/"))
	default:
		h.serveFunction(w, r, path)
	}
}

func (h *Host) serveFunction(w http.ResponseWriter, r *http.Request, path string) {
	i := slices.IndexFunc(h.routed, func(f *function) bool { return f.takes(r.Method) && f.route.match(path) })
	if i < 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	f := h.routed[i]
	if !strings.EqualFold(f.trigger.AuthLevel, "anonymous") && !h.hasKey(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	h.forward(w, r, f, path)
}

// hasKey says whether the request carries the host's key.
func (h *Host) hasKey(r *http.Request) bool {
	key := r.Header.Get("x-functions-key")
	if key == "" {
		key = r.URL.Query().Get("code")
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(h.options.Key)) == 1
}

// arrive adds the headers that the App Service front end adds to every request from outside.
func arrive(r *http.Request) {
	r.Header.Set("X-ARR-LOG-ID", event.NewID())
	r.Header["X-Forwarded-For"] = append(r.Header["X-Forwarded-For"], r.RemoteAddr)
}

// readBody reads a webhook's body up to the host's limit.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err == nil && len(body) > bodyLimit {
		err = http.ErrContentLength
	}
	return body, err
}
