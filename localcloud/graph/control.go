package graph

import (
	"encoding/json"
	"net/http"
)

// SetDirectory replaces the tenant's content.
func (g *Graph) SetDirectory(d Directory) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.directory = d
}

// SetFaults replaces the faults to play; the zero value ends it.
func (g *Graph) SetFaults(f Faults) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = f
}

// Calls lists the calls since the start, like "GET /v1.0/users/…".
func (g *Graph) Calls() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.calls...)
}

// Control is the test control over HTTP:
//
//	GET, PUT /directory  the tenant's content, see Directory
//	GET, PUT /faults     the faults to play, see Faults; PUT {} ends it
//	GET      /calls      the calls so far
func (g *Graph) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /directory", func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, g.tenant()) })
	mux.HandleFunc("PUT /directory", func(w http.ResponseWriter, r *http.Request) {
		if d, ok := read[Directory](w, r); ok {
			g.SetDirectory(d)
			write(w, http.StatusOK, d)
		}
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		g.mu.Lock()
		faults := g.faults
		g.mu.Unlock()
		write(w, http.StatusOK, faults)
	})
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		if f, ok := read[Faults](w, r); ok {
			g.SetFaults(f)
			write(w, http.StatusOK, f)
		}
	})
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, g.Calls()) })
	return mux
}

// read decodes a control request; a misspelt member is refused.
func read[T any](w http.ResponseWriter, r *http.Request) (value T, ok bool) {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest", err.Error())
		return value, false
	}
	return value, true
}
