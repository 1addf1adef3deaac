package notify

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"example.org/airlock/handler/airlock"
)

// assignment is one appRoleAssignment: somebody holds a role.
type assignment struct {
	AppRoleID     string `json:"appRoleId"`
	PrincipalID   string `json:"principalId"`
	PrincipalType string `json:"principalType"` // User, Group or ServicePrincipal
}

// account is a user, or another member of a group.
type account struct {
	Kind string `json:"@odata.type"` // in lists of mixed members
	ID   string `json:"id"`
	Name string `json:"displayName"`
	Mail string `json:"mail"`
	UPN  string `json:"userPrincipalName"`
}

const userFields = "$select=id,displayName,mail,userPrincipalName"

// parallelCalls bounds the calls of one look-up at the same time. Graph throttles
// by application; the time of a look-up must do for some hundreds of people who
// hold a role without a group.
const parallelCalls = 16

// holders finds who holds a role: the assignments to the application, users as
// they are and groups with all their members, each person once, ordered by id.
func (g *Graph) holders(ctx context.Context, principal string, role airlock.Role) ([]airlock.Person, error) {
	base := "/v1.0/servicePrincipals/" + url.PathEscape(principal)
	var app struct {
		AppRoles []struct{ ID, Value string } `json:"appRoles"`
	}
	if err := g.get(ctx, base+"?$select=id,appRoles", &app); err != nil {
		return nil, err
	}
	roleIDs := map[string]bool{}
	for _, r := range app.AppRoles {
		if r.Value == string(role) {
			roleIDs[r.ID] = true
		}
	}
	assigned, err := list[assignment](ctx, g, base+"/appRoleAssignedTo?$top=999")
	if err != nil {
		return nil, err
	}
	assigned = slices.DeleteFunc(assigned, func(a assignment) bool { return !roleIDs[a.AppRoleID] })
	found := make([][]account, len(assigned))
	calls, ctx := errgroup.WithContext(ctx)
	calls.SetLimit(parallelCalls)
	for i, a := range assigned {
		calls.Go(func() (err error) {
			found[i], err = g.peopleOf(ctx, a)
			return err
		})
	}
	if err := calls.Wait(); err != nil {
		return nil, err
	}
	return peopleFrom(slices.Concat(found...)), nil
}

// peopleOf returns who is behind one assignment. Applications are nobody to tell.
func (g *Graph) peopleOf(ctx context.Context, a assignment) ([]account, error) {
	id := url.PathEscape(a.PrincipalID)
	switch a.PrincipalType {
	case "User":
		var u account
		err := g.get(ctx, "/v1.0/users/"+id+"?"+userFields, &u)
		if gone(err) { // deleted a moment ago; the assignment goes soon
			return nil, nil
		}
		return []account{u}, err
	case "Group":
		members, err := list[account](ctx, g, "/v1.0/groups/"+id+"/transitiveMembers?"+userFields+"&$top=999")
		if gone(err) {
			return nil, nil
		}
		return slices.DeleteFunc(members, func(m account) bool {
			return m.Kind != "" && !strings.EqualFold(m.Kind, "#microsoft.graph.user")
		}), err
	}
	return nil, nil
}

func peopleFrom(accounts []account) []airlock.Person {
	slices.SortFunc(accounts, func(a, b account) int { return strings.Compare(a.ID, b.ID) })
	people := []airlock.Person{}
	for i, a := range accounts {
		if a.ID == "" || i > 0 && accounts[i-1].ID == a.ID {
			continue
		}
		people = append(people, airlock.Person{ID: airlock.UserID(a.ID), Name: airlock.CleanLine(a.Name), Email: a.address()})
	}
	return people
}

// address is where a person gets mail: the directory's mail attribute, else the
// sign-in name where it can be one.
func (a account) address() string {
	if m := airlock.MailAddress(a.Mail); m != "" {
		return m
	}
	return airlock.MailAddress(a.UPN)
}
