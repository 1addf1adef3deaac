// Package graph stands in for the few Microsoft Graph calls that find the
// members of a workspace's roles: app role assignments, groups, people. It pages,
// throttles, fails and hangs as told.
package graph

import (
	"cmp"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Config of the stand-in.
type Config struct {
	// Directory is the tenant's content; nil means Local.
	Directory *Directory
	// Authorize refuses a call without a proper token; nil lets all pass.
	Authorize func(*http.Request) error
	// PageSize is the largest page; 0 means Graph's 100.
	PageSize int
	Log      *slog.Logger
}

// Faults are the faults to play.
type Faults struct {
	// Throttle answers 429 to the next so many calls, with this Retry-After in seconds.
	Throttle   int `json:"throttle,omitempty"`
	RetryAfter int `json:"retryAfter,omitempty"`
	// Fail answers Status (0 means 503) to the next so many calls; -1 means to all.
	Fail   int `json:"fail,omitempty"`
	Status int `json:"status,omitempty"`
	// Hang holds every call for so many milliseconds, or until the caller leaves.
	HangMilliseconds int `json:"hangMilliseconds,omitempty"`
}

// Graph is the stand-in; ServeHTTP answers as https://graph.microsoft.com.
type Graph struct {
	config Config
	mux    *http.ServeMux

	mu        sync.Mutex
	directory Directory
	faults    Faults
	calls     []string
}

// New returns a Graph that answers at once.
func New(c Config) *Graph {
	c.PageSize = cmp.Or(c.PageSize, 100)
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	g := &Graph{config: c, mux: http.NewServeMux()}
	if c.Directory != nil {
		g.directory = *c.Directory
	} else {
		g.directory = Local()
	}
	g.mux.HandleFunc("GET /v1.0/servicePrincipals/{id}", g.oneOf(spType))
	g.mux.HandleFunc("GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo", g.assignments)
	g.mux.HandleFunc("GET /v1.0/groups/{id}/transitiveMembers", g.members)
	g.mux.HandleFunc("GET /v1.0/users/{id}", g.oneOf(userType))
	g.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusBadRequest, "BadRequest", "Resource not found for the segment in "+r.URL.Path)
	})
	return g
}

// ServeHTTP checks the token, then lets the faults strike, then answers.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.config.Authorize != nil {
		if err := g.config.Authorize(r); err != nil {
			refuse(w, http.StatusUnauthorized, "InvalidAuthenticationToken", err.Error())
			return
		}
	}
	g.mu.Lock()
	g.calls = append(g.calls, r.Method+" "+r.URL.RequestURI())
	faults := g.strike()
	g.mu.Unlock()
	if faults.HangMilliseconds > 0 {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(time.Duration(faults.HangMilliseconds) * time.Millisecond):
		}
	}
	switch {
	case faults.Throttle > 0:
		w.Header().Set("Retry-After", itoa(faults.RetryAfter))
		refuse(w, http.StatusTooManyRequests, "TooManyRequests", "Too many requests")
	case faults.Fail != 0:
		refuse(w, cmp.Or(faults.Status, http.StatusServiceUnavailable), "ServiceUnavailable", "told to fail")
	default:
		g.mux.ServeHTTP(w, r)
	}
}

// strike returns the faults for one call and counts it. The mutex is held.
func (g *Graph) strike() Faults {
	now := g.faults
	switch {
	case now.Throttle > 0:
		g.faults.Throttle--
	case now.Fail > 0:
		g.faults.Fail--
	}
	return now
}

func (g *Graph) tenant() Directory {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.directory
}

// oneOf answers a single entity of the given type.
func (g *Graph) oneOf(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o, ok := g.tenant().object(r.PathValue("id"))
		if !ok || o[typeOf] != kind {
			notFound(w, r.PathValue("id"))
			return
		}
		o = o.selected(r.URL.Query().Get("$select"))
		delete(o, typeOf) // the address says it
		write(w, http.StatusOK, o)
	}
}

func (g *Graph) assignments(w http.ResponseWriter, r *http.Request) {
	d := g.tenant()
	sp, ok := d.servicePrincipal(r.PathValue("id"))
	if !ok {
		notFound(w, r.PathValue("id"))
		return
	}
	all := []object{}
	for _, a := range sp.Assignments {
		principal, _ := d.object(a.PrincipalID)
		all = append(all, object{
			"id": sp.ID + "/" + a.PrincipalID + "/" + a.AppRoleID, "appRoleId": a.AppRoleID, "principalId": a.PrincipalID,
			"principalType": a.PrincipalType, "principalDisplayName": principal["displayName"],
			"resourceId": sp.ID, "resourceDisplayName": sp.DisplayName,
		})
	}
	g.page(w, r, all)
}

// members lists a group's members.
func (g *Graph) members(w http.ResponseWriter, r *http.Request) {
	d := g.tenant()
	if _, ok := d.group(r.PathValue("id")); !ok {
		notFound(w, r.PathValue("id"))
		return
	}
	g.page(w, r, d.transitiveMembers(r.PathValue("id")))
}
