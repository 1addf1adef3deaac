package story

import (
	"example.org/airlock/localcloud/identity"
)

// nameOf is the persona behind an actor, or "system", or the id of somebody unknown.
func nameOf(a Actor) string {
	for _, p := range identity.Personas() {
		if p.ObjectID == a.ID {
			return p.Name
		}
	}
	return a.ID
}

// mailOf is a persona's address.
func mailOf(persona string) string {
	p, err := identity.FindPersona(persona)
	if err != nil {
		return persona
	}
	return p.Mail
}
