package inspect

import (
	"bytes"
	"strconv"
	"strings"
)

// sheetFeed looks at a worksheet: hidden rows and columns, and its table. It is state once it is settled (see sheetState).
type sheetFeed struct {
	scan   tagScan
	book   bookParts
	part   int
	rows   []row
	cells  []sheetCell // of the row
	texts  []byte      // of the cells that have one of their own
	held   int         // cells
	size   int         // bytes of texts that are not the book's
	line   int64
	column int
	shared bool // the cell has one of the book's texts
	unseen bool // the cell's format shows nothing of it
	day    bool // the format shows its number as a day
	sum    bool // the cell has a formula
	valued bool // the cell has a value
	in     string
	text   []byte
	words  anchors
	more   *profile // once the table is too large to be held
	again  []string // for the cells of a row that is not held
}

// sheetCell is the text of a cell: one of the book's, or a part of the row's texts.
type sheetCell struct {
	text     string
	from, to int
}

func (s *sheetFeed) feed(in *input, b []byte, at int64, last bool) int {
	n := s.scan.feed(b, at, last, func(t *tagToken) {
		if t.at >= heldBytes && s.more == nil {
			s.spill(in)
		}
		switch t.kind {
		case 'o':
			s.opened(in, t)
		case 'c':
			s.closed(in, t)
		case 't':
			if s.in != "" && len(s.text) < 1024 {
				s.text = append(s.text, t.text[:min(len(t.text), 1024)]...)
			}
		}
	})
	if last {
		s.end(in)
	}
	return n
}

func (s *sheetFeed) opened(in *input, t *tagToken) {
	switch t.name {
	case "row":
		s.rowBegins(in, t)
	case "col":
		flag := func(name string) bool {
			value, _ := t.attr(name)
			return set(value)
		}
		if flag("hidden") || flag("customwidth") && tooSmall(t, "width", 0.3) {
			first, _ := t.attr("min")
			n, _ := strconv.ParseInt(first, 10, 32)
			in.found.note(Finding{Rule: "hidden.sheet"}, in.at(Place{Part: s.part, Column: n}))
		}
	case "c":
		s.cellBegins(t)
	case "v", "t", "f":
		s.in, s.text = t.name, s.text[:0]
	}
}

// set reports whether a flag is set.
func set(value string) bool { return value == "1" || value == "true" }

func (s *sheetFeed) rowBegins(in *input, t *tagToken) {
	s.line++
	var number, hidden, custom []byte
	for name, value := range t.attributes {
		switch name {
		case "r":
			keepFirst(&number, value)
		case "hidden":
			keepFirst(&hidden, value)
		case "customheight":
			keepFirst(&custom, value)
		}
	}
	if n, err := strconv.ParseInt(string(number), 10, 32); err == nil && n > 0 {
		s.line = n
	}
	s.cells, s.texts, s.column = s.cells[:0], s.texts[:0], 0
	if set(string(hidden)) || set(string(custom)) && tooSmall(t, "ht", 2) {
		in.found.note(Finding{Rule: "hidden.sheet"}, in.at(Place{Part: s.part, Line: s.line}))
	}
}

// keepFirst keeps the value of an attribute that comes once more.
func keepFirst(kept *[]byte, value []byte) {
	if *kept == nil {
		*kept = value
	}
}

func (s *sheetFeed) cellBegins(t *tagToken) {
	var kind, format, ref []byte
	for name, value := range t.attributes {
		switch name {
		case "t":
			keepFirst(&kind, value)
		case "s":
			keepFirst(&format, value)
		case "r":
			keepFirst(&ref, value)
		}
	}
	s.shared, s.unseen, s.day, s.sum, s.valued = string(kind) == "s", false, false, false, false
	if len(s.book.hidden)+len(s.book.days) > 0 {
		i, err := strconv.Atoi(string(format))
		s.unseen, s.day = err == nil && s.book.hidden[i], err == nil && s.book.days[i]
	}
	s.column++
	if n := columnOf(ref); n > 0 {
		s.column = n
	}
}

// tooSmall reports whether a size is too small for anybody to see the row or column.
func tooSmall(t *tagToken, name string, least float64) bool {
	text, _ := t.attr(name)
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n < least
}

// callsOut is the rule that a formula breaks which asks another program, by dynamic data
// exchange, or the network; "" for others.
func callsOut(formula string) string {
	lower := strings.ToLower(formula)
	if program, topic, ok := strings.Cut(lower, "|"); ok && program != "" && !strings.ContainsAny(program, `"&(`) && strings.Contains(topic, "!") {
		return "active.macro"
	}
	for _, name := range []string{"webservice(", "rtd(", "call(", "register.id(", "exec("} {
		if i := strings.Index(lower, name); i >= 0 && (i == 0 || !wordByte(lower[i-1])) {
			return "active.formula"
		}
	}
	return ""
}

// columnOf is the column of "AB12", 0 where there is none.
func columnOf(ref []byte) int {
	n := 0
	for i := 0; i < len(ref) && upper(ref[i]) && n < 100_000; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n
}

