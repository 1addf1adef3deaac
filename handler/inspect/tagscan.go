package inspect

import (
	"bytes"
	"strings"
)

// tagScan splits HTML and XML into tags, texts and comments. It holds no token
// longer than pieceBytes, expands no entity, and does not recurse. It is state.
type tagScan struct {
	HTML bool    `json:"html,omitempty"`
	Rest tagRest `json:"rest,omitempty"` // in what it stopped
	Open byte    `json:"open,omitempty"` // the quote that is open in a tag that goes on
	Raw  string  `json:"raw,omitempty"`  // the element whose text has no tags: script or style
	// names and last save allocations, and are no state.
	names tagNames
	last  tagToken
}

// tagRest is in which token a piece ended.
type tagRest byte

const (
	restNone tagRest = iota
	restTag
	restComment
	restData // CDATA
)

// tagToken is a token: 'o' for an opening tag, 'c' for a closing one, 't' for a
// piece of text, 'a' for the rest of a tag that was too long, 'x' for a piece of a
// comment, 'd' for declarations. It holds until the next one is given.
type tagToken struct {
	kind  byte
	name  string // in lower case, without its prefix
	attrs []byte
	text  []byte
	at    int64
	names *tagNames
}

// tagNames has names in lower case, without their prefix, by how they are written: the same few
// come again and again.
type tagNames [64]struct{ written, name string }

// of is a name as rules know it.
func (n *tagNames) of(written []byte) string {
	switch len(written) {
	case 0:
		return ""
	case 1:
		return tagLetters[written[0]]
	}
	known := &n[(int(written[0])+7*int(written[len(written)-1])+31*len(written))%len(n)]
	if known.written == string(written) {
		return known.name
	}
	text := string(written)
	name := tagName(text)
	if len(text) <= 64 {
		known.written, known.name = text, name
	}
	return name
}

func tagName(written string) string {
	lower := strings.ToLower(written)
	return lower[strings.LastIndexByte(lower, ':')+1:]
}

// tagLetters are the names of one byte, which sheets have most of.
var tagLetters = func() (out [256]string) {
	for c := range out {
		out[c] = tagName(string([]byte{byte(c)}))
	}
	return out
}()

// feed gives the tokens in b to a function and returns how many bytes are done with.
func (s *tagScan) feed(b []byte, at int64, last bool, to func(*tagToken)) int {
	i := 0
	for i < len(b) {
		n := s.token(b[i:], at+int64(i), last, to)
		if n == 0 {
			break
		}
		i += n
	}
	if last {
		return len(b)
	}
	return i
}

// give gives a token without a name on.
func (s *tagScan) give(kind byte, text []byte, at int64, to func(*tagToken)) {
	t := &s.last // field by field, since a struct is copied twice
	t.kind, t.name, t.attrs, t.text, t.at = kind, "", nil, text, at
	to(t)
}

// giveTag gives a tag on.
func (s *tagScan) giveTag(kind byte, name string, attrs []byte, at int64, to func(*tagToken)) {
	t := &s.last
	t.kind, t.name, t.attrs, t.text, t.at, t.names = kind, name, attrs, nil, at, &s.names
	to(t)
}

func (s *tagScan) token(b []byte, at int64, last bool, to func(*tagToken)) int {
	switch s.Rest {
	case restTag:
		return s.tagRest(b, at, to)
	case restComment:
		return s.until(b, at, last, "-->", 'x', to)
	case restData:
		return s.until(b, at, last, "]]>", 't', to)
	}
	if s.Raw != "" {
		return s.rawText(b, at, last, to)
	}
	if b[0] != '<' {
		return s.text(b, at, last, to)
	}
	if len(b) < 9 && !last {
		return 0
	}
	switch {
	case len(b) < 2 || !tagBegins(b[1]):
		s.give('t', b[:1], at, to)
		return 1
	case b[1] != '!':
	case bytes.HasPrefix(b, []byte("<!--")):
		s.Rest = restComment
		return s.until(b, at, last, "-->", 'x', to)
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		s.Rest = restData
		return len("<![CDATA[")
	}
	return s.tag(b, at, last, to)
}

func tagBegins(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '!' || c == '?'
}

