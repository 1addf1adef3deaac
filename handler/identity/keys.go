package identity

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// fetchWithin bounds one request to the issuer: a caller waits for it.
	fetchWithin = 3 * time.Second
	// freshFor is how long keys are used without asking again. A key that the
	// issuer withdrew stops working after it.
	freshFor = time.Hour
	// betweenFetches is the least time between two fetches, so that made-up key
	// ids cannot make us a nuisance to the issuer. A new key of the issuer's is
	// seen at latest after it.
	betweenFetches = 10 * time.Second
	// betweenFailures is the same while there are no keys at all: start-up should
	// not wait ten seconds for an issuer that comes up at the same time.
	betweenFailures = time.Second

	maxKeyDocument = 1 << 20
	minKeyBits     = 2048
)

// keys holds the issuer's keys. Known keys go on working while the issuer is
// down; fetching never happens twice at once.
type keys struct {
	issuer string
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu       sync.Mutex
	byID     map[string]*rsa.PublicKey
	fetched  time.Time     // when byID was current
	tried    time.Time     // when the last fetch began
	fetching chan struct{} // closed when the fetch under way ends; nil without one
}

// key returns the key with that id. An unknown id makes it ask the issuer, no
// more often than betweenFetches. Errors: ErrInvalid (the issuer has no such
// key), ErrUnavailable (no keys are known and none can be had now).
func (k *keys) key(ctx context.Context, id string) (*rsa.PublicKey, error) {
	k.mu.Lock()
	found, wait := k.byID[id], k.refresh(id)
	k.mu.Unlock()
	if found == nil && wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch found = k.byID[id]; {
	case found != nil:
		return found, nil
	case k.byID == nil:
		return nil, ErrUnavailable
	}
	return nil, fmt.Errorf("%w: the issuer has no such key", ErrInvalid)
}

// refresh starts a fetch if one is due and returns the channel to wait for, nil for
// nothing. The caller holds mu.
func (k *keys) refresh(id string) <-chan struct{} {
	if k.fetching != nil {
		return k.fetching
	}
	now := k.now()
	if k.byID[id] != nil && now.Sub(k.fetched) < freshFor {
		return nil
	}
	pause := betweenFetches
	if k.byID == nil {
		pause = betweenFailures
	}
	if !k.tried.IsZero() && now.Sub(k.tried) < pause {
		return nil
	}
	done := make(chan struct{})
	k.tried, k.fetching = now, done
	// The fetch serves every caller that waits, so it must not end with the one
	// who happened to start it.
	go k.fetch(done)
	return done
}

func (k *keys) fetch(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*fetchWithin)
	defer cancel()
	found, err := k.download(ctx)
	if err != nil {
		k.log.WarnContext(ctx, "the issuer's keys could not be fetched", "error", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		k.byID, k.fetched = found, k.now()
	}
	k.fetching = nil
	close(done)
}

// download reads the discovery document and the keys it points to.
func (k *keys) download(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.issuer)
	if err != nil {
		return nil, err
	}
	var discovery struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&discovery); err != nil {
		return nil, err
	}
	if strings.HasPrefix(k.issuer, "https://") && !strings.HasPrefix(discovery.Keys, "https://") {
		return nil, errors.New("the issuer's keys are not offered over https")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, discovery.Keys, nil)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer answered %s for its keys", resp.Status)
	}
	var document jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxKeyDocument)).Decode(&document); err != nil {
		return nil, err
	}
	return usable(document)
}

// usable picks the RSA signing keys. A document without any is an error: it must
// not displace the keys we have.
func usable(document jose.JSONWebKeySet) (map[string]*rsa.PublicKey, error) {
	found := map[string]*rsa.PublicKey{}
	for _, key := range document.Keys {
		public, ok := key.Key.(*rsa.PublicKey)
		if !ok || key.KeyID == "" || key.Use == "enc" || key.Algorithm != "" && key.Algorithm != string(jose.RS256) || public.N.BitLen() < minKeyBits {
			continue
		}
		found[key.KeyID] = public
	}
	if len(found) == 0 {
		return nil, errors.New("the issuer offers no usable keys")
	}
	return found, nil
}

// keySet is go-oidc's view of keys for one token.
type keySet struct {
	keys *keys
	id   string         // of the key that the token was verified with
	key  *rsa.PublicKey // that key
	err  error          // why VerifySignature failed, typed
}

// VerifySignature implements oidc.KeySet.
func (s *keySet) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	payload, err := s.verify(ctx, raw)
	s.err = err
	return payload, err
}

func (s *keySet) verify(ctx context.Context, raw string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	id := jws.Signatures[0].Protected.KeyID
	if id == "" {
		return nil, fmt.Errorf("%w: names no key", ErrInvalid)
	}
	key, err := s.keys.key(ctx, id)
	if err != nil {
		return nil, err
	}
	payload, err := jws.Verify(key)
	if err != nil {
		return nil, ErrSignature
	}
	s.id, s.key = id, key
	return payload, nil
}
