package identity

import "time"

// Issuer is the OpenID Connect issuer of people's tokens, at Base (http://127.0.0.1:PORT). No secret is ever asked
// for: whoever reaches it on loopback may be anybody.
type Issuer struct {
	Key  *Key
	Base string
}

// URL is the issuer as it stands in tokens.
func (i Issuer) URL() string { return i.Base + "/" + Tenant + "/v2.0" }

// TokenEndpoint is where clients log in.
func (i Issuer) TokenEndpoint() string { return i.Base + "/" + Tenant + "/oauth2/v2.0/token" }

// PersonToken mints a token for a persona, see PersonClaims.
func (i Issuer) PersonToken(p Persona, a Audience) (string, error) {
	return i.signed(PersonClaims(i.URL(), p, a, time.Now()))
}

// Token mints an access token for the persona or application of that name.
func (i Issuer) Token(name string, a Audience) (string, error) {
	if app, err := FindApplication(name); err == nil && name != "" {
		return i.signed(ApplicationClaims(i.URL(), app, a, time.Now()))
	}
	p, err := FindPersona(name)
	if err != nil {
		return "", err
	}
	return i.PersonToken(p, a)
}

// IDToken mints an ID token for the persona of that name, see IDTokenClaims.
func (i Issuer) IDToken(name string, a Audience) (string, error) {
	p, err := FindPersona(name)
	if err != nil {
		return "", err
	}
	return i.signed(IDTokenClaims(i.URL(), p, a, time.Now()))
}

func (i Issuer) signed(c Claims, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return i.Key.Sign(c), nil
}
