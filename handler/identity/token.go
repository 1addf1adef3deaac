package identity

import (
	"fmt"
	"regexp"
	"slices"

	"example.org/airlock/handler/airlock"
)

// claims are the members of a token that we read.
type claims struct {
	ObjectID  string   `json:"oid"`
	NotBefore *float64 `json:"nbf"`
	Name      string   `json:"name"`
	Email     string   `json:"email"`
	Username  string   `json:"preferred_username"`
	Roles     []string `json:"roles"`
	Scope     string   `json:"scp"`
	Kind      string   `json:"idtyp"`
}

// Token is a genuine token of our issuer. It is nobody's principal yet: that
// takes the audience of what the caller asks for.
type Token struct {
	core      string
	audience  string
	principal airlock.Principal
}

// An object id becomes part of row keys, so it may hold no separators.
var objectID = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

func newToken(core string, audience []string, c claims) (Token, error) {
	// SystemID is how records name the service itself: nobody else may bear it.
	if !objectID.MatchString(c.ObjectID) || c.ObjectID == string(airlock.SystemID) {
		return Token{}, fmt.Errorf("%w: no usable oid", ErrInvalid)
	}
	// A token for several audiences would carry one set of roles into all of them.
	if len(audience) != 1 || audience[0] == "" {
		return Token{}, fmt.Errorf("%w: not exactly one audience", ErrInvalid)
	}
	mail := c.Email
	if mail == "" {
		mail = c.Username
	}
	return Token{core: core, audience: audience[0], principal: airlock.Principal{ID: airlock.UserID(c.ObjectID), Name: c.Name,
		Email: mail, Roles: knownRoles(c.Roles), Audience: audience[0], Application: c.application()}}, nil
}

// application reports whether no person stands behind the token. Entra says so
// in the optional claim idtyp; without it an app-only token is one that was not
// delegated (no scp) and names nobody.
func (c claims) application() bool {
	if c.Kind != "" {
		return c.Kind == "app"
	}
	return c.Scope == "" && c.Name == "" && c.Username == "" && c.Email == ""
}

// knownRoles keeps the roles that mean something here: the others would only
// swell the record of what the caller did.
func knownRoles(claimed []string) []airlock.Role {
	roles := []airlock.Role{}
	for _, r := range claimed {
		role := airlock.Role(r)
		known := slices.Contains(airlock.WorkspaceRoles, role) || slices.Contains(airlock.CoreRoles, role)
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
