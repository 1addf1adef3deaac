package inspect

import (
	"math"
	"slices"
	"strings"
)

// grid is a table that is small enough to be looked at as a whole.
type grid struct {
	heads  []headerClass
	sizes  []size // of groups, as headers give them
	numbed []bool // columns whose header is a number itself, as categories are
	body   []row
	cells  [][]cell
	labels []rowClass
	p      profile
	counts []Confidence
	// totals are the columns, and totalRows the rows, that sum up the others; added is set
	// where the numbers say so.
	totals    []int
	totalRows []int
	added     bool
	headless  bool // no row names the columns
	again     bool // another column is called as the first
	series    bool // one column of pandas' without a name: sizes of groups
}

// rowClass is the meaning of a row's numbers by its label.
type rowClass int

const (
	rowPlain rowClass = iota
	rowCount          // "n", "count"
	rowStat           // "mean", "std", "25%"
	rowMinMax
)

// rowClassOf looks at the label of a row. Labels are taken whole: "F" and "men" are
// categories, and no statistics.
func rowClassOf(label string) rowClass {
	switch l := strings.ToLower(strings.TrimSpace(strings.Trim(strings.TrimSpace(label), ".:*"))); l {
	case "n", "count", "counts", "obs", "nobs", "freq", "frequency", "no. observations", "observations", "number of observations", "unweighted n", "number of patients", "number of people", "sample size":
		return rowCount
	case "mean", "std", "sd", "median", "variance", "var", "se", "sem", "average", "std dev", "std. dev", "skew", "kurtosis", "iqr", "mean (sd)", "median (iqr)", "nmiss", "p-value", "pvalue":
		return rowStat
	case "min", "max", "minimum", "maximum", "range", "0%", "100%", "min, max", "min-max":
		return rowMinMax
	default:
		if cellOf(l).kind == cellPercent {
			return rowStat
		}
	}
	return rowPlain
}

// maxGridRows bounds the tables in which counts without a name are looked for.
const maxGridRows = 200

// newGrid makes a grid of rows, nil when they are no table. Lines before and behind
// the table that have one cell only are its title and its notes.
func newGrid(rows []row, columns int) *grid {
	rows = trimmed(rows)
	if len(rows) < 2 {
		return nil
	}
	if len(rows[0].cells)+1 == len(rows[1].cells) { // R's write.table names no column of row names
		rows[0].cells = append([]string{""}, rows[0].cells...)
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r.cells))
	}
	width = min(width, columns)
	g := &grid{heads: make([]headerClass, width), numbed: make([]bool, width)}
	n, beyond := headerLines(rows, width), false
	g.headless = n == 0
	g.series = n == 1 && width == 2 && len(rows[0].cells) == 2 && rows[0].cells[1] == "0" && cellOf(rows[0].cells[0]).kind == cellLabel
	names := make([]string, width) // by the lowest line that says something, which says most
	for i := range width {
		var words []string
		for _, r := range rows[:n] {
			if i < len(r.cells) {
				g.size(r, i)
			}
			if i < len(r.cells) && strings.TrimSpace(r.cells[i]) != "" {
				words = append(words, r.cells[i])
				c := cellOf(r.cells[i])
				g.numbed[i] = g.numbed[i] || c.kind == cellInt || c.kind == cellReal
				beyond = beyond || c.kind == cellReal && math.Abs(c.value) > 1
			}
		}
		if len(words) > 0 {
			names[i] = strings.ToLower(strings.TrimSpace(words[len(words)-1]))
			g.heads[i] = classOf(words[len(words)-1])
		}
		if g.heads[i]&(headCount|headVeto) == 0 {
			g.heads[i] = classOf(strings.Join(words, " "))
		}
	}
	if n > 0 && width > 2 {
		last := width
		if g.heads[width-1].is(headTotal) {
			last--
		}
		if oneKind(rows[n:], 1, last) {
			categories(names[1:last], g.heads[1:last])
		}
	}
	g.again = slices.Contains(names[1:], names[0])
	for i := range g.numbed { // fractions up to 1 are probabilities, and no categories
		g.numbed[i] = g.numbed[i] && (beyond || !g.heads[i].is(headVeto))
	}
	g.p.exact = map[uint64]bool{}
	g.p.begin(g.heads)
	for _, r := range rows[n:] {
		g.row(r, width)
	}
	g.middling()
	letters := make([]string, len(g.body))
	for i, r := range g.body {
		letters[i] = r.cells[0]
	}
	paired := paired(letters) || oneLetter(letters)
	statistics := slices.Contains(g.labels, rowStat) || slices.Contains(g.labels, rowMinMax)
	for i, r := range g.body {
		if g.labels[i] == rowCount && (i > 0 && !statistics || paired) {
			g.labels[i] = rowPlain // a group that is called N
		}
		if g.labels[i] == rowPlain {
			g.p.add(r, width)
		}
	}
	if g.p.Quasi = g.p.quasiIdentifiers(); g.p.Quasi != nil {
		for i, r := range g.body {
			if g.labels[i] == rowPlain {
				hashes := make([]uint64, len(r.cells))
				for c, text := range r.cells {
					hashes[c] = hashOf(text)
				}
				g.p.Quasi.add(hashes, 0)
			}
		}
	}
	return g
}

