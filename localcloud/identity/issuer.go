package identity

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Issuer is the OpenID Connect issuer of people's tokens, at Base (http://127.0.0.1:PORT). No secret is ever asked
// for: whoever reaches it on loopback may be anybody.
type Issuer struct {
	Key  *Key
	Base string
}

// URL is the issuer as it stands in tokens.
func (i Issuer) URL() string { return i.Base + "/" + Tenant + "/v2.0" }

// TokenEndpoint is where clients log in.
func (i Issuer) TokenEndpoint() string { return i.Base + "/" + Tenant + "/oauth2/v2.0/token" }

// PersonToken mints a token for a persona, see PersonClaims.
func (i Issuer) PersonToken(p Persona, a Audience) (string, error) {
	return i.signed(PersonClaims(i.URL(), p, a, time.Now()))
}

// Token mints an access token for the persona or application of that name.
func (i Issuer) Token(name string, a Audience) (string, error) {
	if app, err := FindApplication(name); err == nil && name != "" {
		return i.signed(ApplicationClaims(i.URL(), app, a, time.Now()))
	}
	p, err := FindPersona(name)
	if err != nil {
		return "", err
	}
	return i.PersonToken(p, a)
}

// IDToken mints an ID token for the persona of that name, see IDTokenClaims.
func (i Issuer) IDToken(name string, a Audience) (string, error) {
	p, err := FindPersona(name)
	if err != nil {
		return "", err
	}
	return i.signed(IDTokenClaims(i.URL(), p, a, time.Now()))
}

func (i Issuer) signed(c Claims, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return i.Key.Sign(c), nil
}

// Handler serves discovery, keys, token and device code endpoints, with Entra's paths.
func (i Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+Tenant+"/v2.0/.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /"+Tenant+"/discovery/v2.0/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"keys": []any{i.Key.jwk()}})
	})
	mux.HandleFunc("POST /"+Tenant+"/oauth2/v2.0/token", i.token)
	mux.HandleFunc("POST /"+Tenant+"/oauth2/v2.0/devicecode", i.deviceCode)
	return mux
}

func (i Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                i.URL(),
		"jwks_uri":                              i.Base + "/" + Tenant + "/discovery/v2.0/keys",
		"token_endpoint":                        i.TokenEndpoint(),
		"device_authorization_endpoint":         i.Base + "/" + Tenant + "/oauth2/v2.0/devicecode",
		"authorization_endpoint":                i.Base + "/" + Tenant + "/oauth2/v2.0/authorize",
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"token"},
		"subject_types_supported":               []string{"pairwise"},
	})
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// deviceCode approves at once, as the persona in login_hint (default: researcher). The code carries the name, so
// nothing has to be remembered.
func (i Issuer) deviceCode(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("login_hint")
	if name == "" {
		name = "researcher"
	}
	if _, err := findAudience(r.FormValue("scope")); err != nil {
		refuse(w, "invalid_scope", err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"device_code": name + " " + r.FormValue("scope"), "user_code": "LOCALCLOUD",
		"verification_uri": i.Base, "expires_in": 900, "interval": 1, "message": "Nothing to do: the local cloud has signed you in as " + name + "."})
}

// token answers the grants password (username: a persona), device_code and client_credentials (client_id: an
// application, the pipeline if it is none of them).
func (i Issuer) token(w http.ResponseWriter, r *http.Request) {
	username, scope := r.FormValue("username"), r.FormValue("scope")
	grant := r.FormValue("grant_type")
	if grant == deviceGrant {
		username, scope, _ = strings.Cut(r.FormValue("device_code"), " ")
	}
	audience, err := findAudience(scope)
	if err != nil {
		refuse(w, "invalid_scope", err)
		return
	}
	var c Claims
	switch grant {
	case "client_credentials":
		app, unknown := FindApplication(r.FormValue("client_id"))
		if unknown != nil {
			app, _ = FindApplication("")
		}
		c, err = ApplicationClaims(i.URL(), app, audience, time.Now())
	case "password", deviceGrant:
		var p Persona
		if p, err = FindPersona(strings.TrimSuffix(username, "@tre.example")); err == nil {
			c, err = PersonClaims(i.URL(), p, audience, time.Now())
		}
	default:
		refuse(w, "unsupported_grant_type", errors.New("password, client_credentials or device_code"))
		return
	}
	if err != nil {
		refuse(w, "invalid_grant", err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"token_type": "Bearer", "scope": scope, "expires_in": int(personLife.Seconds()), "access_token": i.Key.Sign(c)})
}

func refuse(w http.ResponseWriter, code string, err error) {
	answer(w, http.StatusBadRequest, map[string]any{"error": code, "error_description": err.Error()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
