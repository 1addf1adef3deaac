package inspect

import (
	"encoding/binary"
	"math"
	"strconv"
)

// rCursor reads R's serialisation from bytes at hand, in one of its three formats. short is set
// where more bytes are needed, bad where there is something else.
type rCursor struct {
	format byte // 'X': big-endian, 'B': little-endian, 'A': text
	b      []byte
	n      int // bytes that were taken
	last   bool
	short  bool
	bad    bool
}

// rNA is R's missing whole number.
const rNA = math.MinInt32

// take takes n bytes, nil where they are not at hand.
func (c *rCursor) take(n int) []byte {
	if c.short || c.bad || len(c.b)-c.n < n {
		c.short = true
		return nil
	}
	c.n += n
	return c.b[c.n-n : c.n]
}

// maxRToken bounds a number of the text format.
const maxRToken = 100

// maxRBlanks bounds what is between two words of the text format. R writes one line's end.
const maxRBlanks = 1024

// blanks passes over what is between two words of the text format.
func (c *rCursor) blanks() {
	for from := c.n; c.n < len(c.b) && c.b[c.n] <= ' '; c.n++ {
		if c.n-from == maxRBlanks {
			c.bad = true
			return
		}
	}
}

// token takes a word of the text format.
func (c *rCursor) token() string {
	if c.short || c.bad {
		return ""
	}
	c.blanks()
	i := c.n
	from := i
	for i < len(c.b) && c.b[i] > ' ' && i-from < maxRToken {
		i++
	}
	switch {
	case c.bad:
	case i-from == maxRToken:
		c.bad = true
	case i == len(c.b) && !c.last || i == from:
		c.short = true
	default:
		c.n = i
		return string(c.b[from:i])
	}
	return ""
}

// integer takes a whole number.
func (c *rCursor) integer() int64 {
	if c.format == 'A' {
		text := c.token()
		if text == "NA" {
			return rNA
		}
		n, err := strconv.ParseInt(text, 10, 32)
		c.bad = c.bad || err != nil && !c.short
		return n
	}
	b := c.take(4)
	switch {
	case b == nil:
		return 0
	case c.format == 'B':
		return int64(int32(binary.LittleEndian.Uint32(b))) //nolint:gosec // as the format has it
	}
	return int64(int32(binary.BigEndian.Uint32(b))) //nolint:gosec // as the format has it
}

// real takes a number. R's missing number is one of those that are none.
func (c *rCursor) real() float64 {
	if c.format == 'A' {
		text := c.token()
		if text == "NA" {
			return math.NaN()
		}
		v, err := strconv.ParseFloat(text, 64)
		c.bad = c.bad || err != nil && !c.short && !math.IsInf(v, 0)
		return v
	}
	b := c.take(8)
	switch {
	case b == nil:
		return 0
	case c.format == 'B':
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// length takes the length of a vector: a long one has two more numbers.
func (c *rCursor) length() uint64 {
	n := c.integer()
	if n == -1 {
		high, low := c.integer(), c.integer()
		if high < 0 || high > 1<<20 { // R's vectors have at most 2⁵² elements
			c.bad = true
			return 0
		}
		return uint64(high)<<32 | uint64(uint32(low)) //nolint:gosec // as the format has it
	}
	if n < 0 {
		c.bad = true
		return 0
	}
	return uint64(n)
}

// maxRText is the longest text that is looked at as a whole.
const maxRText = 1024

// text takes a text of n bytes, and nothing of a longer one than maxRText.
func (c *rCursor) text(n uint64) (text string, whole bool) {
	if n > maxRText {
		return "", false
	}
	if c.format != 'A' {
		return string(c.take(int(n))), true
	}
	if n > 0 && !c.short {
		c.blanks()
	}
	out := make([]byte, 0, n)
	for range n {
		out = append(out, c.escaped())
	}
	return string(out), true
}

// escaped takes one byte of a text of the text format (R's serialize.c, OutString).
func (c *rCursor) escaped() byte {
	b := c.take(1)
	if b == nil || b[0] != '\\' {
		return first(b)
	}
	b = c.take(1)
	if b == nil {
		return 0
	}
	switch b[0] {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'v':
		return '\v'
	case 'b':
		return '\b'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'a':
		return '\a'
	}
	if b[0] < '0' || b[0] > '7' {
		return b[0]
	}
	rest := c.take(2) // R writes three digits
	if rest == nil {
		return 0
	}
	v := 0
	for _, d := range []byte{b[0], rest[0], rest[1]} {
		if d < '0' || d > '7' {
			c.bad = true
			return 0
		}
		v = v<<3 | int(d-'0')
	}
	return byte(v)
}

func first(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}
