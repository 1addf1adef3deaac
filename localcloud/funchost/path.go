package funchost

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"
)

var errBadPath = errors.New("bad request target")

// serverPath decodes a request's raw path the way the host's web server (Kestrel)
// does: percent-encoding goes, except %2F and what is not UTF-8; then "." and
// ".." segments between slashes go. A NUL is refused.
func serverPath(raw string) (string, error) {
	if !strings.HasPrefix(raw, "/") {
		return "", errBadPath
	}
	var decoded strings.Builder
	for i := 0; i < len(raw); {
		text, next := decodeOne(raw, i)
		if strings.Contains(text, "\x00") {
			return "", errBadPath
		}
		decoded.WriteString(text)
		i = next
	}
	return removeDots(decoded.String()), nil
}

// decodeOne decodes the character at i, which may be spread over several
// percent-encoded bytes, and returns it with the index behind it.
func decodeOne(raw string, i int) (string, int) {
	b, ok := hexByte(raw, i)
	if !ok {
		return raw[i : i+1], i + 1
	}
	if b == '/' {
		return raw[i : i+3], i + 3
	}
	bytes, next := []byte{b}, i+3
	for !utf8.FullRune(bytes) {
		b, ok := hexByte(raw, next)
		if !ok {
			break
		}
		bytes, next = append(bytes, b), next+3
	}
	if r, size := utf8.DecodeRune(bytes); r == utf8.RuneError && size <= 1 {
		return raw[i : i+3], i + 3
	}
	return string(bytes), next
}

func hexByte(text string, i int) (byte, bool) {
	if i+2 >= len(text) || text[i] != '%' || !isHex(text[i+1:i+3]) {
		return 0, false
	}
	return unhex(text[i+1])<<4 | unhex(text[i+2]), true
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// removeDots resolves "." and ".." segments (RFC 3986 §5.2.4) of a path.
func removeDots(path string) string {
	var kept []string
	parts := strings.Split(path, "/")[1:]
	for i, part := range parts {
		last := i == len(parts)-1
		switch part {
		case ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, part)
			continue
		}
		if last { // a dot segment at the end leaves its slash
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// forwardedPath is a decoded path as the handler gets it. The host puts
// the decoded text into a URL and lets System.Uri parse that once more, so an
// encoded "?" or "#" now cuts the path, a backslash is a slash, percent-encoded
// plain characters are decoded a second time, and dot segments go again.
func forwardedPath(decoded string, hasQuery bool) string {
	if i := strings.IndexAny(decoded, "?#"); i >= 0 {
		decoded = decoded[:i]
	} else if !hasQuery {
		decoded = strings.TrimRight(decoded, " \t\r\n") // the end of the URL's text
	}
	decoded = strings.ReplaceAll(decoded, `\`, "/")
	var again strings.Builder
	for i := 0; i < len(decoded); i++ {
		b, encoded := hexByte(decoded, i)
		switch {
		case encoded && unreserved(b):
			again.WriteByte(b)
			i += 2
		case encoded:
			again.WriteString(decoded[i : i+3])
			i += 2
		case unreserved(decoded[i]) || strings.IndexByte("/:@!$&'()*+,;=[]", decoded[i]) >= 0:
			again.WriteByte(decoded[i])
		default:
			const digits = "0123456789ABCDEF"
			again.Write([]byte{'%', digits[decoded[i]>>4], digits[decoded[i]&15]})
		}
	}
	return removeDots(again.String())
}

func unreserved(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-._~", b) >= 0
}

// forwardedQuery rebuilds a query as the host does: repeated keys, case ignored,
// become one with comma-joined values, and a bare key gets "=".
func forwardedQuery(raw string) string {
	var keys []string
	values := map[string][]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, value = queryText(key), queryText(value)
		lower := strings.ToLower(key)
		if values[lower] == nil {
			keys = append(keys, key)
		}
		values[lower] = append(values[lower], value)
	}
	for i, key := range keys {
		keys[i] = queryEscape(key) + "=" + queryEscape(strings.Join(values[strings.ToLower(key)], ","))
	}
	return strings.Join(keys, "&")
}

func queryText(raw string) string {
	if text, err := url.QueryUnescape(raw); err == nil {
		return text
	}
	return raw
}

func queryEscape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
