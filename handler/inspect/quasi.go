package inspect

import "slices"

// quasi counts the combinations of quasi-identifiers in a table: attributes of people that
// others know, and where and when something was. It is state, and holds hashes in the place of values.
type quasi struct {
	// Columns are those it looks at: attributes of people, and behind them others.
	Columns    []int `json:"columns"`
	Attributes int   `json:"attributes"`
	// People are combinations of the attributes alone, All those of all columns.
	People combinations `json:"people"`
	All    combinations `json:"all"`
}

// Bounds of what quasi looks at and keeps.
const (
	quasiColumns = 6
	quasiKept    = 4096
	// quasiFrom is the row of a table that is not held as a whole from which on its columns are known
	// well enough.
	quasiFrom = 64
)

// quasiIdentifiers picks the columns: those that are named as such, or categories where
// fewer than two are. nil where there are no two.
func (p *profile) quasiIdentifiers() *quasi {
	q := &quasi{}
	pick := func(class, other headerClass) {
		for i := range p.Columns {
			c := &p.Columns[i]
			if c.Head.is(class) && !c.Head.is(other|headTold) && c.category() && len(q.Columns) < quasiColumns {
				q.Columns = append(q.Columns, i)
			}
		}
	}
	pick(headAttribute|headBirth, 0)
	q.Attributes = len(q.Columns)
	pick(headSetting, headAttribute|headBirth)
	if len(q.Columns) < 2 {
		*q = quasi{}
		const most = 20
		for i := range p.Columns {
			c := &p.Columns[i]
			if different := c.distinct(); c.kind() == columnLabel && different > 1.5 && different <= most && len(q.Columns) < quasiColumns {
				q.Columns = append(q.Columns, i)
			}
		}
	}
	if len(q.Columns) < 2 {
		return nil
	}
	return q
}

// category reports whether the cells of a column may be categories: they are no measurements, and
// do not all stay empty.
func (c *column) category() bool {
	kind := c.kind()
	return kind != columnReal && kind != columnEmpty
}

// add takes a row by the hashes of its cells. keep bounds what is kept, 0 for all.
func (q *quasi) add(cells []uint64, keep int) {
	key := uint64(0)
	for i, c := range q.Columns {
		if c < len(cells) {
			key = mixed(key+uint64(i), cells[c])
		}
		if i+1 == q.Attributes {
			q.People.add(key, keep)
		}
	}
	q.All.add(key, keep)
}

// uniqueRows reports whether many rows of people are the only ones with their quasi-identifiers:
// whoever knows these of somebody finds the row. That is k = 1 in the words of
// k-anonymity, and no measure of k. In an aggregate all rows are told apart by their labels.
func (p *profile) uniqueRows(counts []Confidence, rowLevel bool) bool {
	q := p.Quasi
	const fewest, share = 30, 0.05
	if q == nil || q.All.Rows < fewest || q.All.once() < share*float64(q.All.Rows) {
		return false
	}
	return (rowLevel || q.Attributes >= 2 && len(q.Columns) >= 3 && !p.aggregate(counts)) && !q.strata(p)
}

// headTold are words of numbers that tell something of many people.
const headTold = headCount | headStat | headPercent | headMinMax | headEstimate

// aggregate reports whether a column says that it tells something of many people.
func (p *profile) aggregate(counts []Confidence) bool {
	for i := range p.Columns {
		if counts[i] != "" || p.Columns[i].kind() != columnLabel && p.Columns[i].Head.is(headTold|headTotal) {
			return true
		}
	}
	return false
}

// crossed reports whether the table has a row for most combinations of what is in its columns of
// categories, as tables of strata have.
func (q *quasi) crossed(p *profile) bool {
	all := 1.0
	for i := range p.Columns {
		c := &p.Columns[i]
		if different := c.distinct(); different > 1.5 && (c.kind() == columnLabel && !c.apart(p.Rows) || slices.Contains(q.Columns, i)) {
			all *= different
		}
	}
	rows := float64(p.Rows)
	return rows >= 0.5*all && rows <= 1.3*all
}

// apart reports whether the column is one of labels that are different in nearly every row.
func (c *column) apart(rows int64) bool {
	return c.kind() == columnLabel && c.filled()*10 >= rows*9 && c.distinct() >= 0.85*float64(c.filled()) // it is an estimate
}

// strata reports whether each row is of a stratum: all combinations are there, once.
func (q *quasi) strata(p *profile) bool {
	return q.crossed(p) && q.All.different() >= 0.95*float64(q.All.Rows)
}

// namedRows reports whether rows that a label tells apart are of people: they have attributes of people
// beside it, which come again as those of a stratum do not.
func (p *profile) namedRows() bool {
	q := p.Quasi
	if q == nil || q.Attributes < 2 || q.All.Rows < 30 {
		return false
	}
	most := 0.9
	if q.People.Halved > 0 {
		most = 0.8
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		if !slices.Contains(q.Columns, i) && c.apart(p.Rows) {
			return q.People.different() < most*float64(q.People.Rows) && !q.crossed(p)
		}
	}
	return false
}
