package httpapi_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/httpapi"
	"example.org/airlock/handler/identity"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/workflow"
)

const (
	tenant           = "dddddddd-0000-4000-8000-000000000001"
	coreAudience     = "cccccccc-0000-4000-8000-000000000001"
	genomicsAudience = "aaaaaaaa-0000-4000-8000-000000000001"
	imagingAudience  = "bbbbbbbb-0000-4000-8000-000000000001"
	genomics         = airlock.WorkspaceID("9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11")
	imaging          = airlock.WorkspaceID("c47d2b18-93ef-4a05-b6d2-0f8e1a3c5d22")
	nowhere          = airlock.WorkspaceID("00000000-93ef-4a05-b6d2-0f8e1a3c5d22")
	theRequest       = airlock.RequestID("af89dccd-cdf8-4e47-8cfe-995faeac0f09")
	adaID            = airlock.UserID("11111111-1111-4111-8111-111111111111")
	requestPath      = "/api/workspaces/" + string(genomics) + "/requests/" + string(theRequest)
	requestsPath     = "/api/workspaces/" + string(genomics) + "/requests"
)

// issuer is a local OpenID Connect issuer with real keys; all tests share it.
var issuer = sync.OnceValue(func() *tokenIssuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	i := &tokenIssuer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.url, "jwks_uri": i.url + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	i.url = httptest.NewServer(mux).URL // lives as long as the test binary
	return i
})

type tokenIssuer struct {
	key *rsa.PrivateKey
	url string
}

// token signs a token of a person for an audience.
func (i *tokenIssuer) token(audience string, roles ...airlock.Role) string {
	return i.sign(map[string]any{"aud": audience, "roles": roles})
}

func (i *tokenIssuer) sign(with map[string]any) string {
	c := map[string]any{"iss": i.url, "exp": time.Now().Add(time.Hour).Unix(), "oid": adaID, "name": "Ada", "email": "ada@example.org",
		"tid": tenant, "ver": "2.0", "azp": "client", "scp": "user_impersonation", "sub": "pairwise"}
	for name, value := range with {
		c[name] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: "k"}}, nil)
	if err != nil {
		panic(err)
	}
	body, _ := json.Marshal(c)
	jws, err := signer.Sign(body)
	if err != nil {
		panic(err)
	}
	raw, _ := jws.CompactSerialize()
	return raw
}

var (
	researcher = sync.OnceValue(func() string { return issuer().token(genomicsAudience, airlock.RoleResearcher) })
	owner      = sync.OnceValue(func() string { return issuer().token(genomicsAudience, airlock.RoleOwner) })
	manager    = sync.OnceValue(func() string { return issuer().token(genomicsAudience, airlock.RoleManager) })
	grace      = sync.OnceValue(func() string {
		return issuer().sign(map[string]any{"aud": genomicsAudience, "roles": []airlock.Role{airlock.RoleManager}, "oid": "33333333-3333-4333-8333-333333333333"})
	})
	nobody    = sync.OnceValue(func() string { return issuer().token(genomicsAudience) })
	foreigner = sync.OnceValue(func() string { return issuer().token(imagingAudience, airlock.RoleOwner, airlock.RoleManager) })
	admin     = sync.OnceValue(func() string { return issuer().token(coreAudience, airlock.RoleTREAdmin) })
	treUser   = sync.OnceValue(func() string { return issuer().token(coreAudience, airlock.RoleTREUser) })
)

// fixture is the API on a real HTTP server with a fake service behind it.
type fixture struct {
	*fakeService
	t      testing.TB
	api    *httpapi.API
	server *httptest.Server
	logs   *syncBuffer
}

func newFixture(t testing.TB) *fixture {
	f := &fixture{t: t, fakeService: newFakeService(), logs: &syncBuffer{}}
	f.serve(newAPI(f.fakeService, f.logs))
	return f
}

func (f *fixture) serve(api *httpapi.API) {
	f.api, f.server = api, httptest.NewServer(api)
	f.t.Cleanup(f.server.Close)
}

func newFakeService() *fakeService {
	return &fakeService{
		workspaces: []airlock.Workspace{workspace(genomics, genomicsAudience, "genomics"), workspace(imaging, imagingAudience, "imaging")},
		request:    sampleRequest(), health: workflow.Health{StorageReachable: true},
		link: workflow.Link{URL: "https://stalimex.example/x?sig=secret&a=b", Expires: moment.Truncate(time.Second), Permission: airlock.LinkWrite},
	}
}

