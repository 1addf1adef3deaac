package graph

import (
	"slices"

	"example.org/airlock/localcloud/identity"
)

// Directory is the tenant's content.
type Directory struct {
	ServicePrincipals []ServicePrincipal `json:"servicePrincipals"`
	Groups            []Group            `json:"groups"`
	Users             []User             `json:"users"`
}

// ServicePrincipal is an enterprise application: its app roles and who has them.
type ServicePrincipal struct {
	ID          string       `json:"id"`
	AppID       string       `json:"appId"`
	DisplayName string       `json:"displayName"`
	AppRoles    []AppRole    `json:"appRoles"`
	Assignments []Assignment `json:"assignments"`
	// AccountEnabled is whether it can sign in.
	AccountEnabled bool `json:"accountEnabled"`
}

// AppRole is a role that an application defines.
type AppRole struct {
	ID          string `json:"id"`
	Value       string `json:"value"`
	DisplayName string `json:"displayName"`
	IsEnabled   bool   `json:"isEnabled"`
}

// Assignment gives an app role to a user, a group or another application.
type Assignment struct {
	PrincipalID   string `json:"principalId"`
	PrincipalType string `json:"principalType"` // User, Group or ServicePrincipal
	AppRoleID     string `json:"appRoleId"`
}

// Group has users and other groups as members, by id.
type Group struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Members     []string `json:"members"`
}

// User is a person; Mail is empty for one without a mailbox.
type User struct {
	ID                string `json:"id"`
	DisplayName       string `json:"displayName"`
	Mail              string `json:"mail"`
	UserPrincipalName string `json:"userPrincipalName"`
	Disabled          bool   `json:"disabled,omitempty"`
}

// roleIDs are the app roles of every workspace's application.
var roleIDs = map[string]string{
	"WorkspaceOwner":      "c0000000-0000-4000-8000-000000000001",
	"WorkspaceResearcher": "c0000000-0000-4000-8000-000000000002",
	"AirlockManager":      "c0000000-0000-4000-8000-000000000003",
}

// Local is the directory of the local cloud's personas and workspaces. Everybody
// holds roles directly, but researcher2, who is in a group inside a group, as
// people of real tenants are.
func Local() Directory {
	const team, everybody = "d0000000-0000-4000-8000-000000000001", "d0000000-0000-4000-8000-000000000002"
	var d Directory
	nested := ""
	for _, p := range identity.Personas() {
		d.Users = append(d.Users, User{ID: p.ObjectID, DisplayName: p.DisplayName, Mail: p.Mail, UserPrincipalName: p.Mail})
		if p.Name == "researcher2" {
			nested = p.ObjectID
		}
	}
	d.Groups = []Group{{team, "Research team", []string{nested}}, {everybody, "All researchers", []string{team}}}
	for _, w := range identity.Workspaces() {
		sp := ServicePrincipal{ID: w.ServicePrincipalID, AppID: w.ClientID, DisplayName: w.DisplayName, AccountEnabled: true}
		for _, value := range []string{"WorkspaceOwner", "WorkspaceResearcher", "AirlockManager"} {
			sp.AppRoles = append(sp.AppRoles, AppRole{roleIDs[value], value, value, true})
			for _, p := range identity.Personas() {
				if !slices.Contains(w.Roles[p.Name], value) {
					continue
				}
				assigned := Assignment{p.ObjectID, "User", roleIDs[value]}
				if p.ObjectID == nested {
					assigned.PrincipalID, assigned.PrincipalType = everybody, "Group"
				}
				sp.Assignments = append(sp.Assignments, assigned)
			}
		}
		d.ServicePrincipals = append(d.ServicePrincipals, sp)
	}
	for _, a := range identity.Applications() {
		d.ServicePrincipals = append(d.ServicePrincipals, ServicePrincipal{ID: a.ObjectID, AppID: a.ClientID, DisplayName: a.Name, AccountEnabled: true})
	}
	return d
}

func find[T any](all []T, id func(T) string, wanted string) (T, bool) {
	if i := slices.IndexFunc(all, func(t T) bool { return id(t) == wanted }); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}

func (d Directory) user(id string) (User, bool) {
	return find(d.Users, func(u User) string { return u.ID }, id)
}

func (d Directory) group(id string) (Group, bool) {
	return find(d.Groups, func(g Group) string { return g.ID }, id)
}

func (d Directory) servicePrincipal(id string) (ServicePrincipal, bool) {
	return find(d.ServicePrincipals, func(s ServicePrincipal) string { return s.ID }, id)
}

// transitiveMembers are the groups and users below a group, each once, even if
// groups contain each other.
func (d Directory) transitiveMembers(id string) []object {
	var members []object
	seen := map[string]bool{id: true}
	waiting := []string{id}
	for len(waiting) > 0 {
		g, _ := d.group(waiting[0])
		waiting = waiting[1:]
		for _, member := range g.Members {
			if seen[member] {
				continue
			}
			seen[member] = true
			if o, ok := d.object(member); ok {
				members = append(members, o)
				waiting = append(waiting, member)
			}
		}
	}
	return members
}
