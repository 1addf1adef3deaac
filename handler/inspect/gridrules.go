package inspect

import (
	"math"
	"strconv"
	"strings"
)

// conclude says what the table is found to be.
func (g *grid) conclude(note func(Finding, Place)) {
	g.counts = g.p.named()
	g.coded()
	g.p.grouped = g.grouped()
	rowLevel := g.p.rowLevel()
	g.findTotals()
	if !rowLevel {
		g.matrix()
	}
	for i := range min(len(g.counts), len(g.heads)) {
		g.p.ranked = g.p.ranked || g.counts[i] == Sure && ranked(g.values(i))
	}
	g.p.conclude(note, g.counts)
	for _, s := range g.sizes {
		if bucket := bucketOf(s.n); bucket != "" && s.n > 0 {
			note(Finding{Rule: "sdc.small_count", Bucket: bucket}, s.at)
		}
	}
	g.countRows(note)
	g.extremes(note)
	if !rowLevel {
		g.recoverable(note)
	}
}

// at is the place of a cell.
func (g *grid) at(r, c int) Place {
	return Place{Line: g.body[r].line, Column: int64(c) + 1, Offset: g.body[r].offset, Length: g.body[r].length}
}

// matrix finds counts that no header names: a table of unique labels beside whole
// numbers alone, as cross tables are.
func (g *grid) matrix() {
	first := g.firstNumbers()
	if first == 0 || first == len(g.heads) || len(g.body) > maxGridRows || !g.uniqueLabels(first) {
		return
	}
	numbers := 0
	vetoed := g.vetoed(first)
	for i := first; i < len(g.heads); i++ {
		c := &g.p.Columns[i]
		switch kind := c.kind(); {
		case kind == columnEmpty:
			continue
		case kind != columnCount, vetoed, c.numbers(g.p.Rows) && g.p.Rows > 4:
			return
		}
		numbers++
	}
	sure := Doubtful
	if g.crossed(first, numbers) {
		sure = Sure
	}
	for i := first; i < len(g.heads); i++ {
		if g.counts[i] == "" && g.p.Columns[i].kind() == columnCount {
			g.counts[i] = sure
		}
	}
}

// vetoed reports whether a header says that its numbers are no counts. Where others do
// not say so and the totals add up, it is the name of a category: "0.5" between "0"
// and "1".
func (g *grid) vetoed(first int) bool {
	n := 0
	for i := first; i < len(g.heads); i++ {
		if g.heads[i].is(headVeto) && !g.numbed[i] {
			n++
		}
	}
	return n > 0 && (!g.added || 2*n >= len(g.heads)-first)
}

// crossed reports whether a table of whole numbers is one of counts for sure: its
// totals add up, cells are suppressed, another column is named a count, or it has
// several columns beside labels that are words.
func (g *grid) crossed(first, numbers int) bool {
	suppressed := int64(0)
	for i := first; i < len(g.heads); i++ {
		suppressed += g.p.Columns[i].Kinds[cellSuppressed]
	}
	coded := !g.heads[0].is(headID|headEmpty) && g.p.Rows <= 12 // categories as numbers
	words := g.p.Columns[0].kind() == columnLabel || g.numbed[first] || coded
	return len(g.totals)+len(g.totalRows) > 0 || suppressed > 0 || numbers >= 2 && words || g.series && words || g.spread(first)
}

// spread reports whether the numbers of a table of one column without a name are spread as
// counts of groups are, and ages, scores and ranks are not.
func (g *grid) spread(column int) bool {
	if !g.headless && !g.numbed[column] || len(g.body) < 3 {
		return false
	}
	least, most := math.Inf(1), 0.0
	for _, cells := range g.cells {
		if c := cells[column]; c.kind == cellInt && c.value > 0 {
			least, most = min(least, c.value), max(most, c.value)
		}
	}
	const oldest = 110
	return most > oldest && most >= 20*least
}

// firstNumbers is the first column that is no label. A column of whole numbers is
// one of labels when it comes first and is named, as coded categories are.
func (g *grid) firstNumbers() int {
	for i := range g.heads {
		switch g.p.Columns[i].kind() {
		case columnLabel, columnYear:
			continue
		case columnCount, columnReal:
			if i == 0 && !g.heads[0].is(headEmpty) && g.p.Columns[0].distinct() > 0.9*float64(g.p.Columns[0].filled()) && g.counts[0] == "" {
				continue
			}
		}
		return i
	}
	return len(g.heads)
}

