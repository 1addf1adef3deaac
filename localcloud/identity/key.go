package identity

import (
	"crypto"
	"crypto/hmac"
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
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"
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
	signed := unsigned(map[string]any{"typ": "JWT", "alg": "RS256", "kid": k.id}, c)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, k.private, crypto.SHA256, sum[:])
	if err != nil {
		panic(fmt.Sprintf("sign token: %v", err)) // a 2048 bit key signs any hash
	}
	return signed + "." + b64.EncodeToString(sig)
}

// Unsigned makes a token with algorithm "none", which every reader must refuse.
func Unsigned(c Claims) string {
	return unsigned(map[string]any{"typ": "JWT", "alg": "none"}, c) + "."
}

// SignHS256 makes the classic forgery: a token signed by HMAC with the public key, which only a reader that believes
// the token's own algorithm accepts.
func (k *Key) SignHS256(c Claims) string {
	signed := unsigned(map[string]any{"typ": "JWT", "alg": "HS256", "kid": k.id}, c)
	public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&k.private.PublicKey)})
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(signed))
	return signed + "." + b64.EncodeToString(mac.Sum(nil))
}

func unsigned(header map[string]any, c Claims) string {
	head, errHead := json.Marshal(header)
	body, errBody := json.Marshal(c)
	if err := errors.Join(errHead, errBody); err != nil {
		panic(fmt.Sprintf("write token: %v", err)) // a claim that is not JSON is the caller's mistake
	}
	return b64.EncodeToString(head) + "." + b64.EncodeToString(body)
}

// Verify checks signature and times and returns the claims. The algorithm is fixed: the token's header is not asked.
func (k *Key) Verify(token string, now time.Time) (Claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a JWT")
	}
	sig, err := b64.DecodeString(parts[2])
	if err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&k.private.PublicKey, crypto.SHA256, sum[:], sig); err != nil {
		return nil, errors.New("signature does not match")
	}
	body, err := b64.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	var c Claims
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	nbf, _ := c["nbf"].(float64)
	exp, _ := c["exp"].(float64)
	if at := float64(now.Unix()); at < nbf || at >= exp {
		return nil, errors.New("token expired or not yet valid")
	}
	return c, nil
}

// jwk is the public half in the form of an OpenID Connect key document (RFC 7517).
func (k *Key) jwk() map[string]string {
	public := k.private.PublicKey
	return map[string]string{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": k.id,
		"n": b64.EncodeToString(public.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(public.E)).Bytes())}
}
