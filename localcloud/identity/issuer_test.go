package identity_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

// newIssuer serves an issuer; file keeps its key.
func newIssuer(t *testing.T, file string) identity.Issuer { return newServer(t, file).Issuer }

func newServer(t *testing.T, file string) *identity.Server {
	t.Helper()
	key, err := identity.LoadKey(file)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(nil)
	people := identity.NewServer(identity.Issuer{Key: key, Base: "http://" + server.Listener.Addr().String()})
	server.Config.Handler = people.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return people
}

// claims checks a token as the handler does, with a library that knows nothing of this package.
func claims(t *testing.T, issuer identity.Issuer, audience, token string) (map[string]any, error) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), issuer.URL())
	require.NoError(t, err)
	verified, err := provider.Verifier(&oidc.Config{ClientID: audience}).Verify(t.Context(), token)
	if err != nil {
		return nil, err
	}
	var c map[string]any
	require.NoError(t, verified.Claims(&c))
	return c, nil
}

func TestRolesOfThePersonas(t *testing.T) {
	issuer := newIssuer(t, filepath.Join(t.TempDir(), "key.pem"))
	const no = "refused"
	for _, c := range []struct {
		persona  string
		genomics any
		imaging  any
		core     any
	}{
		{"researcher", []any{"WorkspaceResearcher"}, no, []any{"TREUser"}},
		{"researcher2", []any{"WorkspaceResearcher"}, []any{"WorkspaceResearcher"}, []any{"TREUser"}},
		{"owner", []any{"WorkspaceOwner"}, no, []any{"TREUser"}},
		{"manager", []any{"AirlockManager"}, []any{"AirlockManager"}, []any{"TREUser"}},
		{"manager2", []any{"AirlockManager"}, no, []any{"TREUser"}},
		{"researcher-manager", []any{"WorkspaceResearcher", "AirlockManager"}, no, []any{"TREUser"}},
		{"admin", []any{}, no, []any{"TREUser", "TREAdmin"}},
	} {
		person, err := identity.FindPersona(c.persona)
		require.NoError(t, err)
		roles := func(a identity.Audience) any {
			token, err := issuer.PersonToken(person, a)
			if err != nil {
				require.ErrorContains(t, err, c.persona+" is not assigned to")
				return no
			}
			got, err := claims(t, issuer, a.ID, token)
			require.NoError(t, err)
			require.Equal(t, person.ObjectID, got["oid"])
			require.Equal(t, c.persona+"@tre.example", got["email"])
			require.Equal(t, got["email"], got["preferred_username"])
			require.Equal(t, person.DisplayName, got["name"])
			require.Equal(t, identity.Tenant, got["tid"])
			require.Equal(t, "2.0", got["ver"])
			require.NotEmpty(t, got["sub"])
			require.NotEqual(t, got["oid"], got["sub"], "a person's subject is pairwise")
			return got["roles"]
		}
		genomics, err := identity.FindWorkspace("genomics")
		require.NoError(t, err)
		imaging, err := identity.FindWorkspace("imaging")
		require.NoError(t, err)
		assert.Equal(t, c.genomics, roles(genomics.Audience()), c.persona)
		assert.Equal(t, c.imaging, roles(imaging.Audience()), c.persona)
		assert.Equal(t, c.core, roles(identity.CoreAudience()), c.persona)
	}
}

func post(t *testing.T, address string, form url.Values) (int, map[string]any) {
	t.Helper()
	resp, err := http.PostForm(address, form)
	require.NoError(t, err)
	return resp.StatusCode, object(t, resp)
}

// object reads an answer to its end.
func object(t *testing.T, resp *http.Response) (answer map[string]any) {
	t.Helper()
	defer resp.Body.Close()
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	return answer
}

