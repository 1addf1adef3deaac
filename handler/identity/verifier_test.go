package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/identity"
)

// clock is a hand on the verifier's clock.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newVerifier(i *issuer) (*identity.Verifier, *clock) {
	c := &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	return identity.New(identity.Config{Issuer: i.url(), CoreAudience: coreAudience, Now: c.Now}), c
}

func TestVerifyAcceptsOnlyGenuineTokens(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	now := at.now
	good := func(with claims) string { return "Bearer " + sign(t, keyA(), jose.RS256, "a", i.person(now, with)) }
	publicPEM := []byte("any public text, here as an HMAC key, long enough for HS256")
	tests := []struct {
		name   string
		header string
		want   error
	}{
		{"good", good(nil), nil},
		{"scheme in lower case", "bearer" + strings.TrimPrefix(good(nil), "Bearer"), nil},
		{"no roles", good(claims{"roles": nil}), nil},
		{"nbf absent", good(claims{"nbf": nil}), nil},
		{"within skew after exp", good(claims{"exp": now.Add(-59 * time.Second).Unix()}), nil},
		{"within skew before nbf", good(claims{"nbf": now.Add(59 * time.Second).Unix()}), nil},
		{"no header", "", identity.ErrMissing},
		{"no scheme", strings.TrimPrefix(good(nil), "Bearer "), identity.ErrMissing},
		{"basic", "Basic YWRhOnB3", identity.ErrMissing},
		{"empty bearer", "Bearer ", identity.ErrMissing},
		{"two tokens", good(nil) + " x", identity.ErrInvalid},
		{"garbage", "Bearer garbage", identity.ErrInvalid},
		{"expired", good(claims{"exp": now.Add(-time.Minute).Unix()}), identity.ErrExpired},
		{"not valid yet", good(claims{"nbf": now.Add(2 * time.Minute).Unix()}), identity.ErrInvalid},
		{"no exp", good(claims{"exp": nil}), identity.ErrInvalid},
		{"no oid", good(claims{"oid": nil}), identity.ErrInvalid},
		{"oid of the system", good(claims{"oid": "system"}), identity.ErrInvalid},
		{"oid with separators", good(claims{"oid": "a|b/c"}), identity.ErrInvalid},
		{"oid not a text", good(claims{"oid": 7}), identity.ErrInvalid},
		{"roles not a list", good(claims{"roles": "AirlockManager"}), identity.ErrInvalid},
		{"other issuer", good(claims{"iss": "https://evil.example/t/v2.0"}), identity.ErrInvalid},
		{"no issuer", good(claims{"iss": nil}), identity.ErrInvalid},
		{"two audiences", good(claims{"aud": []string{workspaceAudience, coreAudience}}), identity.ErrInvalid},
		{"no audience", good(claims{"aud": nil}), identity.ErrInvalid},
		{"signed by another key", "Bearer " + sign(t, keyB(), jose.RS256, "a", i.person(now, nil)), identity.ErrSignature},
		{"signed by another key, expired too", "Bearer " + sign(t, keyB(), jose.RS256, "a", i.person(now, claims{"exp": 1})), identity.ErrSignature},
		{"payload edited", edited(good(nil)), identity.ErrSignature},
		{"unknown key", "Bearer " + sign(t, keyB(), jose.RS256, "b", i.person(now, nil)), identity.ErrInvalid},
		{"names no key", "Bearer " + sign(t, keyA(), jose.RS256, "", i.person(now, nil)), identity.ErrInvalid},
		{"RS384", "Bearer " + sign(t, keyA(), jose.RS384, "a", i.person(now, nil)), identity.ErrInvalid},
		{"PS256", "Bearer " + sign(t, keyA(), jose.PS256, "a", i.person(now, nil)), identity.ErrInvalid},
		{"HS256 with a public text", "Bearer " + sign(t, publicPEM, jose.HS256, "a", i.person(now, nil)), identity.ErrInvalid},
		{"alg none", "Bearer " + unsigned(i.person(now, nil)), identity.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token, err := v.Verify(t.Context(), tt.header)
			if tt.want == nil {
				require.NoError(t, err)
				assert.Equal(t, airlock.UserID("11111111-1111-4111-8111-111111111111"), token.ID())
				return
			}
			require.ErrorIs(t, err, tt.want)
		})
	}
}

