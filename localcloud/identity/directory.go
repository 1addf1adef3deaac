package identity

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fixed ids: a token or link from yesterday still means the same today, and examples can be copied from documents.
const (
	Tenant         = "11111111-1111-4111-8111-111111111111"
	CoreClientID   = "22222222-2222-4222-8222-222222222222" // audience of core tokens
	PublicClientID = "33333333-3333-4333-8333-333333333333" // the command line's registration
)

// Persona is one person of the local directory.
type Persona struct {
	Name        string // as given to `token --as`
	ObjectID    string
	DisplayName string
	Mail        string
	CoreRoles   []string
}

// Workspace is one workspace as the directory knows it: an enterprise application with role assignments.
type Workspace struct {
	Name, ID, ClientID, ServicePrincipalID string
	DisplayName, Description               string
	Roles                                  map[string][]string // persona or application to roles
}

// ScopeID is the scope that a client asks a token for.
func (w Workspace) ScopeID() string { return "api://" + w.ClientID }

const (
	researcher     = "WorkspaceResearcher"
	workspaceOwner = "WorkspaceOwner"
	airlockManager = "AirlockManager"
)

// Personas returns everybody, in a fixed order.
func Personas() []Persona {
	user, admin := []string{"TREUser"}, []string{"TREUser", "TREAdmin"}
	person := func(name, n, display string, core []string) Persona {
		return Persona{Name: name, ObjectID: "a0000000-0000-4000-8000-00000000000" + n, DisplayName: display, Mail: name + "@tre.example", CoreRoles: core}
	}
	return []Persona{
		person("researcher", "1", "Ada Researcher", user),
		person("researcher2", "2", "Ben Researcher", user),
		person("owner", "3", "Olga Owner", user),
		person("manager", "4", "Grace Manager", user),
		person("manager2", "5", "Ming Manager", user),
		person("researcher-manager", "6", "Rose Researcher-Manager", user),
		person("admin", "7", "Tess Admin", admin),
		person("manager3", "8", "Mara Manager", user),
		person("senior", "9", "Sami Senior", user),
	}
}

// Workspaces returns the two workspaces of the local cloud.
func Workspaces() []Workspace {
	return []Workspace{
		{
			Name: "genomics", ID: "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11", ClientID: "5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01", ServicePrincipalID: "5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c02",
			DisplayName: "Genomics", Description: "Whole-genome studies",
			Roles: map[string][]string{
				"researcher": {researcher}, "researcher2": {researcher}, "owner": {workspaceOwner}, "manager": {airlockManager},
				"manager2": {airlockManager}, "manager3": {airlockManager}, "senior": {airlockManager}, "researcher-manager": {researcher, airlockManager}, "admin": {}, "pipeline": {researcher}, "robot": {airlockManager, workspaceOwner},
			},
		},
		{
			Name: "imaging", ID: "c47d2b18-93ef-4a05-b6d2-0f8e1a3c5d22", ClientID: "7d4a9b21-2c3e-4b7d-8e81-4e5f6a7b8c01", ServicePrincipalID: "7d4a9b21-2c3e-4b7d-8e81-4e5f6a7b8c02",
			DisplayName: "Imaging", Description: "Radiology images",
			Roles: map[string][]string{"researcher2": {researcher}, "manager": {airlockManager}},
		},
	}
}

// FindPersona returns the persona of that name; the error lists the names there are.
func FindPersona(name string) (Persona, error) {
	var names []string
	for _, p := range Personas() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Persona{}, fmt.Errorf("no persona %q; there are %s", name, strings.Join(names, ", "))
}

// FindWorkspace returns the workspace with that name or id; the error lists the names there are.
func FindWorkspace(nameOrID string) (Workspace, error) {
	var names []string
	for _, w := range Workspaces() {
		if w.Name == nameOrID || strings.EqualFold(w.ID, nameOrID) {
			return w, nil
		}
		names = append(names, w.Name)
	}
	return Workspace{}, fmt.Errorf("no workspace %q; there are %s", nameOrID, strings.Join(names, ", "))
}

// Audience is one application that tokens can be for: the core API or a workspace.
type Audience struct {
	ID    string
	label string
	roles func(name string) (roles []string, member bool)
}

// CoreAudience is the TRE's own API.
func CoreAudience() Audience {
	return Audience{ID: CoreClientID, label: "the core API", roles: func(name string) ([]string, bool) {
		if a, err := FindApplication(name); err == nil {
			return a.CoreRoles, true
		}
		p, err := FindPersona(name)
		return p.CoreRoles, err == nil
	}}
}

// Audience is the workspace as something to log in to.
func (w Workspace) Audience() Audience {
	return Audience{ID: w.ClientID, label: "workspace " + w.Name, roles: func(name string) ([]string, bool) {
		roles, member := w.Roles[name]
		return roles, member
	}}
}

// findAudience returns the application a scope such as api://ID/.default or ID/user_impersonation names.
func findAudience(scope string) (Audience, error) {
	audiences := []Audience{CoreAudience()}
	for _, w := range Workspaces() {
		audiences = append(audiences, w.Audience())
	}
	for _, word := range strings.Fields(scope) { // beside openid, profile, offline_access
		id, _, _ := strings.Cut(strings.TrimPrefix(word, "api://"), "/")
		if i := slices.IndexFunc(audiences, func(a Audience) bool { return a.ID == id }); i >= 0 {
			return audiences[i], nil
		}
	}
	return Audience{}, fmt.Errorf("scope %q names no application of this tenant", scope)
}

// personLife is Entra's usual life of an access token, rounded up.
const personLife = 2 * time.Hour

// PersonClaims are the claims of a v2.0 access token for a persona, of now. It refuses who is no member.
func PersonClaims(issuer string, p Persona, a Audience, now time.Time) (Claims, error) {
	roles, member := a.roles(p.Name)
	if !member {
		return nil, fmt.Errorf("%s is not assigned to %s", p.Name, a.label)
	}
	c := claims(issuer, a, p.ObjectID, roles, now)
	c["sub"] = pairwise(p, a.ID)
	c["name"], c["preferred_username"], c["email"] = p.DisplayName, p.Mail, p.Mail
	c["azp"], c["scp"] = PublicClientID, "user_impersonation"
	return c, nil
}

// pairwise is a person's subject, which is another one for each application.
func pairwise(p Persona, application string) string {
	sum := sha256.Sum256([]byte(p.ObjectID + application))
	return b64.EncodeToString(sum[:])
}

func claims(issuer string, a Audience, oid string, roles []string, now time.Time) Claims {
	if roles == nil {
		roles = []string{}
	}
	return Claims{"aud": a.ID, "iss": issuer, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(personLife).Unix(),
		"oid": oid, "tid": Tenant, "sub": oid, "roles": roles, "ver": "2.0"}
}
