package keys

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// callTime is how long one call of Key Vault may take with all its tries.
const callTime = 10 * time.Second

var retry = policy.RetryOptions{MaxRetries: 2, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: time.Second, TryTimeout: 4 * time.Second}

// Signer signs with an ECDSA P-256 key. It is safe for concurrent use.
type Signer struct{ by signs }

// signs is a key, wherever it lives.
type signs interface {
	sign(ctx context.Context, digest []byte) (raw []byte, keyID string, err error)
	publicKeys(ctx context.Context) ([]airlock.PublicKey, error)
	publicKey(ctx context.Context, id string) (*ecdsa.PublicKey, error)
}

// Config says where a key is.
type Config struct {
	// Location is the address of a file or of an object in a vault.
	Location string
	// Credential and ClientOptions are for a vault. A file needs neither.
	Credential    azcore.TokenCredential
	ClientOptions azcore.ClientOptions
}

// NewSigner opens the key at file:///abs/key.pem (PKCS #8 or SEC 1) or at
// https://VAULT.vault.azure.net/keys/NAME[/VERSION]. A file is read now; its first
// key signs, and further ones, private or public, are those that signed before. A vault
// is asked at the first signature. Without a version the vault's newest one
// signs, found anew every hour and when the vault refuses the one known.
func NewSigner(c Config) (*Signer, error) {
	l, err := parse(c.Location, "keys")
	if err != nil {
		return nil, fmt.Errorf("keys: the signing key's location %w", err)
	}
	var by signs
	if l.file != "" {
		by, err = openFileKey(l.file)
	} else {
		by, err = openVaultKey(l, c.Credential, withRetry(c.ClientOptions))
	}
	if err != nil {
		return nil, fmt.Errorf("keys: signing key: %w", err)
	}
	return &Signer{by: by}, nil
}

// newMemo remembers a vault's answers about a key: a rotated key may go unnoticed for
// an hour, and known answers stay in use while the vault is away.
func newMemo[V any]() *azure.Memo[struct{}, V] {
	return &azure.Memo[struct{}, V]{Fresh: time.Hour, Stale: math.MaxInt64, Rest: 15 * time.Second, Within: callTime}
}

func withRetry(o azcore.ClientOptions) azcore.ClientOptions {
	if o.Retry.RetryDelay == 0 {
		o.Retry = retry
	}
	return o
}

// Sign returns the signature over a SHA-256 digest as raw r||s (64 bytes, as in
// JWS ES256, RFC 7518 section 3.4), and the id of the key. A vault's signature is
// checked before it is returned. Errors are *airlock.Fault.
func (s *Signer) Sign(ctx context.Context, digest []byte) (signature []byte, keyID string, err error) {
	if len(digest) != sha256.Size {
		return nil, "", unusable("sign", "", "what is to be signed is not a SHA-256 digest")
	}
	return s.by.sign(ctx, digest)
}

// Try signs a digest of nothing. Errors are those of Sign.
func (s *Signer) Try(ctx context.Context) error {
	digest := sha256.Sum256(nil)
	_, _, err := s.Sign(ctx, digest[:])
	return err
}

// PublicKeys returns the public halves of the key that signs now and of those that
// signed before, the oldest first. Errors are *airlock.Fault.
func (s *Signer) PublicKeys(ctx context.Context) ([]airlock.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return s.by.publicKeys(ctx)
}

// PublicKey returns one of them. Errors: airlock.ErrUnknownKey for an id that is
// none of them, *airlock.Fault.
func (s *Signer) PublicKey(ctx context.Context, id string) (*ecdsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return s.by.publicKey(ctx, id)
}

// checkCurve refuses keys that would make other signatures than ES256.
func checkCurve(key *ecdsa.PublicKey) error {
	if key.Curve != elliptic.P256() {
		return errors.New("is not an ECDSA key on the curve P-256")
	}
	return nil
}

// publicKeyID names a public key by its fingerprint.
func publicKeyID(key *ecdsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(crypto.PublicKey(key))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return "file:" + hex.EncodeToString(sum[:8]), nil
}
