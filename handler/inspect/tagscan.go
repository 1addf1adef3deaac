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
// comment, 'd' for declarations.
type tagToken struct {
	kind  byte
	name  string // in lower case, without its prefix
	attrs []byte
	text  []byte
	at    int64
	begun bool // the first piece of a comment
}

// feed gives the tokens in b to a function and returns how many bytes are done with.
func (s *tagScan) feed(b []byte, at int64, last bool, to func(tagToken)) int {
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

func (s *tagScan) token(b []byte, at int64, last bool, to func(tagToken)) int {
	switch s.Rest {
	case restTag:
		return s.tagRest(b, at, to)
	case restComment:
		return s.until(b, at, last, "-->", 'x', false, to)
	case restData:
		return s.until(b, at, last, "]]>", 't', false, to)
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
	case bytes.HasPrefix(b, []byte("<!--")):
		s.Rest = restComment
		return s.until(b, at, last, "-->", 'x', true, to)
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		s.Rest = restData
		return len("<![CDATA[")
	case len(b) < 2 || !tagBegins(b[1]):
		to(tagToken{kind: 't', text: b[:1], at: at})
		return 1
	}
	return s.tag(b, at, last, to)
}

func tagBegins(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '!' || c == '?'
}

// text takes text up to the next tag.
func (s *tagScan) text(b []byte, at int64, last bool, to func(tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	n := bytes.IndexByte(window, '<')
	if n < 0 {
		if len(window) < pieceBytes && !last {
			return 0
		}
		n = len(window)
	}
	to(tagToken{kind: 't', text: b[:n], at: at})
	return n
}

// until takes a piece of what an end mark closes.
func (s *tagScan) until(b []byte, at int64, last bool, mark string, kind byte, begun bool, to func(tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	if i := bytes.Index(window, []byte(mark)); i >= 0 {
		s.Rest = restNone
		to(tagToken{kind: kind, text: window[:i], at: at, begun: begun})
		return i + len(mark)
	}
	switch {
	case len(window) == pieceBytes:
		n := len(window) - len(mark) // the mark may be cut
		to(tagToken{kind: kind, text: window[:n], at: at, begun: begun})
		return n
	case last:
		to(tagToken{kind: kind, text: window, at: at, begun: begun})
		return len(window)
	}
	return 0
}

// rawText takes the text of a script or a style.
func (s *tagScan) rawText(b []byte, at int64, last bool, to func(tagToken)) int {
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
				to(tagToken{kind: 't', text: window[:i], at: at})
				return i
			}
			return s.tag(b, at, last, to)
		}
	}
	switch {
	case len(window) == pieceBytes:
		n := len(window) - len(end)
		to(tagToken{kind: 't', text: window[:n], at: at})
		return n
	case last:
		to(tagToken{kind: 't', text: window, at: at})
		return len(window)
	}
	return 0
}

// tag takes a tag.
func (s *tagScan) tag(b []byte, at int64, last bool, to func(tagToken)) int {
	window := b[:min(len(b), pieceBytes)]
	n, quote := 1, byte(0)
	for n < len(window) {
		c := window[n]
		switch {
		case quote == 0 && c == '>':
			s.opened(window[1:n], at, to)
			return n + 1
		case quote == 0 && (c == '"' || c == '\'') && window[n-1] == '=':
			quote = c
		case c == quote:
			quote = 0
		}
		n++
	}
	if len(window) < pieceBytes && !last {
		return 0
	}
	s.Rest, s.Open = restTag, quote
	s.opened(window[1:], at, to)
	return len(window)
}

// opened gives a tag on, by what stands between its brackets.
func (s *tagScan) opened(inside []byte, at int64, to func(tagToken)) {
	t := tagToken{kind: 'o', at: at}
	switch inside[0] {
	case '!', '?':
		to(tagToken{kind: 'd', text: inside, at: at})
		return
	case '/':
		t.kind, inside = 'c', inside[1:]
	}
	n := 0
	for n < len(inside) && n < 64 && inside[n] != ' ' && inside[n] != '/' && inside[n] != '\n' && inside[n] != '\t' && inside[n] != '\r' {
		n++
	}
	name := strings.ToLower(string(inside[:n]))
	t.name, t.attrs = name[strings.LastIndexByte(name, ':')+1:], inside[n:]
	if s.HTML && t.kind == 'o' && (t.name == "script" || t.name == "style") && s.Rest == restNone {
		s.Raw = t.name
	}
	to(t)
	if t.kind == 'o' && !s.HTML && bytes.HasSuffix(t.attrs, []byte("/")) {
		to(tagToken{kind: 'c', name: t.name, at: at})
	}
}

// tagRest takes the rest of a tag that was too long.
func (s *tagScan) tagRest(b []byte, at int64, to func(tagToken)) int {
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
	to(tagToken{kind: 'a', text: window, at: at})
	return len(window)
}

// attr is the value of an attribute by its name without a prefix, in lower case.
func (t tagToken) attr(name string) (string, bool) {
	value, found := "", false
	t.attributes(func(n, v string) {
		if n == name && !found {
			value, found = v, true
		}
	})
	return value, found
}

// attributes gives each attribute to a function, its name in lower case and without
// its prefix.
func (t tagToken) attributes(to func(name, value string)) {
	rest := string(t.attrs)
	for {
		for rest != "" && (tagSpace(rest[0]) || rest[0] == '/') { // a loop, as there are millions in a sheet
			rest = rest[1:]
		}
		if rest == "" {
			return
		}
		n := 0
		for n < len(rest) && rest[n] != '=' && rest[n] != '/' && !tagSpace(rest[n]) {
			n++
		}
		name := strings.ToLower(rest[:n])
		name = name[strings.LastIndexByte(name, ':')+1:]
		rest = trimTagSpace(rest[n:])
		value := ""
		if after, ok := strings.CutPrefix(rest, "="); ok {
			value, rest = attrValue(trimTagSpace(after))
		} else if n == 0 {
			rest = rest[min(1, len(rest)):]
		}
		to(name, value)
	}
}

func tagSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimTagSpace(text string) string {
	for text != "" && tagSpace(text[0]) {
		text = text[1:]
	}
	return text
}

func attrValue(text string) (value, rest string) {
	if text == "" {
		return "", ""
	}
	if q := text[0]; q == '"' || q == '\'' {
		value, rest, _ = strings.Cut(text[1:], string(q))
		return value, rest
	}
	n := strings.IndexAny(text, " \t\r\n")
	if n < 0 {
		n = len(text)
	}
	return text[:n], text[n:]
}
