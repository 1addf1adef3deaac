package inspect

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// coded takes back that columns hold counts where their numbers are categories: "n" is how
// many pumps a street has in "n,n", and its second column counts the streets.
func (g *grid) coded() {
	if g.counts[0] != "" && g.unlabelled() {
		g.counts[0] = g.firstCoded()
	}
	for c := range len(g.heads) - 1 {
		if g.counts[c] == Sure && g.heads[c].counts() && g.isAxis(c) {
			g.counts[c] = ""
		}
	}
}

// unlabelled reports whether the first column has different whole numbers alone, and no
// other column labels the rows.
func (g *grid) unlabelled() bool {
	if len(g.body) < 2 || len(g.heads) < 2 || !g.uniqueLabels(1) {
		return false
	}
	for i := 1; i < len(g.heads); i++ {
		if kind := g.p.Columns[i].kind(); kind == columnLabel || kind == columnYear {
			return false
		}
	}
	return g.p.Columns[0].Kinds[cellInt] == int64(len(g.body))
}

// firstCoded says how sure it is that the first of unlabelled columns holds counts, though it
// may be what tells the rows apart. A table of several rows needs a column that does.
func (g *grid) firstCoded() Confidence {
	first, arranged := g.values(0), g.ascending()
	sums, counted, nested, shares, statistics := make([]float64, len(first)), 0, true, false, false
	for i := 1; i < len(g.heads); i++ {
		numbers := g.values(i)
		switch {
		case g.heads[i].is(headPercent):
			if follows(numbers, first) {
				return Sure
			}
			shares, arranged = true, arranged || descending(numbers)
		case g.p.Columns[i].kind() == columnCount && !g.heads[i].is(headVeto):
			counted++
			arranged = arranged || descending(numbers)
			for r, v := range numbers {
				sums[r] += v
				nested = nested && v <= first[r]
			}
		default:
			statistics = true
		}
	}
	switch {
	case counted > 0 && slices.Equal(sums, first): // the total of its row
		return Sure
	case g.again, counted > 0 && !nested, shares && arranged:
		return ""
	case arranged && (counted > 0 || statistics) && len(first) > 2: // denominators in their order, or categories
		return Doubtful
	}
	return Sure
}

// values are the numbers of a column, 0 where there is none.
func (g *grid) values(column int) []float64 {
	out := make([]float64, len(g.cells))
	for r := range g.cells {
		out[r] = g.cells[r][column].value
	}
	return out
}

// ascending reports whether the first column is sorted, by its numbers or, as programs do with
// codes, by its texts.
func (g *grid) ascending() bool {
	return slices.IsSorted(g.values(0)) || slices.IsSortedFunc(g.body, func(a, b row) int { return strings.Compare(a.cells[0], b.cells[0]) })
}

func descending(numbers []float64) bool {
	return slices.IsSortedFunc(numbers, func(a, b float64) int { return cmp.Compare(b, a) })
}

// ranked reports whether numbers that are not all the same are in an order.
func ranked(numbers []float64) bool {
	return len(numbers) > 0 && numbers[0] != numbers[len(numbers)-1] && (descending(numbers) || slices.IsSorted(numbers))
}

// follows reports whether percentages are those of counts, but for their rounding.
func follows(percent, counts []float64) bool {
	shares, total := 0.0, 0.0
	for i := range counts {
		shares, total = shares+percent[i], total+counts[i]
	}
	for i := range counts {
		if math.Abs(percent[i]*total-counts[i]*shares) > 0.02*total*shares {
			return false
		}
	}
	return true
}

// isAxis reports whether the rows are told apart only with a column, whose numbers come again, as those of
// an axis do in a table that is written cell by cell: "n" of "sex,n,count", and "event" of
// "event,treatment,percent". Where they are told apart without it, it counts them.
func (g *grid) isAxis(column int) bool {
	if !g.comesAgain(column) {
		return false
	}
	var others []int
	for c := range g.heads {
		kind := g.p.Columns[c].kind()
		if c != column && (kind == columnLabel || kind == columnYear || kind == columnCount && c < len(g.heads)-1 && g.comesAgain(c)) {
			others = append(others, c)
		}
	}
	return len(others) > 0 && !g.apart(others) && g.apart(append(others, column))
}

// comesAgain reports whether a column has each of its values twice, about.
func (g *grid) comesAgain(column int) bool {
	different, rows := map[string]bool{}, 0
	for r := range g.body {
		if g.labels[r] == rowPlain && column < len(g.body[r].cells) {
			different[g.body[r].cells[column]] = true
			rows++
		}
	}
	return 2*len(different) <= rows
}

// apart reports whether no two rows have the same cells in some columns.
func (g *grid) apart(columns []int) bool {
	seen := map[string]bool{}
	for r := range g.body {
		if g.labels[r] != rowPlain {
			continue
		}
		key := ""
		for _, c := range columns {
			if c < len(g.body[r].cells) {
				key += g.body[r].cells[c]
			}
			key += "\x00"
		}
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

// grouped reports whether a table has statistics of groups: the columns before the first
// statistic are categories that tell the rows apart together, and none does alone.
func (g *grid) grouped() bool {
	const most = 4
	var axes []int
	for c := range g.heads {
		column := &g.p.Columns[c]
		switch number := column.kind() != columnLabel && column.kind() != columnEmpty; {
		case number && column.Head.is(headStat|headPercent):
			return len(axes) > 1 && len(axes) <= most && g.apart(axes)
		case c == 0 && column.Head.is(headEmpty) && column.numbers(g.p.Rows): // pandas' index
		case !g.comesAgain(c):
			return false
		default:
			axes = append(axes, c)
		}
	}
	return false
}
