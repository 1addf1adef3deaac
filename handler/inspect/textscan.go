package inspect

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"
)

func init() {
	for _, kind := range []string{"csv", "tsv", "text", "code", "script", "xml", "rtf"} {
		scanners[kind] = func() scanner { return &sequential[*textFeed]{To: &textFeed{Kind: kind}} }
	}
}

// textFeed looks at a text: as a whole when it is small, row by row when it is a
// large table, line by line else.
type textFeed struct {
	Kind string `json:"kind"`
	// Begun is set when the text is known to be large.
	Begun     bool        `json:"begun,omitempty"`
	Delimiter byte        `json:"delimiter,omitempty"` // of a table, 0 for lines
	Line      int64       `json:"line"`                // lines before
	Headed    bool        `json:"headed,omitempty"`    // the header was read
	Binary    bool        `json:"binary,omitempty"`    // bytes that are no text were met
	Table     profile     `json:"table"`
	Anchors   anchors     `json:"anchors"`
	Wide      *wide       `json:"wide,omitempty"`   // for UTF-16
	Flat      *flatOffice `json:"flat,omitempty"`   // for XML
	Offset    int64       `json:"offset,omitempty"` // of XML, as Flat has its own
	// cut has room for the cells of a row; it is no state.
	cut []string
}

func (t *textFeed) feed(in *input, b []byte, at int64, last bool) int {
	if t.Wide == nil && at == 0 && len(b) >= 2 {
		if order := utf16Order(b); order != nil {
			t.Wide = &wide{Big: b[0] == 0xfe}
		}
	}
	if t.Wide != nil {
		inner := *in
		inner.depth++ // offsets are not those of the file
		return t.Wide.feed(b, last, func(text []byte, last bool) int { return t.marked(&inner, text, t.Wide.Given, last) })
	}
	return t.marked(in, b, at, last)
}

// marked is feed for UTF-8. It gives XML to Flat besides, which stops at other bytes.
func (t *textFeed) marked(in *input, b []byte, at int64, last bool) int {
	if t.Kind != "xml" {
		return t.text(in, b, at, last)
	}
	if t.Flat == nil {
		t.Flat = &flatOffice{}
	}
	f := t.Flat
	f.Offset, t.Offset = max(f.Offset, at), max(t.Offset, at) // a state of an older version has none
	// Of UTF-16 the end may be nearer than the offsets, where a piece was cut in a character.
	f.Offset += int64(f.Part.Scan.feed(b[min(f.Offset-at, int64(len(b))):], f.Offset, last, func(k *tagToken) { f.token(in, k) }))
	t.Offset += int64(t.text(in, b[min(t.Offset-at, int64(len(b))):], t.Offset, last))
	return int(min(f.Offset-at, t.Offset-at, int64(len(b))))
}

// text is marked without Flat.
func (t *textFeed) text(in *input, b []byte, at int64, last bool) int {
	if !t.Begun {
		need := wholeBytes
		if t.Wide != nil {
			need /= 2 // so much at least is in a piece of UTF-16
		}
		if len(b) < need && !last {
			return 0
		}
		if last && at == 0 && len(b) < need {
			t.whole(in, b)
			t.Anchors.end(in)
			return len(b)
		}
		t.Begun, t.Delimiter = true, t.delimiter(b)
	}
	used, text := 0, ""
	if t.Delimiter != 0 {
		text = string(b) // that all cells are parts of
	}
	for used < len(b) {
		n := 0
		if t.Delimiter != 0 {
			n = t.row(in, b[used:], text[used:], at+int64(used), last)
		} else {
			n = t.running(in, b[used:], at+int64(used), last)
		}
		if n == 0 {
			break
		}
		used += n
	}
	if last {
		t.Table.conclude(func(f Finding, p Place) { in.found.note(f, in.at(p)) }, t.Table.named())
		t.Anchors.end(in)
	}
	return used
}

// delimiter says how the cells of a table are told apart, 0 when it is none.
func (t *textFeed) delimiter(b []byte) byte {
	b = b[:min(len(b), 8<<10)]
	switch t.Kind {
	case "tsv":
		return cmp.Or(sniff(b, "\t,;|"), oneColumn)
	case "csv":
		return cmp.Or(sniff(b, ",;\t|"), oneColumn)
	case "text":
		if bytes.Contains(b, []byte("-+-")) || barredRuler.Match(b) { // rulers as Stata and databases print them: see aligned
			return 0
		}
		return sniff(b, "\t;,|")
	}
	return 0
}

// barredRuler is one as gmodels' CrossTable prints it. Those of Markdown begin with their bar, or do not end with one.
var barredRuler = regexp.MustCompile(`(?m)^-+(\|-+)+\|\s*$`)

