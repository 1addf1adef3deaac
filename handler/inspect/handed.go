package inspect

import (
	"bytes"
	"regexp"
	"slices"
)

// Parts of the grammars below: a value in quotes or without, which no shell and no template fills in.
const (
	openQuote  = `\\{0,3}["']?`       // JSON and shells put backslashes before it
	options    = `(?:\s[^\n|;]*)?\s$` // what stands between a command and one of its options
	bearerEnds = `=*(?:["'\\,;)}<\r\n` + "`" + `]|[ \t]*$)`
	handedOver = `([^\s"'$(){}<>\\` + "`" + `]{6,200})`
)

// handedTokens are passwords that commands, requests and files of passwords hand over without a name.
var handedTokens = slices.Concat(
	// curl's manual: -u, --user, -U and --proxy-user. A command goes on in lines of its own.
	handedBy(chosen, `(?:^|\n)[ \t]+$`, `^-[uU][ \t]+`+openQuote+`[\w.@%+-]{1,64}:`+handedOver, "-u", "-U"),
	handedBy(chosen, `\bcurl(?:\.exe)?`+options, `^-[uU]\s*`+openQuote+`[\w.@%+-]{1,64}:`+handedOver, "-u", "-U"),
	handedBy(chosen, `(?:(?:^|\n)[ \t]+|\bcurl(?:\.exe)?(?:\s[^\n|;]*)?\s)$`, `^--(?:proxy-)?user[\s=]\s*`+openQuote+`[\w.@%+-]{1,64}:`+handedOver, "--user", "--proxy-user"),
	// sshpass(1), mysql(1) and its kin, sqlcmd and bcp, smbclient(1), and logins to registries and clouds.
	handedBy(chosen, "", `^sshpass\s+(?:-v\s+)?-p\s*`+openQuote+handedOver, "sshpass"),
	handedBy(chosen, `\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump)`+options, `^-p`+openQuote+handedOver, "-p"),
	handedBy(chosen, `\b(?:sqlcmd|bcp)`+options, `^-P\s*`+openQuote+handedOver, "-P"),
	handedBy(chosen, `\bsmbclient`+options, `^(?:-U\s*|--user[= ])`+openQuote+`[\w.@\\/-]{1,64}%`+handedOver, "-U", "--user"),
	handedBy(chosen, `\b(?:docker|podman|az|oc|helm registry)\s(?:[a-z]+\s)?login`+options, `^-p[\s=]\s*`+openQuote+handedOver, "-p"),
	// RFC 6750, and the scheme of GitHub and of Django's REST framework.
	handedBy(bearer, "", `^(?i:bearer)\s{1,4}([\w.~+-][\w.~+/-]{19,500})`+bearerEnds, "Bearer", "bearer", "BEARER"),
	handedBy(bearer, `(?i)authorization["'\\]{0,4}\]?\s{0,4}[:=,]?>?\s{0,4}["'\\]{0,4}$`, `^(?i:token)\s{1,4}([\w.~+-][\w.~+/-]{19,500})`+bearerEnds, "Token ", "token "),
	// netrc(5), in one line or with one in each.
	handedBy(chosen, `(?:\bmachine[ \t]+\S+|\bdefault)[ \t]+(?:login[ \t]+\S+[ \t]+)?(?:account[ \t]+\S+[ \t]+)?$`, `^passw(?:or)?d[ \t]+`+openQuote+handedOver, "password", "passwd"),
	handedBy(strongOne, `(?:^|\n)[ \t]*$`, `^passw(?:or)?d[ \t]+([^\s"'\\]{8,200})[ \t]*(?:\\[rn]|[\r\n]|$)`, "password", "passwd"),
	// PostgreSQL's manual, "The Password File": host:port:database:user:password.
	handedBy(chosen, `(?:^|\n)[\w.*/-]{1,100}$`, `^:(?:\d{4,5}|\*):[\w.*-]{1,64}:[\w.@*-]{1,64}:`+`([^\s:"'<>{}$\\]{6,200})[ \t]*(?:\\[rn]|[\r\n]|$)`, ":54", ":64", ":*:"),
)

// handedBy makes tokens that begin with one of the prefixes, stand behind lead, and have a value in the first group of
// a grammar.
func handedBy(value func([]byte) bool, lead, grammar string, prefixes ...string) (out []token) {
	t := token{value: value, grammar: regexp.MustCompile(grammar)}
	if lead != "" {
		t.lead = regexp.MustCompile(lead)
	}
	for _, t.prefix = range prefixes {
		t.behind = t.prefix[0] == ':'
		out = append(out, t)
	}
	return out
}

// handed is the length from a place to the end of a secret that is handed over there, 0 where none is. The text before is
// looked at last, since that takes the most time.
func (t token) handed(b []byte, i int) int {
	m := t.grammar.FindSubmatchIndex(b[i:min(len(b), i+600)])
	if m == nil || !t.value(b[i+m[2]:i+m[3]]) || t.lead != nil && !t.lead.Match(b[max(0, i-300):i]) {
		return 0
	}
	return m[3]
}

// bearer reports whether a value is one that opens what it is sent to, as programs make them.
func bearer(value []byte) bool {
	return oneWord(bytes.ReplaceAll(value, []byte("."), nil)) && !invented(value)
}

// strongOne reports whether a word behind "password" is one: in texts, others stand there.
func strongOne(value []byte) bool { return strong(value) && !invented(value) }
