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
	return identity.New(identity.Config{Issuer: i.url(), CoreAudience: coreAudience, Tenant: tenant, Now: c.Now}), c
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
		{"of v1.0", good(claims{"ver": "1.0", "azp": nil, "appid": "44444444-4444-4444-8444-444444444444"}), nil},
		{"tenant in capitals", good(claims{"tid": strings.ToUpper(tenant)}), nil},
		{"no header", "", identity.ErrMissing},
		{"other tenant", good(claims{"tid": "88888888-8888-4888-8888-888888888888"}), identity.ErrInvalid},
		{"no tenant", good(claims{"tid": nil}), identity.ErrInvalid},
		{"no version", good(claims{"ver": nil}), identity.ErrInvalid},
		{"unknown version", good(claims{"ver": "3.0"}), identity.ErrInvalid},
		{"no client", good(claims{"azp": nil}), identity.ErrInvalid},
		{"client of the other version", good(claims{"azp": nil, "appid": "x"}), identity.ErrInvalid},
		{"ID token", good(claims{"azp": nil, "scp": nil, "nonce": "n"}), identity.ErrInvalid},
		{"ID token that names a client", good(claims{"scp": nil}), identity.ErrInvalid},
		{"ID token with a scope", good(claims{"nonce": "n"}), identity.ErrInvalid},
		{"ID token beside an access token", good(claims{"at_hash": "h"}), identity.ErrInvalid},
		{"ID token beside a code", good(claims{"c_hash": "h"}), identity.ErrInvalid},
		{"scope of blanks", good(claims{"scp": "  "}), identity.ErrInvalid},
		{"scope not a text", good(claims{"scp": []string{"user_impersonation"}}), identity.ErrInvalid},
		{"a person's, said, without a scope", good(claims{"idtyp": "user", "scp": nil}), identity.ErrInvalid},
		{"an application's, said, with a scope", good(claims{"idtyp": "app"}), identity.ErrInvalid},
		{"a device's", good(claims{"idtyp": "device"}), identity.ErrInvalid},
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
		{"mail from the user name of v1.0", claims{"email": nil, "upn": "ada@tre"}, func(p *airlock.Principal) { p.Email = "ada@tre" }},
		{"a guest's name is no mail", claims{"email": nil, "preferred_username": "ada_home.example#EXT#@tre.example"}, func(p *airlock.Principal) { p.Email = "" }},
		{"a guest's mail", claims{"preferred_username": "ada_home.example#EXT#@tre.example"}, func(*airlock.Principal) {}},
		{"a guest's name as mail", claims{"email": "ada_home.example#ext#@tre.example"}, func(p *airlock.Principal) { p.Email = "" }},
		{"email first", claims{"preferred_username": "ada@tre"}, func(*airlock.Principal) {}},
		{"no mail", claims{"email": nil}, func(p *airlock.Principal) { p.Email = "" }},
		{"no name", claims{"name": nil}, func(p *airlock.Principal) { p.Name = "" }},
		{"application, said", claims{"idtyp": "app", "scp": nil}, func(p *airlock.Principal) { p.Application = true }},
		{"application, seen", claims{"name": nil, "email": nil, "scp": nil}, func(p *airlock.Principal) { p.Name, p.Email, p.Application = "", "", true }},
		{"application, its own subject", claims{"scp": nil, "sub": "11111111-1111-4111-8111-111111111111"}, func(p *airlock.Principal) { p.Application = true }},
		{"application, as Entra says it", claims{"name": nil, "email": nil, "scp": nil, "sub": "11111111-1111-4111-8111-111111111111", "azpacr": "2"},
			func(p *airlock.Principal) { p.Name, p.Email, p.Application = "", "", true }},
		{"person, said", claims{"idtyp": "user", "name": nil, "email": nil}, func(p *airlock.Principal) { p.Name, p.Email = "", "" }},
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
