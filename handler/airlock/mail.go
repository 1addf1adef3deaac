package airlock

import (
	"net/mail"
	"strings"
)

// MailAddress returns s when it is a plain mail address that somebody can have,
// else "". A header of a mail may hold the result: it has no display name, no list, no
// line break. The sign-in name that a directory makes for a guest has the form of
// an address (ada_home.example#EXT#@tenant.onmicrosoft.com) and is none.
func MailAddress(s string) string {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s) // an address with a name or quotes does not come out the same
	if err != nil || a.Name != "" || a.Address != s || strings.Contains(strings.ToUpper(s), "#EXT#") {
		return ""
	}
	return s
}