// text takes text up to the next tag.
func (s *tagScan) text(b []byte, at int64, last bool, to func(*tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	n := bytes.IndexByte(window, '<')
	if n < 0 {
		if len(window) < pieceBytes && !last {
			return 0
		}
		n = len(window)
	}
	s.give('t', b[:n], at, to)
	return n
}

// until takes a piece of what an end mark closes.
func (s *tagScan) until(b []byte, at int64, last bool, mark string, kind byte, to func(*tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	if i := bytes.Index(window, []byte(mark)); i >= 0 {
		s.Rest = restNone
		s.give(kind, window[:i], at, to)
		return i + len(mark)
	}
	switch {
	case len(window) == pieceBytes:
		n := len(window) - len(mark) // the mark may be cut
		s.give(kind, window[:n], at, to)
		return n
	case last:
		s.give(kind, window, at, to)
		return len(window)
	}
	return 0
}

// rawText takes the text of a script or a style.
func (s *tagScan) rawText(b []byte, at int64, last bool, to func(*tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	end := "</" + s.Raw
	for i := 0; ; i++ {
		j := bytes.IndexByte(window[i:], '<')
		if j < 0 {
			break
		}
		if i += j; len(window)-i >= len(end) && strings.EqualFold(string(window[i:i+len(end)]), end) {
			s.Raw = ""
			if i > 0 {
				s.give('t', window[:i], at, to)
				return i
			}
			return s.tag(b, at, last, to)
		}
	}
	switch {
	case len(window) == pieceBytes:
		n := len(window) - len(end)
		s.give('t', window[:n], at, to)
		return n
	case last:
		s.give('t', window, at, to)
		return len(window)
	}
	return 0
}

// tag takes a tag.
func (s *tagScan) tag(b []byte, at int64, last bool, to func(*tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	n, quote := 1, byte(0)
	for n < len(window) {
		c := window[n]
		switch {
		case tagClasses[c]&tagMark == 0:
			n++
		case c == '>':
			s.opened(window[1:n], at, to)
			return n + 1
		case window[n-1] != '=': // a quote that opens no value
			n++
		default:
			end := bytes.IndexByte(window[n+1:], c)
			if end < 0 {
				quote, end = c, len(window)
			}
			n += end + 2
		}
	}
	if len(window) < pieceBytes && !last {
		return 0
	}
	s.Rest, s.Open = restTag, quote
	s.opened(window[1:], at, to)
	return len(window)
}

const (
	tagMark  = 1 << iota // may end a tag, or open a value
	tagBlank             // space
	tagSlash
	tagEqual
)

// tagClasses has the classes of the bytes that mean something in a tag.
var tagClasses = [256]byte{
	'>': tagMark, '"': tagMark, '\'': tagMark, ' ': tagBlank, '\t': tagBlank, '\r': tagBlank, '\n': tagBlank, '/': tagSlash, '=': tagEqual,
}

// opened gives a tag on, by what stands between its brackets.
func (s *tagScan) opened(inside []byte, at int64, to func(*tagToken)) {
	kind := byte('o')
	switch inside[0] {
	case '!', '?':
		s.give('d', inside, at, to)
		return
	case '/':
		kind, inside = 'c', inside[1:]
	}
	n := 0
	for n < len(inside) && n < 64 && tagClasses[inside[n]]&(tagBlank|tagSlash) == 0 {
		n++
	}
	name, attrs := s.names.of(inside[:n]), inside[n:]
	if s.HTML && kind == 'o' && (name == "script" || name == "style") && s.Rest == restNone {
		s.Raw = name
	}
	s.giveTag(kind, name, attrs, at, to)
	if kind == 'o' && !s.HTML && bytes.HasSuffix(attrs, []byte("/")) {
		s.giveTag('c', name, nil, at, to)
	}
}

// tagRest takes the rest of a tag that was too long.
func (s *tagScan) tagRest(b []byte, at int64, to func(*tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	for i, c := range window {
		switch {
		case s.Open == 0 && c == '>':
			s.Rest = restNone
			return i + 1
		case c == s.Open:
			s.Open = 0
		}
	}
	s.give('a', window, at, to)
	return len(window)
}

// attr is the value of an attribute by its name without a prefix, in lower case.
func (t *tagToken) attr(name string) (string, bool) {
	for n, value := range t.attributes {
		if n == name {
			return string(value), true
		}
	}
	return "", false
}

// attributes gives each attribute on, its name in lower case and without its prefix.
func (t *tagToken) attributes(yield func(name string, value []byte) bool) {
	rest := t.attrs
	for {
		for len(rest) > 0 && tagClasses[rest[0]]&(tagBlank|tagSlash) != 0 {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return
		}
		n := 0
		for n < len(rest) && tagClasses[rest[n]]&(tagBlank|tagSlash|tagEqual) == 0 {
			n++
		}
		name, value := t.names.of(rest[:n]), rest[n:n]
		if rest = trimTagSpace(rest[n:]); len(rest) > 0 && rest[0] == '=' {
			value, rest = attrValue(trimTagSpace(rest[1:]))
		}
		if !yield(name, value) {
			return
		}
	}
}

func trimTagSpace(b []byte) []byte {
	for len(b) > 0 && tagClasses[b[0]]&tagBlank != 0 {
		b = b[1:]
	}
	return b
}

// attrValue takes the value off that b begins with.
func attrValue(b []byte) (value, rest []byte) {
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		if n := bytes.IndexByte(b[1:], b[0]); n >= 0 {
			return b[1 : 1+n], b[n+2:]
		}
		return b[1:], nil
	}
	n := 0
	for n < len(b) && tagClasses[b[n]]&tagBlank == 0 {
		n++
	}
	return b[:n], b[n:]
}
