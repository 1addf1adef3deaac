package identity_test

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// issuer is an OpenID Connect issuer with real keys. Entra cannot be run here,
// and we rely on three things of it: a discovery document, a key document, and
// JWTs signed with RS256.
type issuer struct {
	*httptest.Server
	mu      sync.Mutex
	keys    map[string]*rsa.PrivateKey
	down    atomic.Bool
	fetches atomic.Int32
	more    []jose.JSONWebKey // offered beside keys
	keysAt  string            // where discovery says the keys are, if not here
}

// Making RSA keys is slow; tests share a few.
var (
	keyA = sync.OnceValue(newKey)
	keyB = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func newIssuer(t testing.TB) *issuer {
	i := &issuer{keys: map[string]*rsa.PrivateKey{"a": keyA()}}
	i.Server = httptest.NewServer(i.handler())
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /t/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if i.down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.url(), "jwks_uri": cmp.Or(i.keysAt, i.URL+"/keys"),
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.fetches.Add(1)
		i.mu.Lock()
		defer i.mu.Unlock()
		set := jose.JSONWebKeySet{Keys: i.more}
		for id, key := range i.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: id, Algorithm: "RS256", Use: "sig"})
		}
		_ = json.NewEncoder(w).Encode(set)
	})
	return mux
}

func (i *issuer) url() string { return i.URL + "/t/v2.0" }

func (i *issuer) setKeys(keys map[string]*rsa.PrivateKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

type claims map[string]any

// person are the claims of a good token, changed by with.
func (i *issuer) person(now time.Time, with claims) claims {
	c := claims{"iss": i.url(), "aud": workspaceAudience, "exp": now.Add(time.Hour).Unix(), "nbf": now.Unix(), "iat": now.Unix(),
		"oid": "11111111-1111-4111-8111-111111111111", "name": "Ada", "email": "ada@example.org", "scp": "user_impersonation",
		"tid": tenant, "ver": "2.0", "azp": "44444444-4444-4444-8444-444444444444", "azpacr": "0", "sub": "pairwise",
		"roles": []string{"WorkspaceResearcher"}}
	for name, value := range with {
		if value == nil {
			delete(c, name)
			continue
		}
		c[name] = value
	}
	return c
}

// sign makes a token with a key; alg and key id are as given, sensible or not.
func sign(t testing.TB, key any, alg jose.SignatureAlgorithm, id string, c claims) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	require.NoError(t, err)
	body, err := json.Marshal(c)
	require.NoError(t, err)
	jws, err := signer.Sign(body)
	require.NoError(t, err)
	raw, err := jws.CompactSerialize()
	require.NoError(t, err)
	return raw
}

const (
	workspaceAudience = "22222222-2222-4222-8222-222222222222"
	tenant            = "99999999-9999-4999-8999-999999999999"
	coreAudience      = "33333333-3333-4333-8333-333333333333"
)
