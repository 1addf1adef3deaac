package identity_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

// browser goes to a page and follows no redirect, so that a test sees where it leads.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

const (
	verifier = "a-verifier-of-forty-three-characters-or-more"
	portal   = "http://127.0.0.1:7071/api/ui"
)

// asked are the parameters that msal-browser 5.30.0 sends.
func asked(scope string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{"client_id": {identity.PublicClientID}, "scope": {scope + " openid profile offline_access"}, "redirect_uri": {portal},
		"response_type": {"code"}, "response_mode": {"fragment"}, "state": {"st|ate"}, "nonce": {"once"}, "client_info": {"1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
		"client-request-id": {"1"}, "x-client-SKU": {"msal.js.browser"}, "clidata": {"1"}}
}

// visit opens the page to sign in with some parameters changed.
func visit(t *testing.T, issuer identity.Issuer, q url.Values, changes ...string) (status int, location *url.URL, page string) {
	t.Helper()
	for i := 0; i < len(changes); i += 2 {
		if q.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	resp, err := browser.Get(issuer.Base + "/" + identity.Tenant + "/oauth2/v2.0/authorize?" + q.Encode())
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	location, err = url.Parse(resp.Header.Get("Location"))
	require.NoError(t, err)
	return resp.StatusCode, location, string(text)
}

// redeem posts to the token endpoint as a page of origin does, or a program if it is "".
func redeem(t *testing.T, issuer identity.Issuer, origin string, form url.Values) (int, map[string]any, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer.TokenEndpoint(), strings.NewReader(form.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	return resp.StatusCode, object(t, resp), resp.Header
}

// code is a fresh code for a persona.
func code(t *testing.T, issuer identity.Issuer, scope, persona string) url.Values {
	t.Helper()
	status, location, page := visit(t, issuer, asked(scope), "persona", persona)
	require.Equal(t, http.StatusFound, status, page)
	values, err := url.ParseQuery(location.Fragment)
	require.NoError(t, err)
	return url.Values{"grant_type": {"authorization_code"}, "client_id": {identity.PublicClientID}, "redirect_uri": {portal},
		"code": {values.Get("code")}, "code_verifier": {verifier}, "scope": {scope + " openid profile offline_access"}}
}

func TestAPersonSignsInToThePortal(t *testing.T) {
	people := newServer(t, filepath.Join(t.TempDir(), "key.pem"))
	core, origin := "api://"+identity.CoreClientID+"/user_impersonation", "http://127.0.0.1:7071"

	status, _, page := visit(t, people.Issuer, asked(core))
	require.Equal(t, http.StatusOK, status)
	for _, p := range identity.Personas() {
		require.Contains(t, page, `value="`+p.Name+`"`)
		require.Contains(t, page, p.Mail)
	}
	require.Contains(t, page, "Genomics: WorkspaceResearcher; Imaging: no member; core: TREUser")

	status, location, _ := visit(t, people.Issuer, asked(core), "login_hint", "manager@tre.example")
	require.Equal(t, http.StatusFound, status)
	require.Equal(t, portal, location.Scheme+"://"+location.Host+location.Path)
	values, err := url.ParseQuery(location.Fragment)
	require.NoError(t, err)
	require.Equal(t, "st|ate", values.Get("state"))
	status, _, _ = visit(t, people.Issuer, asked(core), "login_hint", "manager@tre.example", "prompt", "select_account")
	require.Equal(t, http.StatusOK, status, "select_account asks")
	_, location, _ = visit(t, people.Issuer, asked(core), "prompt", "none")
	require.Contains(t, location.Fragment, "error=login_required")

	status, tokens, header := redeem(t, people.Issuer, origin, code(t, people.Issuer, core, "manager"))
	require.Equal(t, http.StatusOK, status, "%v", tokens)
	require.Equal(t, origin, header.Get("Access-Control-Allow-Origin"))
	got, err := claims(t, people.Issuer, identity.CoreClientID, tokens["access_token"].(string))
	require.NoError(t, err)
	require.Equal(t, []any{"TREUser"}, got["roles"])
	id, err := claims(t, people.Issuer, identity.PublicClientID, tokens["id_token"].(string))
	require.NoError(t, err)
	require.Equal(t, "once", id["nonce"])
	require.Equal(t, "manager@tre.example", id["preferred_username"])
	info, err := base64.RawURLEncoding.DecodeString(tokens["client_info"].(string))
	require.NoError(t, err)
	require.JSONEq(t, `{"uid":"`+got["oid"].(string)+`","utid":"`+identity.Tenant+`"}`, string(info))

	refresh := func(token, audience string) (int, map[string]any) {
		status, body, _ := redeem(t, people.Issuer, origin, url.Values{"grant_type": {"refresh_token"}, "client_id": {identity.PublicClientID},
			"refresh_token": {token}, "scope": {"api://" + audience + "/user_impersonation openid profile offline_access"}})
		return status, body
	}
	for _, w := range identity.Workspaces() {
		status, more := refresh(tokens["refresh_token"].(string), w.ClientID)
		require.Equal(t, http.StatusOK, status, "%v", more)
		got, err := claims(t, people.Issuer, w.ClientID, more["access_token"].(string))
		require.NoError(t, err)
		require.Equal(t, []any{"AirlockManager"}, got["roles"])
		tokens["refresh_token"] = more["refresh_token"]
	}
	people.EndSessions()
	status, body := refresh(tokens["refresh_token"].(string), identity.CoreClientID)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "invalid_grant", body["error"])
	require.Equal(t, "bad_token", body["suberror"])

	_, own, _ := redeem(t, people.Issuer, origin, code(t, people.Issuer, core, "owner"))
	imaging, err := identity.FindWorkspace("imaging")
	require.NoError(t, err)
	status, body = refresh(own["refresh_token"].(string), imaging.ClientID)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, body["error_description"], "owner is not assigned to workspace imaging")
	_, err = claims(t, people.Issuer, identity.CoreClientID, own["refresh_token"].(string))
	require.Error(t, err, "a refresh token opens nothing")
}

func TestACodeIsForOneClientOnce(t *testing.T) {
	people := newServer(t, filepath.Join(t.TempDir(), "key.pem"))
	core, origin := "api://"+identity.CoreClientID+"/user_impersonation", "http://127.0.0.1:7071"
	for name, c := range map[string]struct{ origin, member, value, want string }{
		"another verifier":     {origin, "code_verifier", "another", "AADSTS501481"},
		"no verifier":          {origin, "code_verifier", "", "AADSTS501481"},
		"another redirect URI": {origin, "redirect_uri", "http://localhost:1/api/ui", "AADSTS500112"},
		"another client":       {origin, "client_id", identity.CoreClientID, "AADSTS500112"},
		"another code":         {origin, "code", "another", "AADSTS54005"},
		"a server":             {"", "", "", "AADSTS9002327"},
		"another page":         {"http://127.0.0.1:7072", "", "", "AADSTS9002327"},
	} {
		form := code(t, people.Issuer, core, "researcher")
		if c.member != "" {
			form.Set(c.member, c.value)
		}
		status, body, _ := redeem(t, people.Issuer, c.origin, form)
		assert.Equal(t, http.StatusBadRequest, status, name)
		assert.Contains(t, body["error_description"], c.want, name)
	}
	form := code(t, people.Issuer, core, "researcher")
	status, _, _ := redeem(t, people.Issuer, origin, form)
	require.Equal(t, http.StatusOK, status)
	status, _, _ = redeem(t, people.Issuer, origin, form)
	require.Equal(t, http.StatusBadRequest, status, "a code works once")
}

func TestNoCodeLeavesTheMachine(t *testing.T) {
	people := newServer(t, filepath.Join(t.TempDir(), "key.pem"))
	core := "api://" + identity.CoreClientID + "/user_impersonation"
	for _, redirect := range []string{"https://evil.example/api/ui", "http://evil.example/api/ui", "http://127.0.0.1.evil.example/api/ui", "http://127.0.0.1:7071/api/other",
		"http://127.0.0.1:7071/api/ui?x=1", "http://user@127.0.0.1:7071/api/ui", "http://127.0.0.1:7071/", "javascript:alert(1)", "", "//evil.example/api/ui"} {
		status, location, page := visit(t, people.Issuer, asked(core), "persona", "researcher", "redirect_uri", redirect)
		assert.Equal(t, http.StatusBadRequest, status, redirect)
		assert.Empty(t, location.String(), redirect)
		assert.Contains(t, page, "AADSTS50011", redirect)
	}
	for name, c := range map[string][3]string{
		"no PKCE":          {"code_challenge", "", "invalid_request"},
		"plain PKCE":       {"code_challenge_method", "plain", "invalid_request"},
		"implicit":         {"response_type", "token", "unsupported_response_type"},
		"foreign audience": {"scope", "https://storage.azure.com/.default", "invalid_scope"},
	} {
		_, location, _ := visit(t, people.Issuer, asked(core), "persona", "researcher", c[0], c[1])
		assert.Contains(t, location.Fragment, "error="+c[2], name)
		assert.NotContains(t, location.Fragment, "code=", name)
	}
	for back, want := range map[string]int{portal: http.StatusFound, "https://evil.example/": http.StatusBadRequest} {
		resp, err := browser.Get(people.Base + "/" + identity.Tenant + "/oauth2/v2.0/logout?post_logout_redirect_uri=" + url.QueryEscape(back))
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, want, resp.StatusCode, back)
	}
}
