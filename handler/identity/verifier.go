package identity

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Skew is how far the issuer's clock and ours may be apart.
const Skew = time.Minute

// Config says whose tokens count.
type Config struct {
	// Issuer is the OpenID Connect issuer, as it stands in `iss`.
	Issuer string
	// CoreAudience is the audience of tokens for the TRE as a whole.
	CoreAudience string
	// Tenant is the directory's id, as it stands in `tid`.
	Tenant string
	// HTTPClient fetches discovery document and keys; nil means one with short
	// time-outs.
	HTTPClient *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log is told when keys cannot be fetched; nil means slog.Default.
	Log *slog.Logger
}

// Verifier checks bearer tokens. It is safe for concurrent use.
type Verifier struct {
	config Config
	issuer string
	now    func() time.Time
	keys   *keys
	seen   verifiedTokens
}

// New returns a Verifier. It contacts nobody: the issuer is asked when the first
// token comes, so that a start never depends on it. It panics without issuer,
// core audience or tenant, which is a wiring mistake.
func New(c Config) *Verifier {
	if c.Issuer == "" || c.CoreAudience == "" || c.Tenant == "" {
		panic("identity: issuer, core audience and tenant are needed")
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: fetchWithin}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Verifier{config: c, issuer: c.Issuer, now: c.Now,
		keys: &keys{issuer: c.Issuer, client: c.HTTPClient, now: c.Now, log: c.Log}}
}

// Verify says whether the Authorization header carries a genuine token: RS256,
// signed with a key of the issuer, naming the issuer, in time, an access token of
// the tenant, of a person or an application, with an `oid`. It does not look at
// the audience. Errors: ErrMissing, ErrExpired,
// ErrSignature, ErrInvalid, ErrUnavailable.
func (v *Verifier) Verify(ctx context.Context, authorization string) (Token, error) {
	raw, err := bearer(authorization)
	if err != nil {
		return Token{}, err
	}
	g, err := v.genuine(ctx, raw)
	if err != nil {
		return Token{}, err
	}
	if err := v.inTime(g.expiry, g.notBefore); err != nil {
		return Token{}, err
	}
	return g.token, nil
}

// Try asks the issuer for its keys now, also when keys are known. Errors: ErrUnavailable.
func (v *Verifier) Try(ctx context.Context) error {
	if _, err := v.keys.download(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// genuine reads a token after it made sure of its signature and issuer, or finds
// that it did so before and that the key still counts. It does not look at times.
func (v *Verifier) genuine(ctx context.Context, raw string) (genuine, error) {
	if known, found := v.seen.find(raw); found {
		if key, err := v.keys.key(ctx, known.keyID); err == nil && key.Equal(known.key) {
			return known, nil
		}
	}
	// go-oidc wraps a key set's error as text alone, so the set remembers it.
	set := &keySet{keys: v.keys}
	parsed, err := oidc.NewVerifier(v.issuer, set, &oidc.Config{
		SupportedSigningAlgs: []string{oidc.RS256},
		SkipClientIDCheck:    true, // second step
		SkipExpiryCheck:      true, // the caller: go-oidc allows five minutes for nbf and none for exp
	}).Verify(ctx, raw)
	if set.err != nil {
		return genuine{}, set.err
	}
	if err != nil {
		return genuine{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var c claims
	if err := parsed.Claims(&c); err != nil {
		return genuine{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	token, err := newToken(v.config, parsed.Audience, c)
	if err != nil {
		return genuine{}, err
	}
	g := genuine{keyID: set.id, key: set.key, expiry: parsed.Expiry, notBefore: c.NotBefore, token: token}
	v.seen.keep(raw, g)
	return g, nil
}

// inTime holds a token's times against the clock, with Skew in its favour.
func (v *Verifier) inTime(expiry time.Time, notBefore *float64) error {
	now := v.now()
	switch {
	case expiry.IsZero():
		return fmt.Errorf("%w: no exp", ErrInvalid)
	case !now.Before(expiry.Add(Skew)):
		return ErrExpired
	case notBefore != nil && float64(now.Add(Skew).Unix()) < *notBefore:
		return fmt.Errorf("%w: not valid yet", ErrInvalid)
	}
	return nil
}

// bearer takes the token out of an Authorization header. The scheme's letter
// case does not matter (RFC 9110 §11.1).
func bearer(authorization string) (string, error) {
	scheme, raw, found := strings.Cut(authorization, " ")
	raw = strings.Trim(raw, " ")
	if !found || raw == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", ErrMissing
	}
	return raw, nil
}
