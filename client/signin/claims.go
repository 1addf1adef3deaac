package signin

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// Said holds a token's claims about its bearer. Nobody has checked it: it is for showing,
// and for knowing when to get another one.
type Said struct {
	Name    string
	Mail    string
	ID      string
	Roles   []string
	Expires time.Time
}

// Claims reads a token's claims; an unreadable token has none.
func Claims(token string) Said {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Said{}
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Said{}
	}
	var c struct {
		Name  string   `json:"name"`
		Mail  string   `json:"preferred_username"`
		OID   string   `json:"oid"`
		Roles []string `json:"roles"`
		Exp   int64    `json:"exp"`
	}
	if json.Unmarshal(body, &c) != nil {
		return Said{}
	}
	return Said{Name: c.Name, Mail: c.Mail, ID: c.OID, Roles: c.Roles, Expires: time.Unix(c.Exp, 0)}
}