// oneColumn stands for the delimiter of a table that has one column: a byte that texts do not
// have (ASCII's unit separator).
const oneColumn = 0x1f

// running takes a line of a large text that is no table and returns its length, 0 where
// more bytes are needed.
func (t *textFeed) running(in *input, b []byte, at int64, last bool) int {
	n, whole := lineEnd(b, last)
	if n > 0 {
		t.line(in, b[:n], at, true)
	}
	if whole {
		t.Line++
	}
	return n
}

// row takes a row of a large table, which text has as b does, and returns its length, 0
// where more bytes are needed.
func (t *textFeed) row(in *input, b []byte, text string, at int64, last bool) int {
	cells, n := splitRow(t.cut[:0], text, t.Delimiter, last, pieceBytes)
	t.cut = cells
	if n == 0 {
		return 0
	}
	t.line(in, b[:n], at, t.Kind == "text")
	r := row{cells: cells, line: t.Line + 1, offset: at, length: int64(n)}
	t.Line += int64(bytes.Count(b[:n], []byte{'\n'}))
	if !t.Headed {
		t.Headed = true
		if headerLike(r) {
			heads := make([]headerClass, min(len(cells), in.limits.Columns))
			for i := range heads {
				heads[i] = classOf(cells[i])
			}
			t.Table.begin(heads)
			return n
		}
	}
	t.cells(in, r, strings.IndexByte(text[:n], '@') >= 0)
	t.Table.add(r, in.limits.Columns)
	return n
}

// cells looks at the texts in a row; addressed is set where an @ is in it.
func (t *textFeed) cells(in *input, r row, addressed bool) {
	if t.Kind == "text" {
		return // it is looked at line by line: its commas may be those of sentences
	}
	for i, text := range r.cells {
		if addressed && len(text) >= 6 && strings.IndexByte(text, '@') >= 0 || len(text) > 20 && cellOf(text).kind == cellLabel { // no address and no number is shorter
			t.Anchors.personal(in, []byte(text), func(int, int) Place { return r.cell(i) })
		}
		if formula(text) {
			in.found.note(Finding{Rule: "active.formula"}, in.at(r.cell(i)))
		}
	}
}

// formula reports whether a spreadsheet would run a cell (OWASP ASVS 1.2.10): signed
// numbers and texts after a dash are none.
func formula(text string) bool {
	if len(text) < 2 {
		return false
	}
	switch text[0] {
	case '=':
		_, number := numberOf(strings.TrimSpace(text[1:]))
		return !number && text[1] != '=' && text[1] != ' '
	case '@':
		return wordByte(text[1]) && strings.ContainsAny(text, "(!")
	case '+', '-':
		return wordByte(text[1]) && !digit(text[1]) && strings.ContainsAny(text, "(!|")
	case '\t', '\r':
		return formula(strings.TrimLeft(text, "\t\r"))
	case 0xef: // the marks in full width, which spreadsheets take for the same
		for i, mark := range []string{"\uff1d", "\uff0b", "\uff0d", "\uff20"} {
			if rest, ok := strings.CutPrefix(text, mark); ok {
				return formula("=+-@"[i:i+1] + rest)
			}
		}
	}
	return false
}

// line looks at one line, or at a piece of a long one, as running text.
func (t *textFeed) line(in *input, b []byte, at int64, personal bool) {
	if !t.Binary && bytes.IndexByte(b, 0) >= 0 {
		t.Binary = true
		in.note("uncheckable.unknown")
	}
	place := func(from, to int) Place {
		return Place{Line: t.Line + 1, Column: int64(from) + 1, Offset: at + int64(from), Length: int64(to - from)}
	}
	t.Anchors.secrets(in, b, place)
	if personal {
		t.Anchors.personal(in, b, place)
		modelSummary(b, func(f Finding) { in.found.note(f, in.at(place(0, len(b)))) })
	}
}

// lineEnd is how many bytes of b are its first line with its end, and whether the
// line is whole. A line longer than pieceBytes is cut behind something that ends a
// word. It returns 0 where more bytes are needed to tell.
func lineEnd(b []byte, last bool) (n int, whole bool) {
	window := b[:min(len(b), pieceBytes)]
	if i := bytes.IndexByte(window, '\n'); i >= 0 {
		return i + 1, true
	}
	switch {
	case len(window) == pieceBytes:
		if i := bytes.LastIndexAny(window, " ,;\t\"'<>&"); i > pieceBytes/2 {
			return i + 1, false
		}
		return pieceBytes, false
	case last:
		return len(b), true
	}
	return 0, false
}
