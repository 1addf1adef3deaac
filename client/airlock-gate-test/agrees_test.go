package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/doctor"
	"example.org/airlock/handler/httpapi"
	"example.org/airlock/handler/identity"
	"example.org/airlock/handler/workflow"
)

const (
	tenant = "dddddddd-0000-4000-8000-000000000001"
	core   = "cccccccc-0000-4000-8000-000000000001"
)

// takes is the workflow behind the real edge: it takes every verdict that the edge lets
// through. The rules behind have their own tests; here the edge is compared.
type takes struct {
	httpapi.Service
	httpapi.Operations
	request airlock.Request
}

func (t takes) GateSpeaks(_ context.Context, _ airlock.Principal, _ airlock.Workspace, _ airlock.RequestID, _ string, say func(airlock.Request) (workflow.GateWord, error)) (airlock.Request, error) {
	_, err := say(t.request)
	return t.request, err
}

func (takes) Workspace(context.Context, airlock.WorkspaceID) (airlock.Workspace, error) {
	return airlock.Workspace{ID: workspace, ClientID: "another"}, nil
}

func (takes) Examine(context.Context) doctor.Report { return nil }

// edge is the service's real edge, and a token of a gate for it.
func edge(t *testing.T, r airlock.Request) (http.Handler, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	mux := http.NewServeMux()
	issuer := httptest.NewServer(mux)
	t.Cleanup(issuer.Close)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"issuer": issuer.URL, "jwks_uri": issuer.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	require.NoError(t, err)
	now := time.Now()
	token, err := jwt.Signed(signer).Claims(map[string]any{"iss": issuer.URL, "aud": core, "tid": tenant, "ver": "2.0", "sub": "s", "azp": "c", "idtyp": "app",
		"oid": "66666666-6666-4666-8666-666666666661", "roles": []string{"AirlockGate"}, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix()}).Serialize()
	require.NoError(t, err)
	s := takes{request: r}
	log := slog.New(slog.DiscardHandler)
	return httpapi.New(httpapi.Config{Service: s, Operations: s, Doctor: s, Registry: s, Now: time.Now, Log: log, BlobURL: func(string) string { return "" },
		Redrive:  func(context.Context, airlock.Principal, string, bool) error { return nil },
		Verifier: identity.New(identity.Config{Issuer: issuer.URL, CoreAudience: core, Tenant: tenant, Log: log})}), token
}

// The suite and the service take the same answers for a verdict.
func TestTheSuiteAgreesWithTheService(t *testing.T) {
	t.Parallel()
	const name = "out/ä b.csv"
	api, token := edge(t, airlock.Request{Type: airlock.Export, Files: []airlock.File{{Name: name, Size: 3}},
		Gates: []airlock.GateRun{{Policy: airlock.GatePolicy{ID: "dlp", Kind: airlock.ExternalGate}}}})
	set := func(path string, value any) func(map[string]any) {
		return func(v map[string]any) {
			steps := strings.Split(path, ".")
			for _, step := range steps[:len(steps)-1] {
				switch below := v[step].(type) {
				case map[string]any:
					v = below
				case []any:
					v = below[0].(map[string]any)
				}
			}
			if last := steps[len(steps)-1]; value == nil {
				delete(v, last)
			} else {
				v[last] = value
			}
		}
	}
	long := strings.Repeat("x", 201)
	tests := map[string]func(map[string]any){
		"as it should be": set("startedAt", "2026-01-02T03:04:05Z"), "blocked": set("outcome", "blocked"), "findings": set("outcome", "findings"), "inconclusive": set("outcome", "inconclusive"),
		"another outcome": set("outcome", "fine"), "no outcome": set("outcome", nil), "returned": set("outcome", "returned"),
		"no digest": set("contentDigest", nil), "a long digest": set("contentDigest", long),
		"no engine": set("engine", nil), "no name": set("engine.name", nil), "a bad name": set("engine.name", "my engine"), "a long version": set("engine.version", long), "a bad version": set("engine.version", "1 2"),
		"rules": set("engine.rules", "daily-28100"), "bad rules": set("engine.rules", "a/b"),
		"a bad time": set("startedAt", "yesterday"), "a time as a number": set("finishedAt", 5.0), "no files": set("files", nil), "an empty list": set("files", []any{}),
		"a file without a name": set("files.name", nil), "a size as a text": set("files.size", "3"),
		"no findings": set("findings", nil), "no rule": set("findings.rule", nil), "a bad rule": set("findings.rule", "DLP person"), "a long rule": set("findings.rule", "a"+long),
		"another severity": set("findings.severity", "critical"), "no severity": set("findings.severity", nil), "no file": set("findings.file", nil), "another file": set("findings.file", "b.csv"), "a long file": set("findings.file", strings.Repeat("y", 1025)),
		"none of them": set("findings.count", 0.0), "many": set("findings.count", 1e6), "a part of one": set("findings.count", 1.5), "a place": set("findings.place", map[string]any{"line": 3, "column": 4}),
		"a message": set("findings.message", "two people in one row"), "a long message": set("findings.message", long), "a message as a number": set("findings.message", 5.0),
		"a negative place": set("findings.place", map[string]any{"line": -3}), "a member of its own": set("more", "x"),
	}
	for what, change := range tests {
		v := map[string]any{"contentDigest": "sha256:0", "outcome": "passed", "engine": map[string]any{"name": "e"}, "files": []any{map[string]any{"name": name, "size": 3}},
			"findings": []any{map[string]any{"rule": "dlp.person", "severity": "high", "file": name}}}
		change(v)
		body, err := json.Marshal(v)
		require.NoError(t, err)
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/api/workspaces/"+workspace+"/requests/af89dccd-cdf8-4e47-8cfe-995faeac0f09/gates/dlp/verdict", strings.NewReader(string(body)))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		got := httptest.NewRecorder()
		api.ServeHTTP(got, req)
		require.Contains(t, []int{http.StatusOK, http.StatusUnprocessableEntity}, got.Code, "%s: %s", what, got.Body)

		mine, why := readVerdict(body)
		if why == "" {
			r := newRequest("dlp", file{name: name, bytes: []byte("abc")})
			if status, _, said := r.take(mine); status == http.StatusUnprocessableEntity {
				why = said
			}
		}
		assert.Equal(t, got.Code == http.StatusOK, why == "", "%s: the service says %s, the suite says %q", what, got.Body, why)
	}
}
