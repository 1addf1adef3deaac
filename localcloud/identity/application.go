package identity

import (
	"fmt"
	"slices"
	"time"
)

// Application is a program that logs in by itself: no person stands behind its tokens.
type Application struct {
	Name      string // as given to `token --as`
	ObjectID  string // of its service principal
	ClientID  string
	CoreRoles []string
	// SaysSo is set for one whose tokens have the optional claim idtyp.
	SaysSo bool
}

// Applications returns all, in a fixed order.
func Applications() []Application {
	return []Application{
		{Name: "pipeline", ObjectID: "44444444-4444-4444-8444-444444444444", ClientID: "44444444-4444-4444-8444-444444444444", CoreRoles: []string{"TREUser"}, SaysSo: true},
		{Name: "robot", ObjectID: "55555555-5555-4555-8555-555555555551", ClientID: "55555555-5555-4555-8555-555555555552", CoreRoles: []string{"TREUser", "TREAdmin"}},
		{Name: "engine", ObjectID: "66666666-6666-4666-8666-666666666661", ClientID: "66666666-6666-4666-8666-666666666662", CoreRoles: []string{"AirlockGate"}, SaysSo: true},
		{Name: "clamav", ObjectID: "77777777-7777-4777-8777-777777777771", ClientID: "77777777-7777-4777-8777-777777777772", CoreRoles: []string{"AirlockGate"}, SaysSo: true},
	}
}

// FindApplication returns the application of that name or client id; "" is the pipeline.
func FindApplication(nameOrID string) (Application, error) {
	if nameOrID == "" {
		nameOrID = "pipeline"
	}
	all := Applications()
	if i := slices.IndexFunc(all, func(a Application) bool { return a.Name == nameOrID || a.ClientID == nameOrID }); i >= 0 {
		return all[i], nil
	}
	return Application{}, fmt.Errorf("no application %q", nameOrID)
}

// ApplicationClaims are the claims of a v2.0 access token that an application got by its own credentials: the subject
// is its service principal, no scope was granted by anybody, and no name is in it
// (learn.microsoft.com/entra/identity-platform/access-token-claims-reference). It refuses who has no role.
func ApplicationClaims(issuer string, app Application, a Audience, now time.Time) (Claims, error) {
	roles, member := a.roles(app.Name)
	if !member {
		return nil, fmt.Errorf("%s is not assigned to %s", app.Name, a.label)
	}
	c := claims(issuer, a, app.ObjectID, roles, now)
	c["azp"], c["azpacr"] = app.ClientID, "1"
	if app.SaysSo {
		c["idtyp"] = "app"
	}
	return c, nil
}

// IDTokenClaims are the claims of the ID token that a client of the audience gets when a persona logs in: it is for the
// client alone, and no API may take it.
func IDTokenClaims(issuer string, p Persona, a Audience, now time.Time) (Claims, error) {
	c, err := PersonClaims(issuer, p, a, now)
	if err != nil {
		return nil, err
	}
	delete(c, "scp")
	delete(c, "azp")
	delete(c, "email") // an optional claim
	c["nonce"] = "localcloud"
	return c, nil
}

// signInClaims are the claims of the ID token of a sign-in with the public client.
func signInClaims(issuer string, p Persona, nonce string, now time.Time) Claims {
	c := claims(issuer, Audience{ID: PublicClientID}, p.ObjectID, nil, now)
	delete(c, "roles")
	c["sub"] = pairwise(p, PublicClientID)
	c["name"], c["preferred_username"] = p.DisplayName, p.Mail
	if nonce != "" {
		c["nonce"] = nonce
	}
	return c
}
