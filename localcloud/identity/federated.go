package identity

import (
	"errors"
	"fmt"
	"time"
)

// A workload shows a token of its own platform, for this audience, instead of a secret
// (learn.microsoft.com/entra/workload-id/workload-identity-federation).
const (
	exchangeAudience = "api://AzureADTokenExchange"
	jwtBearer        = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	federatedLife    = time.Hour
)

// subject is whom the platform's tokens name; an application is federated with one.
func (a Application) subject() string { return "system:serviceaccount:airlock:" + a.Name }

// FederatedToken is the token that the platform gives the workload which may act as an application. The platform is the
// issuer itself here.
func (i Issuer) FederatedToken(application string) (string, error) {
	app, err := FindApplication(application)
	if err != nil {
		return "", err
	}
	now := time.Now()
	return i.Key.Sign(Claims{"iss": i.URL(), "aud": exchangeAudience, "sub": app.subject(), "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(federatedLife).Unix()}), nil
}

// federated checks what a workload showed.
func (s *Server) federated(app Application, kind, assertion string) error {
	if kind != jwtBearer {
		return fmt.Errorf("client_assertion_type has to be %s", jwtBearer)
	}
	c, err := s.Key.Verify(assertion, time.Now())
	switch {
	case err != nil:
		return fmt.Errorf("client_assertion: %w", err)
	case c["aud"] != exchangeAudience:
		return fmt.Errorf("no matching federated identity record found for presented assertion audience %v", c["aud"])
	case c["sub"] != app.subject():
		return errors.New("no matching federated identity record found for presented assertion subject")
	}
	return nil
}
