package inspect

import (
	"bytes"
	"regexp"
	"strings"
)

// aligned finds tables that programs print with spaces, bars or tabs between the columns, three lines or
// more. A line with fewer cells than the others goes where its cells stand below theirs, as categories that are
// named once do. Passed over are rulers, headings of groups of rows, lines of shares below counts, and a line behind
// the header that pandas puts the name of the rows in.
func aligned(b []byte, offset int64) [][]row {
	p := &printed{}
	line := int64(0)
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		line++
		p.line(strings.TrimRight(string(b[:min(n, 4096)]), "\r\n "), row{line: line, offset: offset, length: int64(n)})
		b, offset = b[n:], offset+int64(n)
	}
	p.flush()
	return p.tables
}

// printed collects the tables of a text, line by line.
type printed struct {
	tables [][]row
	block  []row
	spans  []span // where the block's columns stand
	words  row    // the line before, where it is no row of a table by itself
	ruled  bool   // a ruler stands behind the block's header
	gap    bool   // a heading stands behind the block's last row
	empty  bool   // an empty line does
}

// span is where a cell stands in its line.
type span struct{ from, to int }

func (p *printed) flush() {
	switch {
	case len(p.block) >= 3 || len(p.block) == 2 && p.ruled && figures(p.block[0].cells) == 0:
		p.tables = append(p.tables, p.block)
	case len(p.block) == 2:
		if turned := namedNumbers(p.block[0], p.block[1]); turned != nil {
			p.tables = append(p.tables, turned)
		}
	}
	p.block, p.spans, p.ruled, p.gap, p.empty = nil, nil, false, false, false
}

func (p *printed) line(text string, r row) {
	text = strings.ReplaceAll(confidenceLimit.ReplaceAllString(text, "${1}_${2}_CI"), "|", "  ")
	var spans []span
	r.cells, spans = spaced(text)
	before := p.words
	p.words = row{}
	switch {
	case columnTypes.MatchString(text):
		return
	case ruler(text):
		p.ruled = p.ruled || len(p.block) == 1
		return
	case len(r.cells) == 1 && len(p.block) == 1 && figures(p.block[0].cells) == 0:
		return
	case len(r.cells) < 2 || len(r.cells) > 100:
		if len(r.cells) < 2 && len(p.block) > 1 && !p.gap && !p.empty && figures(r.cells) == 0 {
			p.gap, p.empty = len(r.cells) == 1, len(r.cells) == 0
			return
		}
		p.flush()
		p.words = r
		p.words.cells = strings.Fields(text)
		return
	case len(p.block) > 1 && figures(p.block[len(p.block)-1].cells[:1]) == 0 && shares(r.cells):
		return
	case len(p.block) == 0 && (len(before.cells) == len(r.cells)-1 || len(before.cells) == len(r.cells)) && figures(before.cells) == 0 && figures(r.cells) >= len(r.cells)-1: // a header with one space between its words
		p.block = append(p.block, before)
	case len(p.block) == 1 && len(p.block[0].cells)+1 == len(r.cells): // as R prints: see newGrid
	case len(p.block) == 1 && len(p.block[0].cells) < len(r.cells) && figures(p.block[0].cells) == 0:
		words := strings.Fields(strings.Join(p.block[0].cells, " "))
		if names, _ := placed(p.block[0].cells, p.spans, spans); len(words) == len(r.cells) || len(words) == len(r.cells)-1 {
			p.block[0].cells = words
		} else if names != nil && figures(r.cells) > 0 {
			p.block[0].cells = names
		} else {
			p.flush()
		}
	case len(p.block) > 0 && len(r.cells) < len(p.spans) && !p.empty:
		if cells, at := placed(r.cells, spans, p.spans); p.goesOn(cells) {
			r.cells, spans = cells, at
		} else {
			p.flush()
		}
	case len(p.block) > 0 && (len(p.block[len(p.block)-1].cells) != len(r.cells) || p.gap && figures(r.cells) == 0 || p.empty && !p.goesOn(r.cells)):
		p.flush()
	}
	p.block, p.gap, p.empty = append(p.block, r), false, false
	p.widen(spans)
}

