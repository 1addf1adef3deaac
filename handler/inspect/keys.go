package inspect

import (
	"bytes"
	"strings"
)

// Beginnings of private keys: RFC 7468 and RFC 9580, the format of SSH.COM, and PuTTY's.
const (
	keyBegins    = "-----BEGIN "
	sshKeyBegins = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"
	puttyBegins  = "PuTTY-User-Key-File-"
)

// keyHeader is the length of the line that begins a private key, 0 where none begins.
func keyHeader(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte(sshKeyBegins)):
		return len(sshKeyBegins)
	case bytes.HasPrefix(b, []byte(puttyBegins)) && len(b) > len(puttyBegins) && digit(b[len(puttyBegins)]):
		n := len(puttyBegins)
		for n < len(b) && n < 100 && strings.IndexByte("\r\n\\\"'", b[n]) < 0 {
			n++
		}
		return n
	case !bytes.HasPrefix(b, []byte(keyBegins)):
		return 0
	}
	n := len(keyBegins)
	for n < len(b) && n < 100 && (upper(b[n]) || digit(b[n]) || b[n] == ' ' || b[n] == '_') {
		n++
	}
	kind := string(b[len(keyBegins):n])
	if !strings.HasSuffix(kind, "PRIVATE KEY") && !strings.HasSuffix(kind, "PRIVATE KEY BLOCK") || !bytes.HasPrefix(b[n:], []byte("-----")) {
		return 0
	}
	return n + len("-----")
}

// mention is whether a text only speaks of private keys, by what stands behind the line that begins one.
type mention byte

const (
	noMention   mention = iota
	sureMention         // a quote, words or a placeholder: a program, a manual
	openMention         // the text ends: what comes next tells
)

// mentioned looks at the text behind the line that begins a key, or at the line after it. It
// takes a text for a key unless it is clearly none.
func mentioned(b []byte, sameLine bool) mention {
	rest, escaped := afterEscapes(bytes.TrimLeft(b, " \t\r\n"))
	rest = bytes.TrimLeft(rest, " \t\"'`+#*/|>,)")
	switch {
	case placeholder(rest):
		return sureMention
	case sameLine && !escaped && len(b) > 0 && b[0] != '\r' && b[0] != '\n' && !longRun(b):
		return sureMention
	case len(rest) == 0:
		return openMention
	}
	return noMention
}

// afterEscapes passes line ends by that are written as escapes, once or twice escaped.
func afterEscapes(b []byte) (rest []byte, some bool) {
	for {
		n := 0
		for n < len(b) && b[n] == '\\' {
			n++
		}
		if n == 0 || n == len(b) || b[n] != 'n' && b[n] != 'r' {
			return b, some
		}
		b, some = b[n+1:], true
	}
}

// placeholder reports whether a text begins as one that stands for a key, or as the key's end.
func placeholder(b []byte) bool {
	for _, p := range []string{"...", "\xe2\x80\xa6", "<", "[", "{{", "$", "**", "-----END", "---- END", "xxxx", "XXXX", "YOUR", "your"} {
		if bytes.HasPrefix(b, []byte(p)) {
			return true
		}
	}
	return false
}

// longRun reports whether a text has a run of Base64 that may be a key's.
func longRun(b []byte) bool {
	n := 0
	for _, c := range b {
		if n++; !base64Byte(c) {
			n = 0
		}
		if n == 16 {
			return true
		}
	}
	return false
}