// middling takes "average" for a category where it is the one statistic among the labels, is
// not the last, and has numbers of kinds that others have: "better, average, worse".
func (g *grid) middling() {
	at := slices.Index(g.labels, rowStat)
	if at < 0 || len(g.body) < 3 || !strings.EqualFold(strings.TrimSpace(g.body[at].cells[0]), "average") {
		return
	}
	for r := range g.body {
		if r == at {
			continue
		}
		if g.labels[r] != rowPlain {
			return
		}
	}
	for c := 1; c < len(g.heads); c++ {
		kind := g.cells[at][c].kind
		if kind != cellEmpty && kind != cellSuppressed && !g.alike(c, at) {
			return
		}
	}
	if at != len(g.body)-1 { // else the average of those above
		g.labels[at] = rowPlain
	}
}

// alike reports whether another row has a cell of the same kind in a column.
func (g *grid) alike(column, row int) bool {
	for r := range g.cells {
		if r != row && g.cells[r][column].kind == g.cells[row][column].kind {
			return true
		}
	}
	return false
}

// size is a number of people in a header: "treated (N=12)".
type size struct {
	n  int64
	at Place
}

// size looks for a number of people in a header.
func (g *grid) size(r row, column int) {
	text := strings.ReplaceAll(strings.ToLower(r.cells[column]), " ", "")
	i := strings.Index(text, "n=")
	if i < 0 || i > 0 && (text[i-1] >= 'a' && text[i-1] <= 'z') {
		return
	}
	if n, ok := firstNumber(text[i+2:]); ok {
		g.sizes = append(g.sizes, size{n, Place{Line: r.line, Column: int64(column) + 1, Offset: r.offset, Length: r.length}})
	}
}

// row takes one row of the body.
func (g *grid) row(r row, width int) {
	cells := make([]cell, width)
	for i := range min(width, len(r.cells)) {
		cells[i] = cellOf(r.cells[i])
	}
	label := rowPlain
	for i := range min(width, len(r.cells), 3) {
		if cells[i].kind == cellLabel || cells[i].kind == cellPercent && i == 0 {
			if label = rowClassOf(r.cells[i]); label != rowPlain {
				break
			}
		}
	}
	g.body, g.cells, g.labels = append(g.body, r), append(g.cells, cells), append(g.labels, label)
}

// trimmed leaves out rows without cells, and lines of prose around the table.
func trimmed(rows []row) []row {
	width := 0
	out := rows[:0:0]
	for _, r := range rows {
		if filledCells(r) > 0 {
			out = append(out, r)
			width = max(width, filledCells(r))
		}
	}
	if width < 2 {
		return out
	}
	for len(out) > 0 && filledCells(out[0]) == 1 && len(out[0].cells) == 1 {
		out = out[1:]
	}
	for len(out) > 0 && filledCells(out[len(out)-1]) == 1 && len(out[len(out)-1].cells) == 1 {
		out = out[:len(out)-1]
	}
	return out
}

func filledCells(r row) int {
	n := 0
	for _, c := range r.cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// headerLines is how many rows name the columns: the first, unless it is made of
// numbers, and up to two more whose cells fit no number below them, as pandas
// writes headers of several levels.
func headerLines(rows []row, width int) int {
	if !headerLike(rows[0]) || headless(rows) {
		return 0
	}
	n := 1
	for n < min(3, len(rows)-1) && underHeader(rows[n], rows[n-1], rows[n+1:], width) {
		n++
	}
	return n
}

// headerLike reports whether a row can name columns.
func headerLike(r row) bool {
	labels, numbers, seen := 0, 0, map[string]bool{}
	repeated := false
	for _, text := range r.cells {
		switch cellOf(text).kind {
		case cellLabel:
			labels++
		case cellInt, cellPercent:
			repeated = repeated || seen[text]
			numbers++
		case cellReal:
			numbers++
		}
		seen[text] = true
	}
	return labels > 0 && (!repeated || labels != 1) || labels == 0 && numbers > 0 && strings.TrimSpace(r.cells[0]) == "" && !repeated
}

// underHeader reports whether a row goes on with the header: where the rows below
// have numbers, it has words, or nothing at all, or the row above names the column, as that of a total.
func underHeader(r, above row, below []row, width int) bool {
	numbers, words, named, figures := 0, 0, 0, 0
	for i := 1; i < width; i++ {
		if !numbersBelow(below, i) {
			continue
		}
		numbers++
		if i < len(r.cells) {
			switch c := cellOf(r.cells[i]); {
			case c.kind == cellLabel:
				words++
			case c.kind == cellEmpty && i < len(above.cells) && cellOf(above.cells[i]).kind == cellLabel:
				named++
			case c.numeric() || c.kind == cellSuppressed:
				figures++
			}
		}
	}
	return numbers > 0 && figures == 0 && (words == numbers || words > 0 && words+named == numbers || words == 0 && len(r.cells) > 0 && cellOf(r.cells[0]).kind == cellLabel)
}

func numbersBelow(rows []row, column int) bool {
	for _, r := range rows[:min(len(rows), 20)] {
		if column < len(r.cells) && cellOf(r.cells[column]).numeric() {
			return true
		}
	}
	return false
}
