package identity

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// signIn is a sign-in on its way from the page to the token endpoint.
type signIn struct {
	persona   Persona
	redirect  string
	challenge string // of PKCE, S256
	nonce     string
	scope     string
	browser   bool // the redirect is a single-page application's
	expires   time.Time
}

const codeLife = time.Minute

// authorize shows who one can be and leads back with a code. login_hint with the mail of a persona chooses without the
// page, unless prompt asks for it. Entra keeps a cookie and answers prompt=none by it; here nobody is ever signed in.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	redirect, browser, ok := redirectOf(r)
	if !ok {
		page(w, http.StatusBadRequest, refused, "AADSTS50011: the redirect URI "+quoted(r.FormValue("redirect_uri"))+
			" is none of the local client's. A page comes back to …/api/ui, a program on this machine to http://localhost:PORT.")
		return
	}
	if r.FormValue("client_id") != PublicClientID {
		page(w, http.StatusBadRequest, refused, "AADSTS700016: there is no application "+quoted(r.FormValue("client_id"))+" in the local tenant.")
		return
	}
	back := func(values url.Values) { comeBack(w, r, redirect, values) }
	no := func(code, text string) { back(url.Values{"error": {code}, "error_description": {text}}) }
	switch _, err := findAudience(r.FormValue("scope")); {
	case r.FormValue("response_type") != "code":
		no("unsupported_response_type", "AADSTS700054: only response_type=code is enabled for the local client.")
		return
	case browser && r.FormValue("code_challenge") == "" || r.FormValue("code_challenge") != "" && r.FormValue("code_challenge_method") != "S256":
		no("invalid_request", "AADSTS9002325: Proof Key for Code Exchange is required, with code_challenge_method=S256.")
		return
	case err != nil:
		no("invalid_scope", "AADSTS70011: "+err.Error())
		return
	case r.FormValue("prompt") == "none":
		no("login_required", "AADSTS50058: nobody is signed in.")
		return
	}
	persona, chosen := choice(r)
	if !chosen {
		page(w, http.StatusOK, picker, pickerOf(r))
		return
	}
	code := s.remember(signIn{persona: persona, redirect: redirect, challenge: r.FormValue("code_challenge"), nonce: r.FormValue("nonce"),
		scope: r.FormValue("scope"), browser: browser, expires: time.Now().Add(codeLife)})
	values := url.Values{"code": {code}}
	if r.FormValue("client_info") == "1" {
		values.Set("client_info", clientInfo(persona))
	}
	back(values)
}

// redirectOf is the redirect URI, if it is one of the local client's registration: see entra/register.sh client.
// Entra compares everything but the port of localhost
// (learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions).
func redirectOf(r *http.Request) (redirect string, browser, ok bool) {
	redirect = r.FormValue("redirect_uri")
	u, err := url.Parse(redirect)
	if err != nil || !onLoopback(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", false, false
	}
	browser = u.Path == "/api/ui"
	return redirect, browser, browser || u.Hostname() == "localhost" && (u.Path == "" || u.Path == "/")
}

// choice is the persona that was chosen on the page, or by a hint. Entra's hint fills in a name only where somebody
// has to type one; here there is nothing to type.
func choice(r *http.Request) (Persona, bool) {
	name := r.FormValue("persona")
	if name == "" && r.FormValue("prompt") != "select_account" && r.FormValue("prompt") != "login" {
		name, _ = strings.CutSuffix(r.FormValue("login_hint"), "@tre.example")
	}
	p, err := FindPersona(name)
	return p, err == nil
}

// comeBack leads to the redirect URI with values and the state as it came.
func comeBack(w http.ResponseWriter, r *http.Request, redirect string, values url.Values) {
	if state := r.FormValue("state"); state != "" {
		values.Set("state", state)
	}
	switch r.FormValue("response_mode") {
	case "form_post":
		page(w, http.StatusOK, formPost, map[string]any{"Action": redirect, "Values": values})
	case "fragment":
		http.Redirect(w, r, redirect+"#"+values.Encode(), http.StatusFound)
	default:
		http.Redirect(w, r, redirect+"?"+values.Encode(), http.StatusFound)
	}
}

func (s *Server) remember(in signIn) (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for code, old := range s.codes {
		if time.Now().After(old.expires) {
			delete(s.codes, code)
		}
	}
	code = secret()
	s.codes[code] = in
	return code
}

// redeem returns the sign-in of a code and forgets it: a code works once.
func (s *Server) redeem(code string) (signIn, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.codes[code]
	delete(s.codes, code)
	return in, ok && time.Now().Before(in.expires)
}

// proves reports whether a verifier is the one behind the challenge (RFC 7636).
func (in signIn) proves(verifier string) bool {
	if in.challenge == "" {
		return verifier == ""
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(b64.EncodeToString(sum[:])), []byte(in.challenge)) == 1
}
