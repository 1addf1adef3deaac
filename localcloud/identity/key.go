package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Claims are the members of a token's payload.
type Claims map[string]any

var b64 = base64.RawURLEncoding

// Key signs tokens with RS256 and checks them.
type Key struct {
	private *rsa.PrivateKey
	id      string
}

// NewKey returns a fresh key that nobody else trusts; tests sign odd tokens with it.
func NewKey() (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("new token key: %w", err)
	}
	return newKey(private), nil
}

func newKey(private *rsa.PrivateKey) *Key {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&private.PublicKey))
	return &Key{private: private, id: b64.EncodeToString(sum[:16])}
}

// LoadKey reads the key kept in file, or makes it. It must outlive a restart: programs keep a token for hours and do
// not ask for another one when it is refused.
func LoadKey(file string) (*Key, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read token key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("read token key: %s is not PEM", file)
	}
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read token key in %s: %w", file, err)
	}
	return newKey(private), nil
}

func makeKey(file string) (*Key, error) {
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("write token key: %w", err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key.private)}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, fmt.Errorf("write token key: %w", err)
	}
	return key, nil
}

// Sign makes a token of any claims, sensible or not.
func (k *Key) Sign(c Claims) string {
	return sign(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}}, c)
}

// Unsigned makes a token with algorithm "none", which every reader must refuse; no library makes one.
func Unsigned(c Claims) string {
	head, errHead := json.Marshal(map[string]any{"typ": "JWT", "alg": "none"})
	body, errBody := json.Marshal(c)
	if err := errors.Join(errHead, errBody); err != nil {
		panic(fmt.Sprintf("write token: %v", err)) // a claim that is not JSON is the caller's mistake
	}
	return b64.EncodeToString(head) + "." + b64.EncodeToString(body) + "."
}

// SignHS256 makes the classic forgery: a token signed by HMAC with the public key, which only a reader that believes
// the token's own algorithm accepts.
func (k *Key) SignHS256(c Claims) string {
	public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&k.private.PublicKey)})
	return sign(jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: k.id}}, c)
}

func sign(key jose.SigningKey, c Claims) string {
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		panic(fmt.Sprintf("sign token: %v", err)) // a 2048 bit key signs anything
	}
	token, err := jwt.Signed(signer).Claims(map[string]any(c)).Serialize()
	if err != nil {
		panic(fmt.Sprintf("write token: %v", err)) // a claim that is not JSON is the caller's mistake
	}
	return token
}

// Verify checks signature and times and returns the claims. The algorithm is fixed: the token's header is not asked.
func (k *Key) Verify(token string, now time.Time) (Claims, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, fmt.Errorf("not a JWT with RS256: %w", err)
	}
	var (
		c     Claims
		times jwt.Claims
	)
	if err := parsed.Claims(&k.private.PublicKey, &c, &times); err != nil {
		return nil, fmt.Errorf("signature or payload: %w", err)
	}
	if err := times.ValidateWithLeeway(jwt.Expected{Time: now}, 0); err != nil || times.Expiry == nil {
		return nil, errors.New("token expired or not yet valid")
	}
	return c, nil
}

// jwk is the public half in the form of an OpenID Connect key document (RFC 7517).
func (k *Key) jwk() jose.JSONWebKey {
	return jose.JSONWebKey{Key: &k.private.PublicKey, KeyID: k.id, Algorithm: string(jose.RS256), Use: "sig"}
}
