package notify

import (
	"context"
	"slices"

	"example.org/airlock/handler/airlock"
)

// Contacts is the directory of deployments without Microsoft Graph: the people
// in the workspace's registry row.
type Contacts struct{}

// Members returns the contacts of a role; it never fails.
func (Contacts) Members(_ context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error) {
	switch role {
	case airlock.RoleOwner:
		return ws.Contacts.Owners, nil
	case airlock.RoleManager:
		return ws.Contacts.AirlockManagers, nil
	case airlock.RoleResearcher:
		return ws.Contacts.Researchers, nil
	}
	return nil, nil
}

// Person returns somebody as the contacts of any role know them, without an
// address if none does. It never fails.
func (c Contacts) Person(_ context.Context, ws airlock.Workspace, id airlock.UserID) (airlock.Person, error) {
	for _, p := range slices.Concat(ws.Contacts.Owners, ws.Contacts.AirlockManagers, ws.Contacts.Researchers) {
		if p.ID == id {
			return p, nil
		}
	}
	return airlock.Person{ID: id}, nil
}

// Holds reports whether a person is among the contacts of a role: who enters
// somebody there lets them see what waits for a review. It never fails.
func (c Contacts) Holds(ctx context.Context, ws airlock.Workspace, id airlock.UserID, role airlock.Role) (bool, error) {
	people, err := c.Members(ctx, ws, role)
	return isAmong(people, id), err
}

// Application knows of no service principals, so that nothing speaks against any.
func (Contacts) Application(context.Context, string) (bool, error) { return true, nil }

func isAmong(people []airlock.Person, id airlock.UserID) bool {
	return slices.ContainsFunc(people, func(p airlock.Person) bool { return p.ID == id })
}
