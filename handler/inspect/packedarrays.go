package inspect

import (
	"bytes"
	"regexp"
)

// Charts keep arrays of numbers as Base64: Plotly 6 under "bdata" with a "dtype" beside it (plotly.js, "typed array
// specification"), Bokeh under "data" of an object of type "bytes" or under "__ndarray__", with the "dtype" behind it.
var (
	packedKey  = regexp.MustCompile(`"(?:bdata"|__ndarray__"|type"\s{0,4}:\s{0,4}"bytes"\s{0,4},\s{0,4}"data")\s{0,4}:\s{0,4}"`)
	packedType = regexp.MustCompile(`"dtype"\s{0,4}:\s{0,4}"([a-z]{1,7}\d{1,2}c?)"`)
)

// dtypeBytes is how many bytes an element of a type takes, as NumPy and Plotly name types: "f8" or "float64". It is 8
// for a type that is not known, as most are.
func dtypeBytes(name []byte) int64 {
	switch string(bytes.TrimLeft(name, "<>=|")) {
	case "i1", "u1", "b1", "int8", "uint8", "uint8c", "bool":
		return 1
	case "i2", "u2", "f2", "int16", "uint16", "float16":
		return 2
	case "i4", "u4", "f4", "int32", "uint32", "float32":
		return 4
	}
	return 8
}

// packedArrays counts the numbers of packed arrays in the text of a script that comes in pieces. It is state.
type packedArrays struct {
	// Tail is the end of the last piece, in which a key may have begun.
	Tail  []byte `json:"tail,omitempty"`
	Value bool   `json:"value,omitempty"` // the piece ended in an array
	Size  int64  `json:"size,omitempty"`  // bytes of each of its elements
	Chars int64  `json:"chars,omitempty"` // of Base64 in it so far
}

// longKey is how many bytes a key takes with the type before it.
const longKey = 128

// numbers is how many numbers the arrays hold that end in a piece of text.
func (p *packedArrays) numbers(text []byte) (n int64) {
	if !p.Value && len(p.Tail) > 0 {
		text = append(p.Tail, text...)
	}
	p.Tail = nil
	for {
		if !p.Value {
			var m []int
			if bytes.Contains(text, []byte(`bdata"`)) || bytes.Contains(text, []byte(`"bytes"`)) || bytes.Contains(text, []byte(`__ndarray__"`)) { // most programs have none, and the expression takes its time
				m = packedKey.FindIndex(text)
			}
			if m == nil {
				p.Tail = bytes.Clone(text[max(0, len(text)-longKey):])
				return n
			}
			p.begin(text[max(0, m[0]-longKey):m[1]])
			text = text[m[1]:]
		}
		end := bytes.IndexByte(text, '"')
		if end < 0 {
			p.Chars += int64(len(text))
			return n
		}
		p.Chars += int64(end)
		if p.Size == 0 {
			p.Size = typeIn(text[end:min(len(text), end+longKey)])
		}
		n += p.Chars / 4 * 3 / p.Size
		p.Value, text = false, text[end+1:]
	}
}

// begin begins an array, by the text up to it: a type in its own object is its own.
func (p *packedArrays) begin(before []byte) {
	p.Value, p.Chars, p.Size = true, 0, 0
	own := before[bytes.LastIndexByte(before, '{')+1:]
	if packedType.Match(own) {
		p.Size = typeIn(own)
	}
}

// typeIn is how many bytes an element has of the type that a text names first.
func typeIn(text []byte) int64 {
	if m := packedType.FindSubmatch(text); m != nil {
		return dtypeBytes(m[1])
	}
	return dtypeBytes(nil)
}

// packedMembers counts the numbers of packed arrays in JSON. A type may stand on either side of its array. It is state.
type packedMembers struct {
	Key     string `json:"key,omitempty"`   // the key that the next value has, where it is one of packedKeys
	Bytes   bool   `json:"bytes,omitempty"` // the object is of Bokeh's type "bytes"
	Size    int64  `json:"size,omitempty"`  // bytes of an element, 0 where no type is known yet
	Chars   int64  `json:"chars,omitempty"` // of Base64 whose type is not known yet
	Numbers int64  `json:"numbers,omitempty"`
}

var packedKeys = map[string]bool{"bdata": true, "__ndarray__": true, "data": true, "dtype": true, "type": true}

// token takes a token of JSON. It returns true for the first piece of an array.
func (p *packedMembers) token(t jsonToken) (begins bool) {
	switch t.kind {
	case '{':
		p.Key, p.Bytes, p.Size = "", false, 0
	case '[', 'n', 'w':
		p.Key = ""
	case 'k':
		p.Key = ""
		if packedKeys[string(t.text)] {
			p.Key = string(t.text)
		}
	case 's', 'r':
		begins = p.text(t)
		if !t.more {
			p.Key = ""
		}
	}
	return begins
}

// text takes a value, or a piece of one.
func (p *packedMembers) text(t jsonToken) (begins bool) {
	switch {
	case p.Key == "", p.Key == "data" && !p.Bytes:
	case p.Key == "type":
		p.Bytes = string(t.text) == "bytes"
	case p.Key == "dtype":
		p.Size = dtypeBytes(t.text)
		p.settle(p.Size)
	default:
		if begins = t.kind == 's'; begins {
			p.settle(dtypeBytes(nil)) // one that no type came behind
		}
		p.Chars += int64(len(t.text))
		if !t.more && p.Size > 0 {
			p.settle(p.Size)
		}
	}
	return begins
}

// settle counts the numbers of an array whose type is known.
func (p *packedMembers) settle(size int64) {
	p.Numbers += p.Chars / 4 * 3 / size
	p.Chars = 0
}
