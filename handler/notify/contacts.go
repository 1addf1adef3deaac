package notify

import (
	"context"

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
