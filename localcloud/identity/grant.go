package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// token answers the grants authorization_code, refresh_token, device_code, password (username: a persona) and
// client_credentials (client_id: an application, the pipeline if it is none of them; a federated token is checked, a
// secret is not).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	switch r.FormValue("grant_type") {
	case "authorization_code":
		s.fromCode(w, r)
	case "refresh_token":
		s.fromRefresh(w, r)
	case deviceGrant, "device_code": // MSAL's name, which Entra takes as well
		s.fromDevice(w, r)
	case "password":
		p, err := FindPersona(strings.TrimSuffix(r.FormValue("username"), "@tre.example"))
		if err != nil {
			refuse(w, "invalid_grant", 50034, err.Error())
			return
		}
		s.give(w, session{persona: p, since: time.Now()}, r.FormValue("scope"), "")
	case "client_credentials":
		s.toApplication(w, r)
	default:
		refuse(w, "unsupported_grant_type", 70003, "authorization_code, refresh_token, device_code, password or client_credentials")
	}
}

func (s *Server) toApplication(w http.ResponseWriter, r *http.Request) {
	app, unknown := FindApplication(r.FormValue("client_id"))
	if unknown != nil {
		app, _ = FindApplication("")
	}
	if kind := r.FormValue("client_assertion_type"); kind != "" {
		if err := s.federated(app, kind, r.FormValue("client_assertion")); err != nil {
			refuse(w, "invalid_client", 700213, err.Error())
			return
		}
	}
	audience, err := findAudience(r.FormValue("scope"))
	if err != nil {
		refuse(w, "invalid_scope", 70011, err.Error())
		return
	}
	c, err := ApplicationClaims(s.URL(), app, audience, time.Now())
	if err != nil {
		refuse(w, "invalid_grant", 501051, err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": seconds(personLife), "ext_expires_in": seconds(personLife), "access_token": s.Key.Sign(c)})
}

func (s *Server) fromCode(w http.ResponseWriter, r *http.Request) {
	in, ok := s.redeem(r.FormValue("code"))
	origin := r.Header.Get("Origin")
	switch {
	case !ok:
		refuse(w, "invalid_grant", 54005, "the code is unknown, was redeemed already, or is older than a minute.")
	case r.FormValue("client_id") != PublicClientID || r.FormValue("redirect_uri") != in.redirect:
		refuse(w, "invalid_grant", 500112, "the code was given to another client or redirect URI.")
	case !in.proves(r.FormValue("code_verifier")):
		refuse(w, "invalid_grant", 501481, "the code_verifier does not match the code_challenge.")
	case in.browser && (origin == "" || !strings.HasPrefix(in.redirect, origin+"/")):
		refuse(w, "invalid_request", 9002327, "tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.")
	case !in.browser && origin != "":
		refuse(w, "invalid_request", 9002326, "cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.")
	default:
		scope := r.FormValue("scope")
		if scope == "" {
			scope = in.scope
		}
		s.give(w, session{persona: in.persona, since: time.Now(), browser: in.browser}, scope, in.nonce)
	}
}

func (s *Server) fromRefresh(w http.ResponseWriter, r *http.Request) {
	session, err := s.sessionOf(r.FormValue("refresh_token"))
	if err != nil {
		// MSAL asks its user to sign in again at this suberror.
		refuseSub(w, "invalid_grant", "bad_token", 700084, err.Error())
		return
	}
	if (r.Header.Get("Origin") != "") != session.browser {
		refuse(w, "invalid_request", 9002327, "a refresh token of a page works from that page only, and one of a program from no page.")
		return
	}
	s.give(w, session, r.FormValue("scope"), "")
}

// give answers with tokens for the audience in scope.
func (s *Server) give(w http.ResponseWriter, in session, scope, nonce string) {
	audience, err := findAudience(scope)
	if err != nil {
		refuse(w, "invalid_scope", 70011, err.Error())
		return
	}
	access, err := PersonClaims(s.URL(), in.persona, audience, time.Now())
	if err != nil {
		refuse(w, "invalid_grant", 50105, err.Error())
		return
	}
	body := map[string]any{"token_type": "Bearer", "scope": scope, "expires_in": seconds(personLife), "ext_expires_in": seconds(personLife),
		"access_token": s.Key.Sign(access), "client_info": clientInfo(in.persona)}
	words := strings.Fields(scope)
	for _, word := range words {
		switch word {
		case "openid":
			body["id_token"] = s.Key.Sign(signInClaims(s.URL(), in.persona, nonce, time.Now()))
		case "offline_access":
			body["refresh_token"] = s.refreshToken(in)
		}
	}
	answer(w, http.StatusOK, body)
}

func seconds(d time.Duration) int { return int(d.Seconds()) }

// clientInfo says which account of which tenant signed in.
func clientInfo(p Persona) string {
	text, err := json.Marshal(map[string]string{"uid": p.ObjectID, "utid": Tenant})
	if err != nil { // two texts
		panic(err)
	}
	return b64.EncodeToString(text)
}

// session is somebody's sign-in, which refresh tokens carry on.
type session struct {
	persona Persona
	since   time.Time
	browser bool
}

// How long a sign-in lasts: a page's 24 hours from its begin, however often its tokens are renewed
// (learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime).
const (
	browserSession = 24 * time.Hour
	programSession = 90 * 24 * time.Hour
)

// refreshAudience is for refresh tokens alone: no API takes one.
const refreshAudience = "urn:localcloud:refresh"

// refreshToken is the session, signed. It outlives a restart of the local cloud.
func (s *Server) refreshToken(in session) string {
	life := programSession
	if in.browser {
		life = browserSession
	}
	return s.Key.Sign(Claims{"aud": refreshAudience, "persona": in.persona.Name, "browser": in.browser,
		"since": in.since.UnixMicro(), "exp": in.since.Add(life).Unix()})
}

func (s *Server) sessionOf(token string) (session, error) {
	ended := errors.New("the refresh token has expired; sign in again")
	c, err := s.Key.Verify(token, time.Now())
	if err != nil || c["aud"] != refreshAudience {
		return session{}, ended
	}
	name, _ := c["persona"].(string)
	browser, _ := c["browser"].(bool)
	microseconds, _ := c["since"].(float64)
	in := session{since: time.UnixMicro(int64(microseconds)), browser: browser}
	if in.persona, err = FindPersona(name); err != nil {
		return session{}, fmt.Errorf("%w: %w", ended, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.since.Before(s.endedAt) {
		return session{}, ended
	}
	return in, nil
}
