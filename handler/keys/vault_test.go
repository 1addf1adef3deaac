package keys_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/require"
)

// vault speaks the part of Key Vault's REST protocol that signing and reading a
// secret take, challenge included (learn.microsoft.com/rest/api/keyvault): there
// is no emulator of Key Vault. Versions are "v1", "v2", …
type vault struct {
	*httptest.Server
	mu      sync.Mutex
	keys    []*ecdsa.PrivateKey
	secrets []string
	answers []int // of the next authorized calls
	forge   bool  // sign with another key
	// disabled versions cannot be read.
	disabled map[int]bool
	calls    []string
}

func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{}
	v.rotate(t)
	v.Server = httptest.NewTLSServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *vault) rotate(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys = append(v.keys, key)
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Header.Get("Authorization") != "Bearer token for https://vault.azure.net/.default" {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111", resource="https://vault.azure.net"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	v.calls = append(v.calls, r.Method+" "+r.URL.Path)
	if len(v.answers) > 0 {
		status := v.answers[0]
		v.answers = v.answers[1:]
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"error":{"code":"Forbidden","message":"secret detail"}}`))
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Query().Get("api-version") == "":
		w.WriteHeader(http.StatusBadRequest)
	case len(parts) == 3 && parts[0] == "keys" && parts[2] == "versions":
		v.listVersions(w, parts[1])
	case len(parts) >= 2 && parts[0] == "keys" && r.Method == http.MethodGet && v.disabled[v.version(parts)]:
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"code":"Forbidden","innererror":{"code":"KeyDisabled"}}}`))
	case len(parts) >= 2 && parts[0] == "keys" && r.Method == http.MethodGet:
		v.getKey(w, parts)
	case len(parts) == 4 && parts[0] == "keys" && parts[3] == "sign" && r.Method == http.MethodPost:
		v.sign(w, r, parts)
	case len(parts) == 3 && parts[0] == "secrets" && parts[2] == "versions":
		v.listSecrets(w, r.Host, parts[1])
	case len(parts) >= 2 && parts[0] == "secrets" && r.Method == http.MethodGet && len(v.secrets) > 0:
		n := len(v.secrets)
		if len(parts) == 3 {
			n = v.version(parts)
		}
		reply(w, map[string]any{"id": secretID(r.Host, parts[1], n), "value": v.secrets[n-1]})
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":{"code":"KeyNotFound","message":"secret detail"}}`))
	}
}

func secretID(host, name string, version int) string {
	return "https://" + host + "/secrets/" + name + "/v" + string(rune('0'+version))
}

func (v *vault) listSecrets(w http.ResponseWriter, host, name string) {
	value := []map[string]any{}
	for n := range v.secrets {
		value = append(value, map[string]any{"id": secretID(host, name, n+1), "attributes": map[string]any{"enabled": !v.disabled[n+1]}})
	}
	reply(w, map[string]any{"value": value})
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

// version is the index of the version in a path, the newest for none.
func (v *vault) version(parts []string) int {
	if len(parts) < 3 {
		return len(v.keys)
	}
	return int(parts[2][1] - '0')
}

func (v *vault) kid(name string, version int) string {
	return "https://tre.vault.azure.net/keys/" + name + "/v" + string(rune('0'+version))
}

func (v *vault) getKey(w http.ResponseWriter, parts []string) {
	n := v.version(parts)
	point, _ := v.keys[n-1].PublicKey.Bytes()
	b64 := base64.RawURLEncoding.EncodeToString
	reply(w, map[string]any{"key": map[string]any{"kid": v.kid(parts[1], n), "kty": "EC-HSM", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:]),
		"key_ops": []string{"sign", "verify"}}, "attributes": map[string]any{"enabled": true}})
}

// listVersions answers the newest first: Key Vault promises no order.
func (v *vault) listVersions(w http.ResponseWriter, name string) {
	value := []map[string]any{}
	for n := len(v.keys); n > 0; n-- {
		value = append(value, map[string]any{"kid": v.kid(name, n), "attributes": map[string]any{"enabled": !v.disabled[n], "created": 1700000000 + n}})
	}
	reply(w, map[string]any{"value": value})
}

func (v *vault) sign(w http.ResponseWriter, r *http.Request, parts []string) {
	var body struct{ Alg, Value string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	digest, err := base64.RawURLEncoding.DecodeString(body.Value)
	if err != nil || body.Alg != "ES256" || len(digest) != 32 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n := v.version(parts)
	key := v.keys[n-1]
	if v.forge {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	a, b, _ := ecdsa.Sign(rand.Reader, key, digest)
	raw := append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...)
	reply(w, map[string]any{"kid": v.kid(parts[1], n), "value": base64.RawURLEncoding.EncodeToString(raw)})
}

// options lead every host to the vault, as DNS would.
func (v *vault) options() azcore.ClientOptions {
	c := v.Client()
	transport := c.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ServerName = "example.com" // of httptest's certificate
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, v.Listener.Addr().String())
	}
	return azcore.ClientOptions{Transport: &http.Client{Transport: transport},
		Retry: policy.RetryOptions{MaxRetries: 1, RetryDelay: time.Millisecond, MaxRetryDelay: time.Second}}
}

type credential struct{}

func (credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token for " + o.Scopes[0], ExpiresOn: time.Now().Add(time.Hour)}, nil
}
