package inspect

import (
	"bytes"
	"strings"
)

// token is a kind of secret that begins with a prefix of its own. The prefixes and
// lengths are those that their issuers document.
type token struct {
	prefix   string
	alphabet func(byte) bool
	least    int // characters behind the prefix
	most     int // 0 for no bound
}

func hexByte(c byte) bool    { return digit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
func alnum(c byte) bool      { return wordByte(c) && c != '_' }
func urlByte(c byte) bool    { return wordByte(c) || c == '-' }
func dottedByte(c byte) bool { return urlByte(c) || c == '.' }
func base64Byte(c byte) bool { return alnum(c) || c == '+' || c == '/' || c == '=' }
func upperDigit(c byte) bool { return upper(c) || digit(c) }

var tokens = []token{
	{"ghp_", alnum, 36, 40}, {"gho_", alnum, 36, 40}, {"ghu_", alnum, 36, 40}, {"ghs_", alnum, 36, 40}, {"ghr_", alnum, 36, 80}, {"github_pat_", wordByte, 70, 100},
	{"glpat-", urlByte, 20, 60}, {"gldt-", urlByte, 20, 60}, {"glrt-", urlByte, 20, 60}, {"AKIA", upperDigit, 16, 16}, {"ASIA", upperDigit, 16, 16},
	{"xoxb-", urlByte, 20, 0}, {"xoxp-", urlByte, 20, 0}, {"xoxa-", urlByte, 20, 0}, {"xoxs-", urlByte, 20, 0}, {"xapp-", urlByte, 20, 0}, {"hooks.slack.com/services/T", func(c byte) bool { return alnum(c) || c == '/' }, 30, 0},
	{"sk-ant-", urlByte, 40, 0}, {"sk-proj-", urlByte, 40, 0}, {"sk-", alnum, 48, 48}, {"AIza", urlByte, 35, 35}, {"ya29.", urlByte, 40, 0}, {"GOCSPX-", urlByte, 28, 28},
	{"SG.", dottedByte, 66, 66}, {"sk_live_", alnum, 24, 0}, {"rk_live_", alnum, 24, 0}, {"whsec_", alnum, 32, 0}, {"npm_", alnum, 36, 36}, {"pypi-AgEIcHlwaS5vcmc", urlByte, 50, 0},
	{"hf_", alnum, 34, 40}, {"dop_v1_", hexByte, 64, 64}, {"shpat_", hexByte, 32, 32}, {"dckr_pat_", urlByte, 27, 27}, {"dapi", hexByte, 32, 32}, {"lin_api_", alnum, 40, 40},
	{"NRAK-", upperDigit, 27, 27}, {"sntrys_", base64Byte, 60, 0}, {"dp.pt.", alnum, 43, 43}, {"hvs.", urlByte, 90, 0}, {"glsa_", wordByte, 40, 0}, {"sbp_", hexByte, 40, 40},
	{"sq0atp-", urlByte, 22, 22}, {"sq0csp-", urlByte, 43, 43}, {"PMAK-", urlByte, 59, 59}, {"AccountKey=", base64Byte, 86, 88}, {"SharedAccessKey=", base64Byte, 43, 44},
}

// keys are beginnings of private keys.
var keys = []string{"-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----", "-----BEGIN DSA PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----",
	"-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "PuTTY-User-Key-File-", "AGE-SECRET-KEY-1"}

// byFirst are the tokens by their first byte, so that one look at a byte passes
// nearly all of a file by.
var byFirst = func() (out [256][]token) {
	for _, t := range tokens {
		out[t.prefix[0]] = append(out[t.prefix[0]], t)
	}
	for _, k := range keys {
		out[k[0]] = append(out[k[0]], token{prefix: k})
	}
	out['e'] = append(out['e'], token{prefix: "eyJ"})
	out['s'] = append(out['s'], token{prefix: "sig="})
	return out
}()

// secrets calls found for each secret in a line, with its place there.
func secrets(b []byte, found func(rule string, from, to int)) {
	for i := 0; i < len(b); i++ {
		candidates := byFirst[b[i]]
		if candidates == nil || i > 0 && wordByte(b[i-1]) {
			continue
		}
		for _, t := range candidates {
			if !bytes.HasPrefix(b[i:], []byte(t.prefix)) {
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
	rest := b[i+len(t.prefix):]
	switch {
	case t.prefix == "eyJ":
		n = jwt(b[i:])
	case t.prefix == "sig=":
		n = sas(b, i)
	case t.alphabet == nil:
		return "secret.key", len(t.prefix)
	default:
		n = t.body(rest)
		if n > 0 {
			n += len(t.prefix)
		}
	}
	if n == 0 {
		return "", 0
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
