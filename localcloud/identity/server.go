package identity

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Server is the sign-in of the local tenant: people and programs get an Issuer's tokens from it as they get them from
// Entra, with Entra's paths, parameters and errors. It is safe for concurrent use.
type Server struct {
	Issuer

	mu      sync.Mutex
	codes   map[string]signIn // authorization codes that nobody has redeemed
	devices map[string]*device
	// endedAt is when all sign-ins so far ended: refresh tokens from before are worth nothing.
	endedAt time.Time
}

// NewServer returns a sign-in where nobody has signed in.
func NewServer(i Issuer) *Server {
	return &Server{Issuer: i, codes: map[string]signIn{}, devices: map[string]*device{}}
}

// EntraHost is the name that programs know the sign-in by: they take no address without TLS.
const EntraHost = "login.microsoftonline.com"

// Handler serves all of it, at Base and as EntraHost.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	tenant := "/" + Tenant
	mux.HandleFunc("GET /common/discovery/instance", s.instance)
	mux.HandleFunc("GET "+tenant+"/v2.0/.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET "+tenant+"/discovery/v2.0/keys", func(w http.ResponseWriter, r *http.Request) {
		allowOrigin(w, r)
		answer(w, http.StatusOK, map[string]any{"keys": []any{s.Key.jwk()}})
	})
	mux.HandleFunc("GET "+tenant+"/oauth2/v2.0/authorize", s.authorize)
	mux.HandleFunc("POST "+tenant+"/oauth2/v2.0/token", s.token)
	mux.HandleFunc("POST "+tenant+"/oauth2/v2.0/devicecode", s.deviceCode)
	mux.HandleFunc("GET "+tenant+"/oauth2/deviceauth", s.deviceAuth)
	mux.HandleFunc("POST "+tenant+"/oauth2/deviceauth", s.approveDevice)
	mux.HandleFunc("GET "+tenant+"/oauth2/v2.0/logout", s.logout)
	return mux
}

// EndSessions makes all refresh tokens worthless that were given out so far: whoever is signed in has to sign in again
// when their access token ends.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endedAt = time.Now().Truncate(time.Microsecond)
}

// discovery names the endpoints. Programs ask it under EntraHost and must be told an issuer of that host (MSAL Go
// compares them); a person's browser trusts no local certificate, so the pages it opens are at Base all the same.
func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	base, pages := s.Base, s.Base+"/"+Tenant
	if r.TLS != nil {
		base = "https://" + EntraHost
	}
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                Issuer{Base: base}.URL(),
		"jwks_uri":                              base + "/" + Tenant + "/discovery/v2.0/keys",
		"token_endpoint":                        Issuer{Base: base}.TokenEndpoint(),
		"device_authorization_endpoint":         base + "/" + Tenant + "/oauth2/v2.0/devicecode",
		"authorization_endpoint":                pages + "/oauth2/v2.0/authorize",
		"end_session_endpoint":                  pages + "/oauth2/v2.0/logout",
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"code", "token"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"subject_types_supported":               []string{"pairwise"},
	})
}

// instance answers MSAL's call before it trusts an authority
// (learn.microsoft.com/entra/msal, "instance discovery").
func (s *Server) instance(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	answer(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": "https://" + EntraHost + "/" + Tenant + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata":                  []any{map[string]any{"preferred_network": EntraHost, "preferred_cache": EntraHost, "aliases": []string{EntraHost}}},
	})
}

// logout ends nothing, because nothing is kept about a browser: it leads back to the page that asked.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	back := r.FormValue("post_logout_redirect_uri")
	if back == "" {
		page(w, http.StatusOK, signedOut, nil)
		return
	}
	u, err := url.Parse(back)
	if err != nil || !onLoopback(u) {
		page(w, http.StatusBadRequest, refused, fmt.Sprintf("AADSTS50011: the page %q is not one to come back to after signing out.", back))
		return
	}
	http.Redirect(w, r, back, http.StatusFound)
}

// onLoopback reports whether a URL is of a page on this machine.
func onLoopback(u *url.URL) bool {
	return u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// allowOrigin lets pages of this machine read the answer, as Entra lets those of registered pages.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Origin")
	if u, err := url.Parse(r.Header.Get("Origin")); err == nil && onLoopback(u) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	}
}

// problem is an answer that refuses, as Entra writes it.
type problem struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
	Codes       []int  `json:"error_codes"`
	Suberror    string `json:"suberror,omitempty"`
	Timestamp   string `json:"timestamp"`
}

// refuse answers with an error code of OAuth and one of Entra's numbers
// (learn.microsoft.com/entra/identity-platform/reference-error-codes).
func refuse(w http.ResponseWriter, code string, number int, text string) {
	refuseSub(w, code, "", number, text)
}

func refuseSub(w http.ResponseWriter, code, suberror string, number int, text string) {
	answer(w, http.StatusBadRequest, problem{Code: code, Suberror: suberror, Description: fmt.Sprintf("AADSTS%d: %s", number, text),
		Codes: []int{number}, Timestamp: time.Now().UTC().Format(time.RFC3339)})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// secret is a text that nobody can guess.
func secret() string { return strings.ToLower(rand.Text()) }