// uniqueLabels reports whether no two rows have the same labels.
func (g *grid) uniqueLabels(columns int) bool {
	seen := map[string]bool{}
	for i, r := range g.body {
		if g.labels[i] != rowPlain {
			continue
		}
		key := strings.Join(r.cells[:min(columns, len(r.cells))], "\x00")
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

// findTotals finds the columns and rows that sum up the others, by their names or
// by their numbers.
func (g *grid) findTotals() {
	first := g.firstNumbers()
	last := len(g.heads) - 1
	sums := last-first >= 2 && g.columnSums(first, last)
	if g.added = sums; last-first >= 1 && (g.heads[last].is(headTotal) || sums) {
		g.totals = append(g.totals, last)
	}
	for r := len(g.body) - 1; r >= 0 && r >= len(g.body)-2; r-- {
		label := ""
		if len(g.body[r].cells) > 0 {
			label = g.body[r].cells[0]
		}
		if classOf(label).is(headTotal) || r >= 3 && r == len(g.body)-1 && g.rowSums(first, r) {
			g.totalRows = append(g.totalRows, r)
			break
		}
	}
}

// columnSums reports whether a column is the sum of those before it, in two
// complete rows at least and against no row.
func (g *grid) columnSums(first, last int) bool {
	agree := 0
	for r := range g.cells {
		sum, ok := 0.0, g.cells[r][last].numeric()
		for c := first; c < last; c++ {
			ok = ok && g.cells[r][c].numeric()
			sum += g.cells[r][c].value
		}
		if ok && sum != g.cells[r][last].value {
			return false
		}
		if ok && sum > 0 {
			agree++
		}
	}
	return agree >= 2
}

func (g *grid) rowSums(first, last int) bool {
	agree := 0
	for c := first; c < len(g.heads); c++ {
		sum, ok := 0.0, g.cells[last][c].numeric()
		for r := range last {
			ok = ok && g.cells[r][c].numeric()
			sum += g.cells[r][c].value
		}
		if ok && sum != g.cells[last][c].value {
			return false
		}
		if ok && sum > 0 {
			agree++
		}
	}
	return agree >= 2 || agree == 1 && len(g.heads)-first == 1
}

// countRows looks at rows that are counts by their labels, as those of pandas'
// describe. Numbers of people beside percentiles tell how few stand behind these.
func (g *grid) countRows(note func(Finding, Place)) {
	var counts column
	for r := range g.body {
		if g.labels[r] != rowCount {
			continue
		}
		for c := range g.heads {
			v := g.cells[r][c]
			if v.kind != cellInt && v.kind != cellCounted {
				continue
			}
			if counts.First.Line == 0 {
				counts.First = g.at(r, c)
			}
			counts.Kinds[v.kind]++
			counts.Distinct.add(hashOf(strconv.FormatFloat(v.value, 'f', 0, 64)))
			if v.value > 0 {
				counts.pattern(int64(v.value))
				if bucket := bucketOf(int64(v.value)); bucket != "" {
					note(Finding{Rule: "sdc.small_count", Bucket: bucket}, g.at(r, c))
				}
			} else {
				note(Finding{Rule: "sdc.zero_count"}, g.at(r, c))
			}
			g.percentiles(note, c, v.value)
		}
	}
	if rounded, ok := counts.rounded(); ok && !rounded {
		note(Finding{Rule: "sdc.unrounded"}, counts.First)
	}
}

// percentiles reports the percentiles of a column that fewer people than a
// threshold stand behind; p of n people leaves n·min(p, 1-p) beyond it.
func (g *grid) percentiles(note func(Finding, Place), column int, n float64) {
	for r := range g.body {
		if len(g.body[r].cells) == 0 {
			continue
		}
		share := cellOf(g.body[r].cells[0])
		if share.kind != cellPercent || share.value <= 0 || share.value >= 100 || !g.cells[r][column].numeric() {
			continue
		}
		beyond := n * min(share.value, 100-share.value) / 100
		if bucket := bucketOf(int64(beyond)); bucket != "" {
			note(Finding{Rule: "sdc.percentile", Bucket: bucket}, g.at(r, column))
		}
	}
}

// extremes reports rows of smallest and largest values.
func (g *grid) extremes(note func(Finding, Place)) {
	for r := range g.body {
		if g.labels[r] != rowMinMax {
			continue
		}
		for c := range g.heads {
			if c > 0 && g.cells[r][c].numeric() {
				note(Finding{Rule: "sdc.min_max"}, g.at(r, c))
			}
		}
	}
}

// recoverable reports suppressed cells that are alone in a row or a column whose
// total is given: the difference tells them, about at least where counts are rounded.
func (g *grid) recoverable(note func(Finding, Place)) {
	first := g.firstNumbers()
	for _, total := range g.totals {
		for r := range g.body {
			if g.labels[r] == rowPlain && g.cells[r][total].numeric() {
				if c, ok := alone(first, total, func(c int) cell { return g.cells[r][c] }); ok {
					note(Finding{Rule: "sdc.recoverable"}, g.at(r, c))
				}
			}
		}
	}
	for _, total := range g.totalRows {
		for c := first; c < len(g.heads); c++ {
			if g.p.Columns[c].kind() == columnCount && g.cells[total][c].numeric() {
				if r, ok := alone(0, total, func(r int) cell { return g.cells[r][c] }); ok {
					note(Finding{Rule: "sdc.recoverable"}, g.at(r, c))
				}
			}
		}
	}
}

// alone returns the only suppressed cell of a line whose other cells are numbers.
func alone(from, to int, at func(int) cell) (place int, ok bool) {
	found := 0
	for i := from; i < to; i++ {
		switch v := at(i); {
		case v.kind == cellSuppressed:
			place = i
			found++
		case !v.numeric():
			return 0, false
		}
	}
	return place, found == 1 && to-from >= 2
}
