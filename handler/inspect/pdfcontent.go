package inspect

import (
	"bytes"
	"math"
	"strconv"
)

const (
	// tinyText is the size in points below which text is taken for hidden.
	tinyText = 1.5
	// maxSaved bounds the graphics states that are kept, and maxAreas the areas.
	maxSaved = 64
	maxAreas = 128
)

// pdfGraphics is the part of the graphics state that q saves and Q restores.
type pdfGraphics struct {
	matrix pdfMatrix
	white  bool // the colour that fills
	gray   bool // one number is a colour
	mode   float64
	size   float64 // NaN before a font is chosen
	lead   float64
}

// pdfContent reads the operators of one content stream. It counts texts that nobody sees.
type pdfContent struct {
	pdfGraphics
	saved      []pdfGraphics
	deeper     int // q beyond maxSaved
	text, line pdfMatrix
	numbers    [6]float64
	n          int  // numbers before the operator; the last six are kept
	named      bool // a name was before the operator
	gray1      bool // it is that of a gray space
	words      bool // a string that is not blank was before the operator
	glyph      bool // it draws a character of a Type 3 font
	path       pdfArea
	dark       pdfAreas // filled, and not white
	pictures   pdfAreas
	foreign    bool // something was drawn whose area is not known
	clear      [][2]float64

	Clear int64 // without paint
	Over  int64 // without paint, over a picture: a scan with its text
	Clips int64 // that only clip
	White int64 // white on nothing
	Later int64 // white after something whose area is not known
	Tiny  int64
	Texts pdfArea // where texts begin
	Shown bool    // there is text in a font, seen or not
	Dark  bool    // a ground was painted
}

func newPDFContent() *pdfContent {
	return &pdfContent{pdfGraphics: pdfGraphics{matrix: pdfUnit, gray: true, size: math.NaN()}, text: pdfUnit, line: pdfUnit, path: noArea, Texts: noArea}
}

// read reads a whole content stream, or its beginning.
func (c *pdfContent) read(b []byte) {
	for len(b) > 0 && !c.glyph {
		switch {
		case b[0] == '%':
			b = b[commentEnd(b):]
		case b[0] == '(':
			n, blank := pdfString(b)
			c.words = c.words || !blank
			b = b[n:]
		case b[0] == '<' && len(b) > 1 && b[1] != '<':
			n := bytes.IndexByte(b, '>') + 1
			if n == 0 {
				n = len(b)
			}
			c.words = c.words || n > 3
			b = b[n:]
		case b[0] == '/':
			name, n := pdfName(b)
			c.named, c.gray1 = true, name == "DeviceGray" || name == "CalGray" || name == "G"
			b = b[n:]
		case pdfBreak(b[0]):
			b = b[1:]
		default:
			n := 1
			for n < len(b) && !pdfBreak(b[n]) && b[n] != '/' && b[n] != '(' && b[n] != '<' && b[n] != '%' {
				n++
			}
			b = c.word(b[:n], b[n:])
		}
	}
	for _, at := range c.clear {
		if c.pictures.hold(at[0], at[1]) {
			c.Over++
		} else {
			c.Clear++
		}
	}
}

func commentEnd(b []byte) int {
	if n := bytes.IndexAny(b, "\r\n"); n >= 0 {
		return n
	}
	return len(b)
}

// pdfBreak reports whether a character stands between words and is none. Brackets count: arrays and dictionaries are not told
// from what is in them.
func pdfBreak(c byte) bool {
	return c <= ' ' || c == '[' || c == ']' || c == '>' || c == '<' || c == ')' || c == '{' || c == '}'
}

// pdfString measures a string in parentheses, which may be nested (ISO 32000-1, 7.3.4.2).
func pdfString(b []byte) (n int, blank bool) {
	depth := 0
	blank = true
	for n < len(b) {
		switch c := b[n]; c {
		case '\\':
			n++
			blank = false
		case '(':
			depth++
		case ')':
			depth--
		default:
			blank = blank && (c == ' ' || c == 0)
		}
		n++
		if depth == 0 {
			break
		}
	}
	return min(n, len(b)), blank
}

// word takes a number or an operator, and returns what is left of the rest.
func (c *pdfContent) word(w, rest []byte) []byte {
	if w[0] <= '9' && w[0] != '\'' && w[0] != '"' {
		v, err := strconv.ParseFloat(string(w[:min(len(w), 40)]), 64)
		if err != nil {
			v = 0
		}
		if c.n >= len(c.numbers) {
			copy(c.numbers[:], c.numbers[1:])
			c.numbers[len(c.numbers)-1] = v
		} else {
			c.numbers[c.n] = v
		}
		c.n++
		return rest
	}
	if len(w) <= 3 {
		op := string(w)
		if op == "ID" {
			rest = behindPicture(rest)
		}
		if !c.colours(op) && !c.paths(op) && !c.states(op) {
			c.texts(op)
		}
	}
	c.n, c.named, c.gray1, c.words = 0, false, false, false
	return rest
}

// behindPicture returns what is behind a picture that is written among the operators (ISO 32000-1, 8.9.7).
func behindPicture(b []byte) []byte {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte("EI"))
		if i < 0 {
			return nil
		}
		from += i + 2
		if from > 2 && b[from-3] <= ' ' && (from == len(b) || b[from] <= ' ') {
			return b[from:]
		}
	}
}

