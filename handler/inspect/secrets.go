package inspect

import (
	"bytes"
	"strings"
)

// tokenStart is how tokens begin: two bytes of their prefixes.
type tokenStart struct {
	tokens []token
	// behind is set where one of them may stand behind a letter or a digit.
	behind bool
}

// tokenBegins says by the first two bytes which of tokenStarts tokens have, so that hardly a word is
// compared with any; 0 is none.
var tokenBegins, tokenStarts = func() (begins [256][256]uint8, starts []tokenStart) {
	starts = make([]tokenStart, 1)
	for _, t := range allTokens {
		at := &begins[t.prefix[0]][t.prefix[1]]
		if *at == 0 {
			starts = append(starts, tokenStart{})
			*at = uint8(len(starts) - 1) // a test says that there are so few
		}
		s := &starts[*at]
		s.tokens, s.behind = append(s.tokens, t), s.behind || t.behind
	}
	return begins, starts
}()

// secrets calls found for each secret in a line, with its place there. A private key is told by the
// line that begins it.
func secrets(b []byte, found func(rule string, from, to int)) {
	for i := 0; i+1 < len(b); i++ {
		n := tokenBegins[b[i]][b[i+1]]
		if n == 0 {
			continue
		}
		start := &tokenStarts[n]
		behind := i > 0 && wordByte(b[i-1])
		if behind && !start.behind {
			continue
		}
		for _, t := range start.tokens {
			if behind && !t.behind || t.word == "" && !bytes.HasPrefix(b[i:], []byte(t.prefix)) {
				continue
			}
			if rule, n := t.match(b, i); rule != "" {
				found(rule, i, i+n)
				i += n - 1
				break
			}
		}
	}
}

// match returns the rule and the length of a secret at a place, "" for none.
func (t token) match(b []byte, i int) (rule string, n int) {
	if t.word != "" {
		if n = assigned(b[i:], t.word); n > 0 {
			return "secret.token", n
		}
		return "", 0
	}
	rest := b[i+len(t.prefix):]
	switch {
	case t.prefix == "://":
		n = inAddress(b[i:])
	case t.value != nil:
		n = t.handed(b, i)
	case t.prefix == "Basic ":
		n = credentials(b[i:])
	case t.lead != nil:
		if t.lead.Match(b[max(0, i-100):i]) {
			n = t.whole(b[i:])
		}
	case t.prefix[0] == '-' || t.prefix == puttyBegins:
		if n = keyHeader(b[i:]); n > 0 {
			return "secret.key", n
		}
	case t.prefix == "eyJ":
		n = jwt(b[i:])
	case t.prefix == "sig=":
		n = sas(b, i)
	case t.grammar != nil:
		n = t.whole(b[i:])
	default:
		n = t.body(rest)
		if n > 0 {
			n += len(t.prefix)
		}
	}
	if n == 0 {
		return "", 0
	}
	if t.prefix == "AGE-SECRET-KEY-1" {
		return "secret.key", n
	}
	return "secret.token", n
}

// body is how many characters behind a prefix belong to a token, 0 when it is none.
func (t token) body(rest []byte) int {
	n := 0
	for n < len(rest) && t.alphabet(rest[n]) {
		n++
	}
	if n < t.least || t.most > 0 && n > t.most || !random(rest[:n]) {
		return 0
	}
	return n
}

// whole is the length of a token of several parts, 0 when it is none.
func (t token) whole(b []byte) int {
	n := len(t.grammar.Find(b[:min(len(b), 512)]))
	if n == 0 || n < len(b) && wordByte(b[n]) || !random(b[len(t.prefix):n]) {
		return 0
	}
	return n
}

// random reports whether a text could be a secret and is no placeholder.
func random(b []byte) bool {
	var seen [256]bool
	different := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			different++
		}
	}
	lower := strings.ToLower(string(b))
	return different >= min(10, len(b)/2) && !strings.Contains(lower, "example") && !strings.Contains(lower, "xxxxx") && !strings.Contains(lower, "00000000") && !strings.Contains(lower, "12345678")
}

// jwt is the length of a signed JSON web token (RFC 7519): three parts, and two of
// them begin as JSON objects do.
func jwt(b []byte) int {
	n, dots := 0, 0
	for n < len(b) && (urlByte(b[n]) || b[n] == '.') {
		if b[n] == '.' {
			dots++
			if dots == 1 && !bytes.HasPrefix(b[n+1:], []byte("eyJ")) {
				return 0
			}
		}
		n++
	}
	if dots != 2 || n < 60 || n-bytes.LastIndexByte(b[:n], '.') < 20 {
		return 0
	}
	return n
}

// sas is the length of the signature of a shared access signature: one beside the
// version or the end of the link's life.
func sas(b []byte, i int) int {
	n := len("sig=")
	for i+n < len(b) && (base64Byte(b[i+n]) || b[i+n] == '%') {
		n++
	}
	around := b[max(0, i-600):min(len(b), i+600)]
	if n < 40 || !bytes.Contains(around, []byte("sv=")) && !bytes.Contains(around, []byte("se=")) {
		return 0
	}
	return n
}
