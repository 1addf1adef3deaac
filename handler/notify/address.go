package notify

import (
	"net/mail"
	"strings"

	"example.org/airlock/handler/airlock"
)

// address returns s when it is a plain mail address, else "". It is what a
// header of a mail may hold: no display name, no list, no line break.
func address(s string) string {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s) // what it takes apart, like a name or quotes, does not come out the same
	if err != nil || a.Name != "" || a.Address != s {
		return ""
	}
	return s
}

// addresses returns the usable addresses of people, without repetition, in
// their order. People without one are handed to skip.
func addresses(people []airlock.Person, skip func(airlock.Person)) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, p := range people {
		a := address(p.Email)
		if a == "" {
			skip(p)
			continue
		}
		if key := strings.ToLower(a); !seen[key] {
			seen[key] = true
			out = append(out, a)
		}
	}
	return out
}
