package inspect

import "bytes"

// jsonScan splits JSON into tokens. It holds no token longer than pieceBytes, does
// not recurse, and takes some texts that are not quite JSON, as Python's NaN. It is state.
type jsonScan struct {
	Stack []byte `json:"stack,omitempty"` // '{' and '['
	Value bool   `json:"value,omitempty"` // behind a colon
	Rest  bool   `json:"rest,omitempty"`  // inside a string that was too long to be taken at once
	Key   bool   `json:"key,omitempty"`   // that string is a key
	Deep  bool   `json:"deep,omitempty"`  // nested deeper than maxNesting: nothing more is looked at
}

// maxNesting bounds the depth of JSON.
const maxNesting = 64

// jsonToken is a token: '{', '}', '[', ']', 'k' for a key, 's' for a string or its
// first piece, 'r' for the rest of a string, 'n' for a number, and 'w' for a word.
type jsonToken struct {
	kind byte
	text []byte // of keys, strings, numbers and words, as written, without quotes
	at   int64
	more bool // the string goes on
}

// feed gives the tokens in b to a function and returns how many bytes are done with.
// A closing bracket is given before it leaves the Stack, an opening one after it
// has come there.
func (s *jsonScan) feed(b []byte, at int64, last bool, to func(jsonToken)) int {
	i := 0
	for i < len(b) && !s.Deep {
		if !s.Rest && jsonClasses[b[i]] == jsonBetween {
			if c := b[i]; c == ':' || c == ',' {
				s.Value = c == ':'
			}
			i++
			continue
		}
		n := s.token(b[i:], at+int64(i), last, to)
		if n == 0 {
			break
		}
		i += n
	}
	if s.Deep || last {
		return len(b)
	}
	return i
}

// token takes one token and returns its length, 0 where more bytes are needed.
func (s *jsonScan) token(b []byte, at int64, last bool, to func(jsonToken)) int {
	if s.Rest {
		return s.text(b, at, 0, last, to)
	}
	switch c := b[0]; c {
	case '{', '[':
		if len(s.Stack) == maxNesting {
			s.Deep = true
			return 1
		}
		s.Stack, s.Value = append(s.Stack, c), false
		to(jsonToken{kind: c, at: at})
	case '}', ']':
		to(jsonToken{kind: c, at: at})
		if len(s.Stack) > 0 {
			s.Stack = s.Stack[:len(s.Stack)-1]
		}
		s.Value = false
	case '"':
		s.Key = len(s.Stack) > 0 && s.Stack[len(s.Stack)-1] == '{' && !s.Value
		return s.text(b, at, 1, last, to)
	default:
		return s.word(b, at, last, to)
	}
	return 1
}

// text takes a string that begins with open quotes, or goes on.
func (s *jsonScan) text(b []byte, at int64, open int, last bool, to func(jsonToken)) int {
	kind := byte('s')
	if s.Key {
		kind = 'k'
	}
	if s.Rest {
		kind = 'r'
	}
	window := b[:min(len(b), pieceBytes)]
	for i, quote := open, -1; i < len(window); {
		if quote < i {
			n := bytes.IndexByte(window[i:], '"')
			if n < 0 {
				break
			}
			quote = i + n
		}
		if n := bytes.IndexByte(window[i:quote], '\\'); n >= 0 {
			i += n + 2
			continue
		}
		s.Rest = false
		to(jsonToken{kind: kind, text: window[open:quote], at: at + int64(open)})
		return quote + 1
	}
	if len(window) < pieceBytes && !last {
		return 0
	}
	n := len(window)
	for n > open+1 && window[n-1] == '\\' { // the escaped character follows
		n--
	}
	if n <= open+1 {
		n = len(window)
	}
	s.Rest = true
	to(jsonToken{kind: kind, text: window[open:n], at: at + int64(open), more: true})
	return n
}

// word takes a number, or another token without quotes.
func (s *jsonScan) word(b []byte, at int64, last bool, to func(jsonToken)) int {
	window := b[:min(len(b), pieceBytes)]
	n := 1 // token has seen to it that the first byte is one of a word
	for n < len(window) && jsonClasses[window[n]] == jsonWord {
		n++
	}
	if n == len(b) && n < pieceBytes && !last {
		return 0
	}
	kind := byte('w')
	if digit(b[0]) || b[0] == '-' {
		kind = 'n'
	}
	to(jsonToken{kind: kind, text: b[:n], at: at})
	return n
}

const (
	jsonWord    = iota // of a number or a word
	jsonBetween        // stands between tokens
	jsonMark           // is a token, or begins a string
)

// jsonClasses has the class of each byte outside strings.
var jsonClasses = func() (out [256]byte) {
	for _, c := range []byte(" \t\r\n,:") {
		out[c] = jsonBetween
	}
	for _, c := range []byte(`{}[]"`) {
		out[c] = jsonMark
	}
	return out
}()
