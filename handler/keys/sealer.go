package keys

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"example.org/airlock/handler/azure"
)

// askAgain is how often at most a vault is asked for a key that nobody knows:
// anybody who writes rows can name any key.
const askAgain = time.Minute

// Sealer makes and checks seals: HMAC-SHA-256 with a secret key. The newest key
// seals, the older ones still check. It is safe for concurrent use.
type Sealer struct {
	file   *ring // nil: the keys are in a vault; a pointer keeps them out of every print
	vault  location
	client *azsecrets.Client
	rings  *azure.Memo[struct{}, ring]
	asks   *asks
}

// asks is when an unknown key was last asked for.
type asks struct {
	mu   sync.Mutex
	last time.Time
}

// ring is the keys in use, the one that seals first.
type ring []sealKey

// sealKey is one key.
type sealKey struct {
	secret secret
	id     string
}

// newSealKey names a key by what it makes of a fixed text, which tells nothing about it.
func newSealKey(key []byte) sealKey {
	k := sealKey{secret: newSecret(key)}
	sum := sha256.Sum256(k.mac([]byte("id")))
	k.id = hex.EncodeToString(sum[:8])
	return k
}

func (k sealKey) mac(b []byte) []byte {
	h := hmac.New(sha256.New, k.secret.reveal())
	h.Write(b)
	return h.Sum(nil)
}

// NewSealer opens the keys at file:///abs/path (one key a line, the one that seals
// first) or at https://VAULT.vault.azure.net/secrets/NAME[/VERSION] (the versions of a
// secret; the named one or else the newest seals). A key is at least 32 bytes as base64
// or hexadecimal text. A file is read now; a vault is asked at the first use and again
// every hour, and known keys stay in use while it is away.
func NewSealer(c Config) (*Sealer, error) {
	l, err := parse(c.Location, "secrets")
	if err != nil {
		return nil, fmt.Errorf("keys: the state key's location %w", err)
	}
	s := &Sealer{vault: l, rings: newMemo[ring](), asks: &asks{}}
	if l.file != "" {
		keys, err := openRing(l.file)
		if err != nil {
			return nil, fmt.Errorf("keys: state key: %w", err)
		}
		s.file = &keys
		return s, nil
	}
	if s.client, err = azsecrets.NewClient(l.vault, c.Credential, &azsecrets.ClientOptions{ClientOptions: withRetry(c.ClientOptions)}); err != nil {
		return nil, fmt.Errorf("keys: state key: vault %s: %w", l.account, err)
	}
	return s, nil
}

// MAC returns HMAC-SHA-256 over b with the key that seals, and the key's id, 16
// hexadecimal digits that do not reveal it. Errors are *airlock.Fault.
func (s *Sealer) MAC(ctx context.Context, b []byte) (mac []byte, keyID string, err error) {
	keys, err := s.keys(ctx)
	if err != nil {
		return nil, "", err
	}
	return keys[0].mac(b), keys[0].id, nil
}

// Genuine reports whether mac is that of b under the key with that id; under a key
// that is none of the service's, nothing is. Errors are *airlock.Fault.
func (s *Sealer) Genuine(ctx context.Context, keyID string, b, mac []byte) (bool, error) {
	keys, err := s.keys(ctx)
	if err != nil {
		return false, err
	}
	at := keys.find(keyID)
	if at < 0 && s.file == nil && s.asks.begin() { // another instance may have found a newer version
		s.rings.Forget(struct{}{})
		if keys, err = s.keys(ctx); err != nil {
			return false, err
		}
		at = keys.find(keyID)
	}
	return at >= 0 && hmac.Equal(keys[at].mac(b), mac), nil
}

// Try seals nothing. Errors are those of MAC.
func (s *Sealer) Try(ctx context.Context) error {
	_, _, err := s.MAC(ctx, nil)
	return err
}

func (r ring) find(id string) int {
	return slices.IndexFunc(r, func(k sealKey) bool { return k.id == id })
}

func (a *asks) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.last) < askAgain {
		return false
	}
	a.last = time.Now()
	return true
}

func (s *Sealer) keys(ctx context.Context) (ring, error) {
	if s.file != nil {
		return *s.file, nil
	}
	keys, err := s.rings.Get(ctx, struct{}{}, s.fetch)
	return keys, faultOf(readStateKey, s.vault.account, err)
}
