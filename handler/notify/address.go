package notify

import (
	"strings"

	"example.org/airlock/handler/airlock"
)

// addresses returns the usable addresses of people, without repetition, in
// their order. People without one are handed to skip.
func addresses(people []airlock.Person, skip func(airlock.Person)) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, p := range people {
		a := airlock.MailAddress(p.Email)
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