func newAPI(s *fakeService, logs io.Writer) *httpapi.API {
	return newAPIWithIssuer(s, logs, issuer().url)
}

func newAPIWithIssuer(s *fakeService, logs io.Writer, issuerURL string) *httpapi.API {
	return httpapi.New(configOf(s, logs, issuerURL))
}

// configOf wires the API to a fake service.
func configOf(s *fakeService, logs io.Writer, issuerURL string) httpapi.Config {
	return httpapi.Config{Service: s, Operations: s, Doctor: s, Registry: s, Redrive: s.redrive,
		Verifier: identity.New(identity.Config{Issuer: issuerURL, CoreAudience: coreAudience, Tenant: tenant, Log: slog.New(slog.NewJSONHandler(logs, nil))}),
		Metadata: httpapi.Metadata{APIClientID: "public-client", APIRootScope: "api://" + coreAudience, TenantID: "tenant", SignIn: httpapi.SignIn{
			ClientID: "public-client", Authority: "https://login.example/tenant", KnownAuthorities: []string{"login.example"}, LinkHosts: []string{"https://*.blob.example"}}},
		BlobURL: func(account string) string { return "https://" + account + ".blob.example" }, Now: time.Now,
		Build: httpapi.Build{Version: "v1", Commit: "abc", Date: "2026-01-02"},
		Log:   slog.New(logging.Handler(slog.NewJSONHandler(logs, nil)))}
}

func workspace(id airlock.WorkspaceID, audience, name string) airlock.Workspace {
	accounts := airlock.Accounts{}
	for _, stage := range airlock.WorkspaceStages {
		accounts[stage] = string(stage) + name
	}
	return airlock.Workspace{ID: id, DisplayName: name, Description: "about " + name, ClientID: audience, ScopeID: "api://" + audience,
		Accounts: accounts, Policy: airlock.DefaultPolicy(), PolicyVersion: 7, ETag: "Vy8iZGF0ZXRpbWUnMjAyNicI"}
}

func sampleRequest() airlock.Request {
	ada := airlock.Principal{ID: adaID, Name: "Ada", Email: "ada@example.org", Roles: []airlock.Role{airlock.RoleResearcher}, Audience: genomicsAudience, WorkspaceToken: true}
	return airlock.Request{ID: theRequest, Workspace: genomics, Type: airlock.Import, Title: "T", Justification: "B", Status: airlock.Draft,
		CreatedBy: ada, CreatedWhen: moment, UpdatedBy: ada, UpdatedWhen: moment, PolicyVersion: 7}
}

// answer is an answer of the API.
type answer struct {
	*http.Response
	t    testing.TB
	body []byte
}

// send makes a call. headers are name, value, name, value …. Every answer is
// held against the OpenAPI document.
func (f *fixture) send(method, path, token, body string, headers ...string) answer {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.server.URL+path, strings.NewReader(body))
	require.NoError(f.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // follows no redirect
	require.NoError(f.t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	a := answer{Response: resp, t: f.t, body: got}
	conforms(f.t, req, a)
	return a
}

func (f *fixture) get(path, token string, header ...string) answer {
	return f.send(http.MethodGet, path, token, "", header...)
}

// json reads a member of the answer by path: names and, for lists, numbers.
func (a answer) json() map[string]any {
	a.t.Helper()
	var v map[string]any
	require.NoError(a.t, json.Unmarshal(a.body, &v), string(a.body))
	return v
}

// isProblem checks status, code and detail at once ("" = any detail).
func (a answer) isProblem(status int, code, detail string) {
	a.t.Helper()
	require.Equal(a.t, status, a.StatusCode, string(a.body))
	require.Equal(a.t, "application/problem+json", a.Header.Get("Content-Type"))
	got := a.json()
	require.Equal(a.t, code, got["code"], string(a.body))
	require.Equal(a.t, "urn:airlock:problem:"+code, got["type"])
	require.EqualValues(a.t, status, got["status"])
	if detail != "" {
		require.Equal(a.t, detail, got["detail"])
	}
}

func (a answer) isOK() answer {
	a.t.Helper()
	require.Less(a.t, a.StatusCode, 300, string(a.body))
	return a
}

// syncBuffer collects log lines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