// last returns the last n numbers, with zeros where there are fewer.
func (c *pdfContent) last(n int) []float64 {
	have := min(c.n, len(c.numbers))
	for i := have; i < len(c.numbers); i++ {
		c.numbers[i] = 0
	}
	from := max(0, have-n)
	return c.numbers[from : from+n]
}

func (c *pdfContent) colours(op string) bool {
	const most, least = 0.98, 0.02
	bright := func(v []float64) bool {
		for _, x := range v {
			if x < most {
				return false
			}
		}
		return true
	}
	inkless := func(v []float64) bool { return max(v[0], v[1], v[2], v[3]) <= least }
	switch op {
	case "g":
		c.white, c.gray = bright(c.last(1)), true
	case "rg":
		c.white = bright(c.last(3))
	case "k":
		c.white = inkless(c.last(4))
	case "cs":
		c.white, c.gray = false, c.gray1
	case "sc", "scn":
		// A single number in another space is the amount of an ink.
		c.white = !c.named && (c.n == 3 && bright(c.last(3)) || c.n == 4 && inkless(c.last(4)) || c.n == 1 && c.gray && bright(c.last(1)))
	default:
		return false
	}
	return true
}

func (c *pdfContent) paths(op string) bool {
	point := func(x, y float64) { c.path = c.path.with(c.matrix.apply(x, y)) }
	switch op {
	case "m", "l":
		v := c.last(2)
		point(v[0], v[1])
	case "c":
		v := c.last(6)
		point(v[0], v[1])
		point(v[2], v[3])
		point(v[4], v[5])
	case "v", "y":
		v := c.last(4)
		point(v[0], v[1])
		point(v[2], v[3])
	case "re":
		v := c.last(4)
		point(v[0], v[1])
		point(v[0]+v[2], v[1])
		point(v[0], v[1]+v[3])
		point(v[0]+v[2], v[1]+v[3])
	case "f", "F", "f*", "B", "B*", "b", "b*":
		if !c.white && !c.path.empty() {
			c.dark.add(c.path)
			const ground = 4 // points; a rule is thinner
			c.Dark = c.Dark || c.path.Right-c.path.Left >= ground && c.path.High-c.path.Low >= ground
		}
		c.path = noArea
	case "S", "s", "n":
		c.path = noArea
	case "sh":
		c.dark.add(pdfArea{-math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64, math.MaxFloat64})
		c.Dark = true
	case "Do", "ID":
		area := noArea
		for _, p := range [4][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
			area = area.with(c.matrix.apply(p[0], p[1]))
		}
		c.dark.add(area)
		c.pictures.add(area)
		c.foreign = c.foreign || op == "Do"
	default:
		return false
	}
	return true
}

func (c *pdfContent) states(op string) bool {
	switch op {
	case "q":
		if len(c.saved) < maxSaved {
			c.saved = append(c.saved, c.pdfGraphics)
		} else {
			c.deeper++
		}
	case "Q":
		if c.deeper > 0 {
			c.deeper--
		} else if n := len(c.saved); n > 0 {
			c.pdfGraphics, c.saved = c.saved[n-1], c.saved[:n-1]
		}
	case "cm":
		c.matrix = pdfMatrix(c.last(6)).over(c.matrix)
	case "d0", "d1":
		c.glyph = true
	case "Tr":
		c.mode = c.last(1)[0]
	case "Tf":
		c.size = c.last(1)[0]
	case "TL":
		c.lead = c.last(1)[0]
	default:
		return false
	}
	return true
}

func (c *pdfContent) texts(op string) {
	move := func(x, y float64) {
		c.line = pdfMatrix{1, 0, 0, 1, x, y}.over(c.line)
		c.text = c.line
	}
	switch op {
	case "BT":
		c.text, c.line = pdfUnit, pdfUnit
	case "Tm":
		c.line = pdfMatrix(c.last(6))
		c.text = c.line
	case "Td":
		v := c.last(2)
		move(v[0], v[1])
	case "TD":
		v := c.last(2)
		c.lead = -v[1]
		move(v[0], v[1])
	case "T*":
		move(0, -c.lead)
	case "'", "\"":
		move(0, -c.lead)
		c.show()
	case "Tj", "TJ":
		c.show()
	}
}

// show takes a text that is shown. It is counted once.
func (c *pdfContent) show() {
	if !c.words {
		return
	}
	c.Shown = c.Shown || !math.IsNaN(c.size) // a font's program has strings by chance
	m := c.text.over(c.matrix)
	x, y := m.apply(0, 0)
	size := math.Abs(c.size) * min(math.Hypot(m[0], m[1]), math.Hypot(m[2], m[3]))
	switch {
	case c.mode == 3 && len(c.clear) < maxAreas:
		c.clear = append(c.clear, [2]float64{x, y})
	case c.mode == 3:
		if c.pictures.hold(x, y) {
			c.Over++
		} else {
			c.Clear++
		}
	case c.mode == 7:
		c.Clips++
	case math.IsNaN(size): // no font is chosen: nothing is shown, or the beginning is elsewhere
	case c.white && (c.mode == 0 || c.mode == 4) && !c.dark.hold(x, y):
		if c.foreign {
			c.Later++
		} else {
			c.White++
		}
	case size < tinyText:
		c.Tiny++
	default:
		c.Texts = c.Texts.with(x, y)
	}
}
