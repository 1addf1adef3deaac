package inspect

import (
	"bytes"
	"strings"
)

// whole looks at a text that is held in memory: every table in it is looked at as
// a whole.
func (t *textFeed) whole(in *input, b []byte) {
	offset := int64(0)
	if rest, ok := bytes.CutPrefix(b, []byte("\xef\xbb\xbf")); ok {
		b, offset = rest, 3
	}
	delimiter := t.delimiter(b)
	note := func(f Finding, p Place) { in.found.note(f, in.at(p)) }
	if latex := latexTables(b, offset); len(latex) > 0 && t.Kind == "text" {
		t.lines(in, b, offset)
		for _, rows := range latex {
			if g := newGrid(rows, in.limits.Columns); g != nil {
				g.conclude(note)
			}
		}
		return
	}
	if delimiter == 0 {
		t.lines(in, b, offset)
		if t.Kind == "text" {
			for _, rows := range aligned(b, offset) {
				if g := newGrid(rows, in.limits.Columns); g != nil {
					g.conclude(note)
				}
			}
		}
		return
	}
	var rows []row
	flush := func() {
		if g := newGrid(rows, in.limits.Columns); g != nil {
			g.conclude(note)
		}
		rows = nil
	}
	for used := 0; used < len(b); {
		cells, n := splitRow(b[used:], delimiter, true, pieceBytes)
		line := b[used : used+n]
		t.line(in, line, offset+int64(used), len(cells) < 2 || t.Kind == "text")
		r := row{cells: cells, line: t.Line + 1, offset: offset + int64(used), length: int64(n)}
		t.Line += int64(bytes.Count(line, []byte{'\n'}))
		used += n
		if delimiter == '|' {
			if r.cells = piped(r.cells); r.cells == nil {
				continue
			}
		}
		if filledCells(r) == 0 {
			flush()
			continue
		}
		t.cells(in, r)
		rows = append(rows, r)
	}
	flush()
}

// piped takes the outer bars off a row of a table in Markdown, and returns nil for
// its ruler.
func piped(cells []string) []string {
	if len(cells) > 1 && strings.TrimSpace(cells[0]) == "" {
		cells = cells[1:]
	}
	if n := len(cells); n > 1 && strings.TrimSpace(cells[n-1]) == "" {
		cells = cells[:n-1]
	}
	if strings.Trim(strings.Join(cells, ""), " -:=+") == "" && strings.Contains(strings.Join(cells, ""), "-") {
		return nil
	}
	return cells
}

// lines looks at a text without a table.
func (t *textFeed) lines(in *input, b []byte, offset int64) {
	for used := 0; used < len(b); {
		n, whole := lineEnd(b[used:], true)
		t.line(in, b[used:used+n], offset+int64(used), true)
		if whole {
			t.Line++
		}
		used += n
	}
}

// aligned finds tables that programs print with spaces between the columns: three
// lines or more with one number of cells each, of which the first may have one
// fewer, as R prints its headers.
func aligned(b []byte, offset int64) [][]row {
	var tables [][]row
	var block []row
	flush := func() {
		if len(block) >= 3 {
			tables = append(tables, block)
		}
		block = nil
	}
	line := int64(0)
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		line++
		r := row{cells: spaced(string(b[:min(n, 4096)])), line: line, offset: offset, length: int64(n)}
		b, offset = b[n:], offset+int64(n)
		switch {
		case len(r.cells) < 2 || len(r.cells) > 100:
			flush()
			continue
		case len(block) == 1 && len(block[0].cells)+1 == len(r.cells): // as R prints: see newGrid
		case len(block) > 0 && len(block[len(block)-1].cells) != len(r.cells):
			flush()
		}
		block = append(block, r)
	}
	flush()
	return tables
}

// spaced splits a line at runs of two spaces or more, or at every space where all
// cells but the first are numbers.
func spaced(line string) []string {
	line = strings.TrimRight(line, "\r\n ")
	fields := strings.Fields(line)
	if strings.Trim(line, " -=+|") == "" {
		return nil
	}
	numbers := 0
	for _, f := range fields {
		if cellOf(f).numeric() || suppressed[strings.ToLower(f)] || missing[strings.ToLower(f)] {
			numbers++
		}
	}
	if numbers >= len(fields)-1 && len(fields) > 1 {
		return fields
	}
	var cells []string
	for part := range strings.SplitSeq(strings.ReplaceAll(strings.TrimLeft(line, " "), "\t", "  "), "  ") {
		if part = strings.TrimSpace(part); part != "" {
			cells = append(cells, part)
		}
	}
	return cells
}

// modelSummary finds degrees of freedom and numbers of observations in printed
// models, as statsmodels, R and Stata print them.
func modelSummary(line []byte, note func(Finding)) {
	if len(line) > 400 {
		return
	}
	lower := strings.ToLower(string(line))
	for _, p := range []struct {
		before, after, rule string
	}{
		{"df residuals:", "", "sdc.dof"}, {"", " degrees of freedom", "sdc.dof"}, {"", " residual degrees of freedom", "sdc.dof"},
		{"no. observations:", "", "sdc.small_count"}, {"number of obs", "", "sdc.small_count"}, {"number of observations:", "", "sdc.small_count"},
	} {
		n, ok := int64(0), false
		if p.before != "" {
			if i := strings.Index(lower, p.before); i >= 0 {
				n, ok = firstNumber(strings.TrimLeft(lower[i+len(p.before):], " =:\t"))
			}
		} else if i := strings.Index(lower, p.after); i > 0 {
			fields := strings.Fields(lower[:i])
			if len(fields) > 0 {
				n, ok = firstNumber(fields[len(fields)-1])
			}
		}
		if bucket := bucketOf(n); ok && bucket != "" && n > 0 {
			note(Finding{Rule: p.rule, Bucket: bucket})
		}
	}
}

// firstNumber reads the whole number that a text begins with.
func firstNumber(text string) (int64, bool) {
	n := 0
	for n < len(text) && (digit(text[n]) || text[n] == ',') {
		n++
	}
	v, ok := numberOf(strings.TrimRight(text[:n], ","))
	if n < len(text) && text[n] == '.' {
		if rest := strings.TrimLeft(text[n+1:], "0"); rest != "" && digit(rest[0]) {
			return 0, false
		}
	}
	return int64(v), ok
}
