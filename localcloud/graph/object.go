package graph

import "strings"

// object is an entity as Graph writes it.
type object map[string]any

const (
	typeOf    = "@odata.type"
	userType  = "#microsoft.graph.user"
	groupType = "#microsoft.graph.group"
	spType    = "#microsoft.graph.servicePrincipal"
)

// orNull is null for a text that isn't there, as Graph writes a missing mailbox.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (u User) object() object {
	return object{typeOf: userType, "id": u.ID, "displayName": u.DisplayName, "mail": orNull(u.Mail),
		"userPrincipalName": u.UserPrincipalName, "accountEnabled": !u.Disabled}
}

func (g Group) object() object {
	return object{typeOf: groupType, "id": g.ID, "displayName": g.DisplayName, "mail": nil}
}

func (s ServicePrincipal) object() object {
	roles := []object{}
	for _, r := range s.AppRoles {
		roles = append(roles, object{"id": r.ID, "value": r.Value, "displayName": r.DisplayName, "isEnabled": r.IsEnabled,
			"allowedMemberTypes": []string{"User"}})
	}
	return object{typeOf: spType, "id": s.ID, "appId": s.AppID, "displayName": s.DisplayName, "appRoles": roles}
}

// object finds a user, group or service principal by id.
func (d Directory) object(id string) (object, bool) {
	if u, ok := d.user(id); ok {
		return u.object(), true
	}
	if g, ok := d.group(id); ok {
		return g.object(), true
	}
	if s, ok := d.servicePrincipal(id); ok {
		return s.object(), true
	}
	return nil, false
}

// selected keeps the members that $select names; without one all.
func (o object) selected(names string) object {
	if names == "" {
		return o
	}
	kept := object{}
	for name := range strings.SplitSeq(names, ",") {
		if value, ok := o[strings.TrimSpace(name)]; ok {
			kept[strings.TrimSpace(name)] = value
		}
	}
	if kind, ok := o[typeOf]; ok {
		kept[typeOf] = kind
	}
	return kept
}
