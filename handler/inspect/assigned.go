package inspect

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// secretWords are the ends of names that secrets are given to, as programs, settings and connection
// strings have them. Each stands in small letters; capitals say the same.
var secretWords = []string{"password", "passwd", "pwd", "api_key", "api-key", "apikey", "access_key", "secret_key", "subscription_key", "subscription-key", "secret", "api_token", "api-token", "access_token", "auth_token", "token"}

// given is how a value is given to a name; the value is the first group or the second.
var given = regexp.MustCompile(`^["']?\]?\s{0,4}(?:=>|:=|<-|=|:)\s{0,4}(?:["']([^"'\s]{8,200})["']|([^"'\s;,&)]{8,200})(?:$|[\s;,&)]))`)

// assigned is the length of a secret that is given to a name which ends at a word for one, 0 where
// none is. A value that a person made up as a placeholder is none, nor is a call or a variable.
func assigned(b []byte, word string) int {
	if len(b) < len(word)+9 || !bytes.EqualFold(b[:len(word)], []byte(word)) {
		return 0
	}
	rest := b[len(word):min(len(b), len(word)+256)]
	if sign := bytes.TrimLeft(rest[:min(len(rest), 7)], "\"'] \t\n\f\r"); len(sign) == 0 || strings.IndexByte("=:<", sign[0]) < 0 {
		return 0 // as nearly all words of a text are, and the expression takes its time
	}
	m := given.FindSubmatchIndex(rest)
	if m == nil {
		return 0
	}
	from, to := m[2], m[3]
	if from < 0 {
		from, to = m[4], m[5]
	}
	if !secretValue(word, rest[from:to]) {
		return 0
	}
	return len(word) + to
}

// secretName is the word for a secret that a name ends with, "" for none.
func secretName(name []byte) string {
	if n := len(name); n < 2 || !secretEnds[name[n-2]|' '][name[n-1]|' '] {
		return ""
	}
	lower := strings.ToLower(string(name[max(0, len(name)-20):]))
	for _, w := range secretWords {
		if strings.HasSuffix(lower, w) {
			return w
		}
	}
	return ""
}

// secretEnds has the last two letters of secretWords, so that hardly a name is compared with any.
var secretEnds = func() (out [256][256]bool) {
	for _, w := range secretWords {
		out[w[len(w)-2]][w[len(w)-1]] = true
	}
	return out
}()

// secretValue reports whether a value that is given to a name with a word for secrets is one.
func secretValue(word string, value []byte) bool {
	fits := len(value) >= 20 && oneWord(value)
	switch word {
	case "token": // the commonest name of what is no secret: REDCap's keys to its API alone have a form of their own
		fits = redcap.Match(value)
	case "password", "passwd", "pwd":
		fits = strong(value)
	}
	return fits && !invented(value)
}

var redcap = regexp.MustCompile(`^[0-9A-F]{32}$`)

// oneWord reports whether a value has the characters of keys alone, letters and digits among them.
func oneWord(value []byte) bool {
	letters, digits := 0, 0
	for _, c := range value {
		switch {
		case digit(c):
			digits++
		case alnum(c):
			letters++
		case c != '-' && c != '_' && c != '+' && c != '/' && c != '=' && c != '~':
			return false
		}
	}
	return letters >= 3 && digits >= 3
}

// strong reports whether a password has three of the four kinds of characters that rules for
// passwords name, and none that makes it an expression of a program.
func strong(value []byte) bool {
	var lower, capital, figure, sign int
	for _, c := range value {
		switch {
		case digit(c):
			figure = 1
		case upper(c):
			capital = 1
		case alnum(c):
			lower = 1
		case strings.IndexByte("()[]{}<>$\\`", c) >= 0:
			return false
		default:
			sign = 1
		}
	}
	if len(value) < 8 || strings.IndexByte("/.~", value[0]) >= 0 { // a path
		return false
	}
	return figure == 1 && lower+capital+figure+sign >= 3
}

// standIns are parts of values that stand for a secret.
var standIns = []string{"pass", "pwd", "secret", "changeme", "change_me", "your", "example", "placeholder", "dummy", "test", "fake", "sample", "redacted", "insert", "replace", "todo", "abcd", "1234", "xxx", "***", "...", "token", "api_key", "apikey", "api-key", "environ", "getenv", "none", "null"}

// invented reports whether a value stands for a secret, or is too even to be one.
func invented(value []byte) bool {
	lower := strings.ToLower(string(value))
	return !random(value) || slices.ContainsFunc(standIns, func(w string) bool { return strings.Contains(lower, w) })
}

// userInfo is the password in the address of a server (RFC 3986, 3.2.1); the address begins at its "://".
var userInfo = regexp.MustCompile(`^://[\w.%+-]{1,64}:([^\s/:@"'<>{}$()]{6,100})@[\w.-]{2,}`)

// inAddress is the length of a server's address up to its password's end, 0 without one that could be real.
func inAddress(b []byte) int {
	m := userInfo.FindSubmatchIndex(b[:min(len(b), 300)])
	if m == nil {
		return 0
	}
	if !chosen(b[m[2]:m[3]]) {
		return 0
	}
	return m[3]
}

// chosen reports whether a value is a password where one stands: no word, no number, and nothing that stands for one.
func chosen(value []byte) bool {
	return bytes.IndexFunc(value, func(r rune) bool { return r >= '0' && r <= '9' }) >= 0 && len(bytes.Trim(value, "0123456789")) >= 3 && !invented(value)
}

// basic is how a request gives a user and a password (RFC 7617).
var basic = regexp.MustCompile(`^Basic [A-Za-z0-9+/]{12,200}={0,2}`)

// credentials is the length of a user and a password as requests give them, 0 where the text holds none.
func credentials(b []byte) int {
	text := basic.Find(b[:min(len(b), 256)])
	user, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(text), "Basic "))
	name, password, ok := bytes.Cut(user, []byte(":"))
	for _, c := range user {
		ok = ok && c > ' ' && c < 0x7f
	}
	if err != nil || !ok || len(name) == 0 || len(password) < 6 || invented(password) {
		return 0
	}
	return len(text)
}