// goesOn reports whether a row can be one of the block: its numbers are where the last row has some.
func (p *printed) goesOn(cells []string) bool {
	above := p.block[len(p.block)-1].cells
	if len(cells) != len(above) || figures(cells) == 0 {
		return false
	}
	for i, text := range cells {
		if text != "" && above[i] != "" && (figures(cells[i:i+1]) == 0) != (figures(above[i:i+1]) == 0) {
			return false
		}
	}
	return true
}

// widen notes where the cells of a row stand.
func (p *printed) widen(spans []span) {
	if len(spans) != len(p.spans) {
		p.spans = append([]span{}, spans...)
		return
	}
	for i, s := range spans {
		if s.to > s.from {
			p.spans[i] = span{min(p.spans[i].from, s.from), max(p.spans[i].to, s.to)}
		}
	}
}

// placed gives each cell of a row the column that it stands below, nil where one stands below none of its own.
func placed(cells []string, at, columns []span) ([]string, []span) {
	out, spans, next := make([]string, len(columns)), make([]span, len(columns)), 0
	for i, cell := range cells {
		for next < len(columns) && columns[next].to <= at[i].from {
			next++
		}
		if next == len(columns) || at[i].to <= columns[next].from {
			return nil, nil
		}
		out[next], spans[next] = cell, at[i]
		next++
	}
	return out, spans
}

// shares reports whether a line has no label, and fractions and percentages alone: those of the counts above.
func shares(cells []string) bool {
	for _, text := range cells {
		if c := cellOf(text); !c.numeric() || c.kind == cellCounted || !strings.ContainsAny(text, ".%") {
			return false
		}
	}
	return true
}

// namedNumbers turns the table of one variable, as R prints it, into rows: names in one line, and numbers below. It
// returns nil for lines that are something else.
func namedNumbers(names, numbers row) []row {
	labels := strings.Fields(strings.Join(names.cells, " "))
	if len(labels) != len(numbers.cells) || len(labels) < 2 || figures(labels) > 0 {
		return nil
	}
	var rows []row
	for i, text := range numbers.cells {
		if cellOf(text).kind != cellInt || classOf(labels[i]).is(headVeto|headMinMax) {
			return nil
		}
		rows = append(rows, row{cells: []string{labels[i], text}, line: numbers.line, offset: numbers.offset, length: numbers.length})
	}
	return rows
}

// confidenceLimit is how R's summaries of curves name the bounds, with a space between words of one header.
var confidenceLimit = regexp.MustCompile(`\b(lower|upper) (\d+%) CI`)

// columnTypes is the line in which R's tibbles name the types of their columns.
var columnTypes = regexp.MustCompile(`^\s*(<\w+>\s*)+$`)

// countedCell is a number with another one in brackets behind it, as summaries have them.
var countedCell = regexp.MustCompile(`^[\d.,]+ ?\( ?[<\d][\d., –-]*%?\)`)

// spaced splits a line at tabs, or at runs of two spaces or more, or at every space where all
// cells but the first are numbers. It says where each cell stands, too.
func spaced(line string) (cells []string, spans []span) {
	if strings.Contains(line, "\t") {
		at := 0
		for part := range strings.SplitSeq(line, "\t") {
			cells, spans = append(cells, strings.TrimSpace(part)), append(spans, span{at, at + len(part)})
			at += len(part) + 1
		}
		if len(cells) > 2 || cells[0] != "" {
			return cells, spans
		}
		cells, spans = nil, nil
		line = strings.ReplaceAll(line, "\t", "  ")
	}
	fields := strings.Fields(line)
	every := figures(fields) >= len(fields)-1 && len(fields) > 1
	for at := 0; at < len(line); {
		if line[at] == ' ' {
			at++
			continue
		}
		n := 0
		switch {
		case every:
			n = strings.IndexByte(line[at:], ' ')
		default:
			if n = strings.Index(line[at:], "  "); n < 0 {
				n = len(line) - at
			}
			if m := countedCell.FindString(line[at:]); m != "" && len(m) < n { // several, with one space between them
				n = len(m)
			}
		}
		if n < 0 {
			n = len(line) - at
		}
		cells, spans = append(cells, strings.TrimSpace(line[at:at+n])), append(spans, span{at, at + n})
		at += n
	}
	return cells, spans
}
