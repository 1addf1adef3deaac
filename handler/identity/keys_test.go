package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/identity"
)

func TestStartDoesNotNeedTheIssuer(t *testing.T) {
	i := newIssuer(t)
	i.down.Store(true)
	v, at := newVerifier(i)
	header := "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil))

	_, err := v.Verify(t.Context(), header)
	require.ErrorIs(t, err, identity.ErrUnavailable, "no keys are known yet")

	i.down.Store(false)
	_, err = v.Verify(t.Context(), header)
	require.ErrorIs(t, err, identity.ErrUnavailable, "not asked again at once")
	at.now = at.now.Add(time.Second)
	_, err = v.Verify(t.Context(), header)
	require.NoError(t, err, "but soon")
}

func TestKnownKeysOutliveTheIssuer(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	header := func() string { return "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil)) }
	_, err := v.Verify(t.Context(), header())
	require.NoError(t, err)

	i.down.Store(true)
	for range 3 {
		at.now = at.now.Add(5 * time.Hour)
		_, err = v.Verify(t.Context(), header())
		require.NoError(t, err)
	}
}

func TestUnknownKeyIsFetchedWithinLimits(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	old := "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil))
	fresh := "Bearer " + sign(t, keyB(), jose.RS256, "b", i.person(at.now, nil))
	_, err := v.Verify(t.Context(), old)
	require.NoError(t, err)
	require.EqualValues(t, 1, i.fetches.Load())

	for range 20 {
		_, err = v.Verify(t.Context(), "Bearer "+sign(t, keyB(), jose.RS256, "made-up", i.person(at.now, nil)))
		require.ErrorIs(t, err, identity.ErrInvalid)
	}
	require.EqualValues(t, 1, i.fetches.Load(), "made-up key ids do not reach the issuer")

	i.setKeys(map[string]*rsa.PrivateKey{"a": keyA(), "b": keyB()})
	at.now = at.now.Add(11 * time.Second)
	_, err = v.Verify(t.Context(), fresh)
	require.NoError(t, err, "a new key of the issuer's is found")
	require.EqualValues(t, 2, i.fetches.Load())
	_, err = v.Verify(t.Context(), old)
	require.NoError(t, err, "and the old one is still good")
}

func TestWithdrawnKeyStopsWorking(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	header := func() string { return "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil)) }
	_, err := v.Verify(t.Context(), header())
	require.NoError(t, err)

	i.setKeys(map[string]*rsa.PrivateKey{"b": keyB()})
	at.now = at.now.Add(2 * time.Hour)
	// The call that finds the keys old is still answered from them; it only starts
	// the fetch.
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		_, err := v.Verify(t.Context(), header())
		assert.ErrorIs(c, err, identity.ErrInvalid)
	}, 5*time.Second, 5*time.Millisecond)
}

// TestATokenIsRememberedWithItsKey: that it was genuine once helps it no longer
// than its key and its times do.
func TestATokenIsRememberedWithItsKey(t *testing.T) {
	for what, keys := range map[string]map[string]*rsa.PrivateKey{
		"withdrawn":                      {"b": keyB()},
		"replaced by one of the same id": {"a": keyB()},
	} {
		t.Run(what, func(t *testing.T) {
			i := newIssuer(t)
			v, at := newVerifier(i)
			lasting := i.person(at.now, claims{"exp": at.now.Add(24 * time.Hour).Unix()})
			header := "Bearer " + sign(t, keyA(), jose.RS256, "a", lasting)
			for range 2 {
				_, err := v.Verify(t.Context(), header)
				require.NoError(t, err)
			}
			i.setKeys(keys)
			at.now = at.now.Add(2 * time.Hour)
			require.EventuallyWithT(t, func(c *assert.CollectT) {
				_, err := v.Verify(t.Context(), header)
				assert.Error(c, err)
			}, 5*time.Second, 5*time.Millisecond)
		})
	}
	i := newIssuer(t)
	v, at := newVerifier(i)
	header := "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil))
	_, err := v.Verify(t.Context(), header)
	require.NoError(t, err)
	at.now = at.now.Add(24 * time.Hour)
	_, err = v.Verify(t.Context(), header)
	require.ErrorIs(t, err, identity.ErrExpired)
}