// edited changes one character in the middle of the payload.
func edited(header string) string {
	parts := strings.Split(header, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), "Ada", "Eve", 1)))
	return strings.Join(parts, ".")
}

func unsigned(c claims) string {
	body, _ := json.Marshal(c)
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"alg":"none","kid":"a"}`)) + "." + enc.EncodeToString(body) + "."
}

func TestPrincipalFromClaims(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	all := claims{"roles": []string{"WorkspaceOwner", "AirlockManager", "TREAdmin", "SomethingElse", "AirlockManager"}}
	tests := []struct {
		name string
		with claims
		want func(*airlock.Principal)
	}{
		{"as usual", nil, func(*airlock.Principal) {}},
		{"known roles once each", all, func(p *airlock.Principal) { p.Roles = []airlock.Role{"WorkspaceOwner", "AirlockManager", "TREAdmin"} }},
		{"no roles", claims{"roles": nil}, func(p *airlock.Principal) { p.Roles = []airlock.Role{} }},
		{"mail from the user name", claims{"email": nil, "preferred_username": "ada@tre"}, func(p *airlock.Principal) { p.Email = "ada@tre" }},
		{"email first", claims{"preferred_username": "ada@tre"}, func(*airlock.Principal) {}},
		{"no mail", claims{"email": nil}, func(p *airlock.Principal) { p.Email = "" }},
		{"no name", claims{"name": nil}, func(p *airlock.Principal) { p.Name = "" }},
		{"application, said", claims{"idtyp": "app"}, func(p *airlock.Principal) { p.Application = true }},
		{"application, seen", claims{"name": nil, "email": nil, "scp": nil}, func(p *airlock.Principal) { p.Name, p.Email, p.Application = "", "", true }},
		{"person without scp", claims{"scp": nil}, func(*airlock.Principal) {}},
		{"person, said", claims{"idtyp": "user", "name": nil, "email": nil, "scp": nil}, func(p *airlock.Principal) { p.Name, p.Email = "", "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token, err := v.Verify(t.Context(), "Bearer "+sign(t, keyA(), jose.RS256, "a", i.person(at.now, tt.with)))
			require.NoError(t, err)
			got, err := token.Workspace(workspaceAudience)
			require.NoError(t, err)
			want := airlock.Principal{ID: "11111111-1111-4111-8111-111111111111", Name: "Ada", Email: "ada@example.org",
				Roles: []airlock.Role{"WorkspaceResearcher"}, Audience: workspaceAudience, WorkspaceToken: true}
			tt.want(&want)
			assert.Equal(t, want, got)
		})
	}
}

func TestAudienceIsHeldAgainstWhatIsAskedFor(t *testing.T) {
	i := newIssuer(t)
	v, at := newVerifier(i)
	verify := func(audience string) identity.Token {
		token, err := v.Verify(t.Context(), "Bearer "+sign(t, keyA(), jose.RS256, "a", i.person(at.now, claims{"aud": audience})))
		require.NoError(t, err)
		return token
	}
	ofWorkspace, core := verify(workspaceAudience), verify(coreAudience)

	_, err := ofWorkspace.Core()
	require.ErrorIs(t, err, identity.ErrInvalid, "a workspace token is no core token")
	_, err = ofWorkspace.Workspace("99999999-2222-4222-8222-222222222222")
	require.ErrorIs(t, err, identity.ErrInvalid, "nor one of another workspace")
	_, err = ofWorkspace.Workspace("")
	require.ErrorIs(t, err, identity.ErrInvalid, "nor of a workspace without client id")
	_, err = core.Workspace(workspaceAudience)
	require.ErrorIs(t, err, identity.ErrInvalid)
	_, err = core.Workspace(coreAudience)
	require.ErrorIs(t, err, identity.ErrInvalid, "even if a workspace claims the core audience")
	_, err = identity.Token{}.Core()
	require.ErrorIs(t, err, identity.ErrInvalid, "the zero token is nobody's")

	p, err := core.Core()
	require.NoError(t, err)
	assert.False(t, p.WorkspaceToken)
	assert.Equal(t, coreAudience, p.Audience)
}