func TestClientsLogIn(t *testing.T) {
	issuer := newIssuer(t, filepath.Join(t.TempDir(), "key.pem"))
	genomics, err := identity.FindWorkspace("genomics")
	require.NoError(t, err)
	imaging, err := identity.FindWorkspace("imaging")
	require.NoError(t, err)
	login := func(grant, username, scope string) (int, map[string]any) {
		return post(t, issuer.TokenEndpoint(), url.Values{"grant_type": {grant}, "username": {username}, "scope": {scope}})
	}
	for _, scope := range []string{genomics.ClientID + "/.default", genomics.ScopeID() + "/.default", "openid profile " + genomics.ScopeID() + "/user_impersonation offline_access"} {
		status, answer := login("password", "owner", scope)
		require.Equal(t, http.StatusOK, status, "%s: %v", scope, answer)
		got, err := claims(t, issuer, genomics.ClientID, answer["access_token"].(string))
		require.NoError(t, err)
		require.Equal(t, []any{"WorkspaceOwner"}, got["roles"])
		require.Equal(t, "Bearer", answer["token_type"])
	}
	for name, c := range map[string][4]string{
		"not a member":        {"password", "owner", imaging.ScopeID() + "/.default", "invalid_grant"},
		"unknown person":      {"password", "mallory", genomics.ScopeID() + "/.default", "invalid_grant"},
		"foreign application": {"password", "owner", "https://storage.azure.com/.default", "invalid_scope"},
		"unknown grant":       {"implicit", "owner", genomics.ScopeID() + "/.default", "unsupported_grant_type"},
	} {
		status, answer := login(c[0], c[1], c[2])
		require.Equal(t, http.StatusBadRequest, status, name)
		require.Equal(t, c[3], answer["error"], name)
	}

	status, answer := post(t, issuer.TokenEndpoint(), url.Values{"grant_type": {"client_credentials"}, "client_id": {"55555555-5555-4555-8555-555555555552"}, "scope": {genomics.ScopeID() + "/.default"}})
	require.Equal(t, http.StatusOK, status)
	robot, err := claims(t, issuer, genomics.ClientID, answer["access_token"].(string))
	require.NoError(t, err)
	require.Equal(t, robot["oid"], robot["sub"])
	require.NotContains(t, robot, "idtyp", "an optional claim")
	require.NotContains(t, robot, "scp")

	assertion, err := issuer.FederatedToken("robot")
	require.NoError(t, err)
	federated := url.Values{"grant_type": {"client_credentials"}, "client_id": {"55555555-5555-4555-8555-555555555552"}, "scope": {genomics.ScopeID() + "/.default"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion}}
	status, _ = post(t, issuer.TokenEndpoint(), federated)
	require.Equal(t, http.StatusOK, status)
	federated.Set("client_id", "44444444-4444-4444-8444-444444444444")
	status, answer = post(t, issuer.TokenEndpoint(), federated)
	require.Equal(t, http.StatusBadRequest, status, "the assertion is for another application")
	require.Equal(t, "invalid_client", answer["error"])

	status, answer = login("client_credentials", "", genomics.ScopeID()+"/.default")
	require.Equal(t, http.StatusOK, status)
	got, err := claims(t, issuer, genomics.ClientID, answer["access_token"].(string))
	require.NoError(t, err)
	require.Equal(t, "app", got["idtyp"])
	require.NotContains(t, got, "name")
	require.NotContains(t, got, "email")

	status, code := post(t, issuer.Base+"/"+identity.Tenant+"/oauth2/v2.0/devicecode", url.Values{"client_id": {identity.PublicClientID}, "scope": {genomics.ScopeID() + "/.default"}, "login_hint": {"manager"}})
	require.Equal(t, http.StatusOK, status)
	status, answer = post(t, issuer.TokenEndpoint(), url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {code["device_code"].(string)}})
	require.Equal(t, http.StatusOK, status)
	got, err = claims(t, issuer, genomics.ClientID, answer["access_token"].(string))
	require.NoError(t, err)
	require.Equal(t, []any{"AirlockManager"}, got["roles"])
}

// The odd tokens of tests must really be odd, or they would prove nothing.
func TestOddTokensAreRefusedByAGoodReader(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.pem")
	issuer := newIssuer(t, file)
	genomics, err := identity.FindWorkspace("genomics")
	require.NoError(t, err)
	person, err := identity.FindPersona("researcher")
	require.NoError(t, err)
	good, err := identity.PersonClaims(issuer.URL(), person, genomics.Audience(), time.Now())
	require.NoError(t, err)
	expired, err := identity.PersonClaims(issuer.URL(), person, genomics.Audience(), time.Now().Add(-3*time.Hour))
	require.NoError(t, err)
	stranger, err := identity.NewKey()
	require.NoError(t, err)
	again, err := identity.LoadKey(file)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		token string
		good  bool
	}{
		"good":                        {issuer.Key.Sign(good), true},
		"of the same key, read again": {again.Sign(good), true},
		"expired":                     {issuer.Key.Sign(expired), false},
		"another key":                 {stranger.Sign(good), false},
		"alg none":                    {identity.Unsigned(good), false},
		"HS256 with the public key":   {issuer.Key.SignHS256(good), false},
		"no claims":                   {issuer.Key.Sign(identity.Claims{}), false},
	} {
		_, err := claims(t, issuer, genomics.ClientID, c.token)
		require.Equal(t, c.good, err == nil, "%s: %v", name, err)
	}
}
