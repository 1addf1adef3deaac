package inspect

import (
	"strconv"
	"strings"
)

// sheetFeed looks at a worksheet: hidden rows and columns, and its table. It is no
// state: a sheet is read in one go.
type sheetFeed struct {
	scan   tagScan
	book   bookParts
	part   int
	rows   []row
	cells  []string
	held   int
	line   int64
	column int
	kind   string // of the cell: "s" for a shared text
	unseen bool   // the cell's format shows nothing of it
	sum    bool   // the cell has a formula
	valued bool   // the cell has a value
	in     string
	text   strings.Builder
	words  anchors
	more   *profile // once the table is too large to be held
}

func (s *sheetFeed) feed(in *input, b []byte, at int64, last bool) int {
	n := s.scan.feed(b, at, last, func(t tagToken) {
		switch t.kind {
		case 'o':
			s.opened(in, t)
		case 'c':
			s.closed(in, t)
		case 't':
			if s.in != "" && s.text.Len() < 1024 {
				s.text.Write(t.text[:min(len(t.text), 1024)])
			}
		}
	})
	if last {
		s.end(in)
	}
	return n
}

func (s *sheetFeed) opened(in *input, t tagToken) {
	on := func(name string) bool {
		v, _ := t.attr(name)
		return v == "1" || v == "true"
	}
	switch t.name {
	case "row":
		s.line++
		if text, ok := t.attr("r"); ok {
			if n, err := strconv.ParseInt(text, 10, 32); err == nil && n > 0 {
				s.line = n
			}
		}
		s.cells, s.column = nil, 0
		if on("hidden") || on("customheight") && tooSmall(t, "ht", 2) {
			in.found.note(Finding{Rule: "hidden.sheet"}, in.at(Place{Part: s.part, Line: s.line}))
		}
	case "col":
		if on("hidden") || on("customwidth") && tooSmall(t, "width", 0.3) {
			first, _ := t.attr("min")
			n, _ := strconv.ParseInt(first, 10, 32)
			in.found.note(Finding{Rule: "hidden.sheet"}, in.at(Place{Part: s.part, Column: n}))
		}
	case "c":
		s.kind, _ = t.attr("t")
		format, _ := t.attr("s")
		i, err := strconv.Atoi(format)
		s.unseen, s.sum, s.valued = err == nil && s.book.hidden[i], false, false
		s.column++
		if ref, ok := t.attr("r"); ok {
			if n := columnOf(ref); n > 0 {
				s.column = n
			}
		}
	case "v", "t", "f":
		s.in = t.name
		s.text.Reset()
	}
}

// tooSmall reports whether a size is too small for anybody to see the row or column.
func tooSmall(t tagToken, name string, least float64) bool {
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
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && upper(ref[i]) && n < 100_000; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n
}

func (s *sheetFeed) closed(in *input, t tagToken) {
	switch t.name {
	case "v", "t":
		if s.in == t.name {
			s.cell(in)
		}
		s.in = ""
	case "f":
		s.sum = true
		if rule := callsOut(unescapeTags(s.text.String())); s.in == t.name && rule != "" {
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
	text := unescapeTags(s.text.String())
	if s.kind == "s" {
		i, err := strconv.Atoi(text)
		text = "a text"
		if err == nil && i >= 0 && i < len(s.book.shared) {
			text = s.book.shared[i]
		}
	}
	if s.column < 1 || s.column > in.limits.Columns {
		return
	}
	if n, ok := numberOf(text); s.sum && ok && n == 0 && !s.book.calculated {
		text = ""
	}
	s.valued = strings.TrimSpace(text) != ""
	for len(s.cells) < s.column {
		s.cells = append(s.cells, "")
	}
	s.cells[s.column-1] = text
	place := func(int, int) Place { return Place{Part: s.part, Line: s.line, Column: int64(s.column)} }
	if s.unseen && strings.TrimSpace(text) != "" {
		in.found.note(Finding{Rule: "hidden.text"}, in.at(place(0, 0)))
	}
	s.words.secrets(in, []byte(text), place)
	if strings.IndexByte(text, '@') >= 0 || len(text) > 20 {
		s.words.personal(in, []byte(text), place)
	}
}

func (s *sheetFeed) row(in *input) {
	if len(s.cells) == 0 {
		return
	}
	r := row{cells: s.cells, line: s.line}
	s.cells = nil
	if s.more == nil && (len(s.rows) >= heldRows || s.held+len(r.cells) > heldCells) {
		s.spill(in)
	}
	if s.more != nil {
		s.more.add(r, in.limits.Columns)
		return
	}
	s.held += len(r.cells)
	s.rows = append(s.rows, r)
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