func TestManyCallersShareOneFetch(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	header := "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil))
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			_, err := v.Verify(t.Context(), header)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, i.fetches.Load())
}

func TestDocumentWithoutUsableKeysDoesNotDisplaceTheKnown(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	header := func() string { return "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil)) }
	_, err := v.Verify(t.Context(), header())
	require.NoError(t, err)
	i.setKeys(nil)
	at.now = at.now.Add(11 * time.Second)
	_, err = v.Verify(t.Context(), "Bearer "+sign(t, keyB(), jose.RS256, "b", i.person(at.now, nil)))
	require.ErrorIs(t, err, identity.ErrInvalid)
	_, err = v.Verify(t.Context(), header())
	require.NoError(t, err)
}

// TestKeysThatAreNoneForUs: a key for encryption, a weak one, one of another
// algorithm, one without a name.
func TestKeysThatAreNoneForUs(t *testing.T) {
	i := newIssuer(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	i.more = []jose.JSONWebKey{
		{Key: keyB().Public(), KeyID: "enc", Algorithm: "RS256", Use: "enc"},
		{Key: keyB().Public(), KeyID: "ps", Algorithm: "PS256", Use: "sig"},
		{Key: keyB().Public(), KeyID: "", Algorithm: "RS256", Use: "sig"},
		{Key: weak.Public(), KeyID: "weak", Algorithm: "RS256", Use: "sig"},
		{Key: keyB().Public(), KeyID: "plain"},
	}
	v, at := newVerifier(i)
	for id, key := range map[string]*rsa.PrivateKey{"enc": keyB(), "ps": keyB(), "weak": weak} {
		_, err := v.Verify(t.Context(), "Bearer "+sign(t, key, jose.RS256, id, i.person(at.now, nil)))
		require.ErrorIs(t, err, identity.ErrInvalid, id)
	}
	_, err = v.Verify(t.Context(), "Bearer "+sign(t, keyB(), jose.RS256, "plain", i.person(at.now, nil)))
	require.NoError(t, err, "use and alg are optional")
}

// TestAKeyDocumentIsReadUpToALimit: a false issuer must not be able to fill the
// memory.
func TestAKeyDocumentIsReadUpToALimit(t *testing.T) {
	i := newIssuer(t)
	i.more = []jose.JSONWebKey{{Key: keyB().Public(), KeyID: strings.Repeat("x", 1<<20)}}
	v, at := newVerifier(i)
	header := "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(at.now, nil))
	_, err := v.Verify(t.Context(), header)
	require.ErrorIs(t, err, identity.ErrUnavailable)
	i.mu.Lock()
	i.more = nil
	i.mu.Unlock()
	at.now = at.now.Add(time.Minute)
	_, err = v.Verify(t.Context(), header)
	require.NoError(t, err)
}

// TestKeysOfASecureIssuerComeSecurely: somebody between us and the issuer must not
// be able to offer keys.
func TestKeysOfASecureIssuerComeSecurely(t *testing.T) {
	i := newIssuer(t)
	plain := i.URL + "/keys"
	secure := &issuer{keys: i.keys}
	secure.Server = httptest.NewTLSServer(secure.handler())
	t.Cleanup(secure.Close)
	at := clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	verify := func() error {
		v := identity.New(identity.Config{Issuer: secure.url(), CoreAudience: coreAudience, Tenant: tenant, HTTPClient: secure.Client(), Now: at.Now})
		_, err := v.Verify(t.Context(), "Bearer "+sign(t, keyA(), jose.RS256, "a", secure.person(at.now, nil)))
		return err
	}
	require.NoError(t, verify())
	secure.keysAt = plain
	require.ErrorIs(t, verify(), identity.ErrUnavailable)
	require.Zero(t, i.fetches.Load())
}
