package identity

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
)

// claims are the members of a token that we read
// (learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
type claims struct {
	ObjectID  string   `json:"oid"`
	Subject   string   `json:"sub"`
	Tenant    string   `json:"tid"`
	Version   string   `json:"ver"`
	NotBefore *float64 `json:"nbf"`
	Name      string   `json:"name"`
	Email     string   `json:"email"`
	Username  string   `json:"preferred_username"`
	UPN       string   `json:"upn"`
	Roles     []string `json:"roles"`
	Scope     string   `json:"scp"`
	Kind      string   `json:"idtyp"`
	// The client that asked for the token: in v2.0 and in v1.0 tokens.
	Client   string `json:"azp"`
	ClientV1 string `json:"appid"`
	// Members of ID tokens alone.
	Nonce    string `json:"nonce"`
	HashAt   string `json:"at_hash"`
	HashCode string `json:"c_hash"`
}

// Token is a genuine token of our issuer. It is nobody's principal yet: for that it
// must have the audience of the workspace or the core that the caller asks for.
type Token struct {
	core      string
	audience  string
	principal airlock.Principal
}

// An object id becomes part of row keys, so it may hold no separators.
var objectID = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

func newToken(of Config, audience []string, c claims) (Token, error) {
	// SystemID is how records name the service itself: nobody else may bear it.
	if !objectID.MatchString(c.ObjectID) || c.ObjectID == string(airlock.SystemID) {
		return Token{}, fmt.Errorf("%w: no usable oid", ErrInvalid)
	}
	// A token for several audiences would carry one set of roles into all of them.
	if len(audience) != 1 || audience[0] == "" {
		return Token{}, fmt.Errorf("%w: not exactly one audience", ErrInvalid)
	}
	if c.Tenant == "" || !strings.EqualFold(c.Tenant, of.Tenant) {
		return Token{}, fmt.Errorf("%w: not of this tenant", ErrInvalid)
	}
	if err := c.access(); err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	application, err := c.application()
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return Token{core: of.CoreAudience, audience: audience[0], principal: airlock.Principal{ID: airlock.UserID(c.ObjectID), Name: airlock.CleanLine(c.Name),
		Email: c.mail(), Roles: knownRoles(c.Roles), Audience: audience[0], Application: application}}, nil
}

// access makes sure that the claims are those of an access token. An ID token
// tells a client who logged in and is for nobody else: it names no client that
// asked for it, and may be bound to a login or to other tokens
// (learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
func (c claims) access() error {
	client, known := map[string]string{"1.0": c.ClientV1, "2.0": c.Client}[c.Version]
	switch {
	case !known:
		return errors.New("not a version of Entra's tokens")
	case client == "" || c.Nonce != "" || c.HashAt != "" || c.HashCode != "":
		return errors.New("not an access token")
	}
	return nil
}

// application reports whether no person stands behind the token. A person's has a
// scope, which they granted to the client; an application's own has none. Entra
// says it in idtyp too, which is an optional claim, and in an application's token
// the subject is the application itself, while a person's subject is another one
// for each client. A token that is neither is refused.
func (c claims) application() (bool, error) {
	delegated := strings.TrimSpace(c.Scope) != ""
	switch c.Kind {
	case "app":
		if !delegated {
			return true, nil
		}
	case "user":
		if delegated {
			return false, nil
		}
	case "":
		if delegated {
			return false, nil
		}
		if named := c.Name != "" || c.Username != "" || c.Email != "" || c.UPN != ""; !named || c.Subject == c.ObjectID {
			return true, nil
		}
	}
	return false, errors.New("neither a person's access token nor an application's")
}

// mail is where the person gets mail: an address, or the sign-in name where it can
// be one.
func (c claims) mail() string {
	for _, given := range []string{c.Email, c.Username, c.UPN} {
		if a := airlock.MailAddress(given); a != "" {
			return a
		}
	}
	return ""
}

// knownRoles keeps the roles that mean something here: the others would only
// swell the record of what the caller did.
func knownRoles(claimed []string) []airlock.Role {
	roles := []airlock.Role{}
	for _, r := range claimed {
		role := airlock.Role(r)
		known := slices.Contains(airlock.WorkspaceRoles, role) || slices.Contains(airlock.CoreRoles, role) || slices.Contains(airlock.GateRoles, role)
		if known && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// ID is whose token it is, for logs.
func (t Token) ID() airlock.UserID { return t.principal.ID }

// Core returns the caller as seen by the TRE as a whole. It is ErrInvalid when
// the token is for another audience.
func (t Token) Core() (airlock.Principal, error) {
	if t.core == "" || t.audience != t.core {
		return airlock.Principal{}, fmt.Errorf("%w: not for the core audience", ErrInvalid)
	}
	return t.principal, nil
}

// Workspace returns the caller as seen by the workspace whose tokens have the
// audience clientID. It is ErrInvalid when the token is for another audience. A
// workspace that claimed the core audience for itself would turn core roles into
// its own, so that matches nothing.
func (t Token) Workspace(clientID string) (airlock.Principal, error) {
	if clientID == "" || clientID == t.core || t.audience != clientID {
		return airlock.Principal{}, fmt.Errorf("%w: not for this workspace", ErrInvalid)
	}
	p := t.principal
	p.WorkspaceToken = true
	return p, nil
}
