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
	if t.Kind == "text" && yamlNamed(in.name) {
		delimiter = 0
	}
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
		for _, rows := range t.tables(in, b, offset) {
			if g := newGrid(rows, in.limits.Columns); g != nil {
				g.conclude(note)
			}
		}
		return
	}
	var rows []row
	flush := func() {
		if g := newGrid(rows, in.limits.Columns); g != nil {
			g.conclude(note)
			in.ties.addTable(g)
		}
		rows = nil
	}
	text := string(b)
	for used := 0; used < len(b); {
		cells, n := splitRow(nil, text[used:], delimiter, true, pieceBytes)
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
		t.cells(in, r, bytes.IndexByte(line, '@') >= 0)
		rows = append(rows, r)
	}
	flush()
}

// tables are those of a text whose cells no byte delimits.
func (t *textFeed) tables(in *input, b []byte, offset int64) [][]row {
	switch {
	case t.Kind == "xml":
		return xmlTables(b)
	case t.Kind == "rtf":
		return rtfTables(b, offset)
	case t.Kind != "text":
		return nil
	case yamlNamed(in.name):
		return jsonTables(yamlTree(b, offset))
	}
	return aligned(b, offset)
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

// ruler reports whether a line only divides others.
func ruler(line string) bool {
	return strings.ContainsAny(line, "-=") && strings.Trim(line, " -=+") == ""
}

// figures counts the cells that are numbers, or stand for one.
func figures(cells []string) int {
	n := 0
	for _, c := range cells {
		if cellOf(c).numeric() || suppressed[strings.ToLower(c)] || missing[strings.ToLower(c)] {
			n++
		}
	}
	return n
}

// modelPhrases are words before or after a number in printed models, as statsmodels, R and Stata print
// them, in lower case.
var modelPhrases = []struct {
	before, after, rule string
}{
	{"df residuals:", "", "sdc.dof"}, {"", " degrees of freedom", "sdc.dof"}, {"", " residual degrees of freedom", "sdc.dof"},
	{"no. observations:", "", "sdc.small_count"}, {"number of obs", "", "sdc.small_count"}, {"number of observations:", "", "sdc.small_count"},
	{"number of events", "", "sdc.small_count"}, {"no. of subjects", "", "sdc.small_count"}, {"no. of failures", "", "sdc.small_count"}, // R's and Stata's models of survival
}

// modelSummary finds degrees of freedom and numbers of observations in printed models.
func modelSummary(line []byte, note func(Finding)) {
	if len(line) > 400 || !mayBeSummary(line) {
		return
	}
	lower := strings.ToLower(string(line))
	for _, p := range modelPhrases {
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

// summaryBegins and summaryEnds say which of six pairs of letters a byte can begin and end, in
// either case: each of the phrases above has one of them.
var summaryBegins, summaryEnds = func() (begins, ends [256]byte) {
	for i, pair := range []string{"df", "fr", "bs", "bj", "ev", "il"} {
		for _, p := range []string{pair, strings.ToUpper(pair)} {
			begins[p[0]] |= 1 << i
			ends[p[1]] |= 1 << i
		}
	}
	return begins, ends
}()

// mayBeSummary reports whether a line has one of the pairs, and a number.
func mayBeSummary(line []byte) bool {
	for i := 1; i < len(line); i++ {
		if summaryBegins[line[i-1]]&summaryEnds[line[i]] != 0 {
			return bytes.ContainsAny(line, "0123456789")
		}
	}
	return false
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
