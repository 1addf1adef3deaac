package airlock

import "slices"

// Role is a role as it stands in a token's `roles` claim.
type Role string

// Roles of the workspace audience and of the core audience.
const (
	RoleResearcher Role = "WorkspaceResearcher"
	RoleOwner      Role = "WorkspaceOwner"
	RoleManager    Role = "AirlockManager"
	RoleTREUser    Role = "TREUser"
	RoleTREAdmin   Role = "TREAdmin"
	// RoleGate is for applications that are external gates.
	RoleGate Role = "AirlockGate"
)

// WorkspaceRoles and CoreRoles are the roles each audience may carry. A role of
// the other audience in a token counts for nothing: a workspace's app
// registration must not be able to mint TRE administrators.
var (
	WorkspaceRoles = []Role{RoleOwner, RoleResearcher, RoleManager}
	CoreRoles      = []Role{RoleTREUser, RoleTREAdmin}
	// GateRoles are of the core audience too, and count for nothing but gates.
	GateRoles = []Role{RoleGate}
)

// Principal is a caller whose token has been verified, or the system itself. It
// is stored with what the caller did and has the JSON of the existing contract.
type Principal struct {
	ID             UserID `json:"id"`
	Name           string `json:"name"`
	Email          string `json:"email"`
	Roles          []Role `json:"roles"`
	Audience       string `json:"audience"`
	WorkspaceToken bool   `json:"is_workspace_token"`
	// Application is true for an app-only token: no person stands behind it.
	Application bool `json:"is_application,omitempty"`
}

// Kind is the type of a principal: a person, an application, or the
// service itself.
type Kind string

// The kinds.
const (
	KindPerson      Kind = "person"
	KindApplication Kind = "application"
	KindSystem      Kind = "system"
)

// Kind says what stands behind p.
func (p Principal) Kind() Kind {
	switch {
	case p.ID == SystemID:
		return KindSystem
	case p.Application:
		return KindApplication
	}
	return KindPerson
}

// SystemID is the id of the system where a person's object id would stand.
const SystemID UserID = "system"

// SystemPrincipal is the service itself, acting as one of its components
// ("copy", "scan gate", "reconciler").
func SystemPrincipal(component string) Principal {
	return Principal{ID: SystemID, Name: "airlock " + component, Roles: []Role{}}
}

// Has reports whether p carries one of the roles, in a token of the right audience.
func (p Principal) Has(roles ...Role) bool {
	for _, r := range roles {
		valid := slices.Contains(CoreRoles, r) || slices.Contains(GateRoles, r)
		if p.WorkspaceToken {
			valid = slices.Contains(WorkspaceRoles, r)
		}
		if valid && slices.Contains(p.Roles, r) {
			return true
		}
	}
	return false
}

// ActorsOf returns the parts p plays towards a request created by createdBy
// (empty when there is no request yet: every researcher and owner is then its
// possible requestor). The requestor needs to hold a researcher or owner role
// still: who left the project no longer acts for it.
func ActorsOf(p Principal, createdBy UserID) []Actor {
	var actors []Actor
	writer := p.Has(RoleResearcher, RoleOwner)
	if writer && (createdBy == "" || p.ID == createdBy) {
		actors = append(actors, Requestor)
	}
	if p.Has(RoleResearcher) && createdBy != "" && p.ID != createdBy {
		actors = append(actors, Researcher)
	}
	if p.Has(RoleOwner) {
		actors = append(actors, Owner)
	}
	if p.Has(RoleManager) {
		actors = append(actors, AirlockManager)
	}
	if p.Has(RoleTREAdmin) {
		actors = append(actors, TREAdmin)
	}
	return actors
}