func (s *sheetFeed) closed(in *input, t *tagToken) {
	switch t.name {
	case "v", "t":
		if s.in == t.name {
			s.cell(in)
		}
		s.in = ""
	case "f":
		s.sum = true
		if rule := callsOut(unescapeTags(string(s.text))); s.in == t.name && rule != "" {
			in.found.note(Finding{Rule: rule}, in.at(Place{Part: s.part, Line: s.line, Column: int64(s.column)}))
		}
		s.in = ""
	case "c":
		s.unvalued(in)
	case "row":
		s.row(in)
	}
}

// cell puts a text where its column is.
func (s *sheetFeed) cell(in *input) {
	text, common := s.text, ""
	if bytes.IndexByte(text, '&') >= 0 {
		text = []byte(unescapeTags(string(text)))
	}
	if s.shared {
		i, err := strconv.Atoi(string(text))
		common = "a text"
		if err == nil && i >= 0 && i < len(s.book.shared) {
			common = s.book.shared[i]
			s.book.used.use(i)
		}
		s.text = append(s.text[:0], common...)
		text = s.text
	}
	if s.column < 1 || s.column > in.limits.Columns {
		return
	}
	if s.day && !s.shared {
		if day := dayOf(string(text)); day != "" {
			text = []byte(day)
		}
	}
	if s.sum && !s.book.calculated {
		if n, ok := numberOf(string(text)); ok && n == 0 {
			text, common = nil, ""
		}
	}
	s.valued = len(bytes.TrimSpace(text)) > 0
	s.put(text, common)
	if s.unseen && s.valued {
		in.found.note(Finding{Rule: "hidden.text"}, in.at(s.place()))
	}
	if len(text) >= leastSecret || s.words.Key != nil {
		s.words.secrets(in, text, func(int, int) Place { return s.place() })
	}
	if len(text) > 20 || bytes.IndexByte(text, '@') >= 0 {
		s.words.personal(in, text, func(int, int) Place { return s.place() })
	}
}

// place is the place of the cell.
func (s *sheetFeed) place() Place {
	return Place{Part: s.part, Line: s.line, Column: int64(s.column)}
}

// put keeps the text of the cell, which may be one of the book's, until the row ends.
func (s *sheetFeed) put(text []byte, common string) {
	for len(s.cells) < s.column {
		s.cells = append(s.cells, sheetCell{})
	}
	c := &s.cells[s.column-1]
	switch {
	case common != "":
		*c = sheetCell{text: common}
	case c.to > 0 || c.text != "": // a column that comes once more
		*c = sheetCell{text: string(text)}
	default:
		c.from = len(s.texts)
		s.texts = append(s.texts, text...)
		c.to = len(s.texts)
	}
}

func (s *sheetFeed) row(in *input) {
	if len(s.cells) == 0 {
		return
	}
	if s.more == nil && (len(s.rows) >= heldRows || s.held+len(s.cells) > heldCells || s.size+len(s.texts) > heldText) {
		s.spill(in)
	}
	if s.more != nil {
		s.again = s.taken(s.again[:0])
		s.more.add(row{cells: s.again, line: s.line}, in.limits.Columns)
		return
	}
	s.held, s.size = s.held+len(s.cells), s.size+len(s.texts)
	r := row{cells: s.taken(make([]string, 0, len(s.cells))), line: s.line}
	s.rows = append(s.rows, r)
}

// taken takes the row's cells, whose own texts share one.
func (s *sheetFeed) taken(into []string) []string {
	texts := string(s.texts)
	for _, c := range s.cells {
		if c.text != "" {
			into = append(into, c.text)
		} else {
			into = append(into, texts[c.from:c.to])
		}
	}
	s.cells, s.texts = s.cells[:0], s.texts[:0]
	return into
}

// spill goes on row by row with a table that is too large to be held.
func (s *sheetFeed) spill(in *input) {
	s.more = &profile{}
	rows := trimmed(s.rows)
	if len(rows) > 0 && headerLike(rows[0]) {
		heads := make([]headerClass, len(rows[0].cells))
		for i, text := range rows[0].cells {
			heads[i] = classOf(text)
		}
		s.more.begin(heads)
		rows = rows[1:]
	}
	for _, r := range rows {
		s.more.add(r, in.limits.Columns)
	}
	s.rows = nil
}

func (s *sheetFeed) end(in *input) {
	s.words.end(in)
	note := func(f Finding, at Place) {
		at.Part = s.part
		in.found.note(f, in.at(at))
	}
	if s.more != nil {
		s.more.conclude(note, s.more.named())
		return
	}
	for _, rows := range blocks(s.rows) {
		if g := newGrid(rows, in.limits.Columns); g != nil {
			g.conclude(note)
		}
	}
}

// blocks splits the rows of a sheet where lines are left out between them.
func blocks(rows []row) [][]row {
	var out [][]row
	from := 0
	for i := 1; i <= len(rows); i++ {
		if i == len(rows) || rows[i].line > rows[i-1].line+1 {
			out = append(out, rows[from:i])
			from = i
		}
	}
	return out
}
