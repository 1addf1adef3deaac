package airlock

import (
	"maps"
	"slices"
)

// Clone returns a copy that shares no memory with w.
func (w Workspace) Clone() Workspace {
	w.Accounts = maps.Clone(w.Accounts)
	w.Contacts.Owners = slices.Clone(w.Contacts.Owners)
	w.Contacts.AirlockManagers = slices.Clone(w.Contacts.AirlockManagers)
	w.Contacts.Researchers = slices.Clone(w.Contacts.Researchers)
	f := &w.Policy.Files
	for _, list := range []*[]string{&f.Import.Allowed, &f.Import.Forbidden, &f.Export.Allowed, &f.Export.Forbidden} {
		*list = slices.Clone(*list)
	}
	w.Policy.Notifications = maps.Clone(w.Policy.Notifications)
	for status, roles := range w.Policy.Notifications {
		w.Policy.Notifications[status] = slices.Clone(roles)
	}
	return w
}
