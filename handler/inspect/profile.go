package inspect

import (
	"math"
	"math/bits"
)

// profile holds the facts known of a table after some of its rows. It is state: numbers
// about columns, and no value.
type profile struct {
	Columns []column `json:"columns,omitempty"`
	Rows    int64    `json:"rows"`
	// Keys estimates how many different combinations of labels the rows have.
	Keys sketch `json:"keys,omitempty"`
	// Keyed are the rows with a label in them.
	Keyed int64 `json:"keyed,omitempty"`
	// Kept is how many places of small counts are held in all.
	Kept int `json:"kept,omitempty"`
	// Quasi is nil where too little is known of the columns.
	Quasi *quasi `json:"quasi,omitempty"`
	// exact replaces Keys for tables that are looked at as a whole.
	exact map[uint64]bool
	// known is there for tables of many rows.
	known *known
	// hashes are those of the cells of the last row.
	hashes []uint64
	// ranked is set for those where the rows are in the order of a count.
	ranked bool
	// grouped is set for those whose rows are told apart by categories beside statistics.
	grouped bool
}

// fewRows are too few for known to be worth its memory.
const fewRows = 1000

// column holds the facts known of one column.
type column struct {
	Head     headerClass   `json:"head,omitempty"`
	Kinds    [7]int64      `json:"kinds"` // cells by cellKind
	Years    int64         `json:"years,omitempty"`
	Fives    int64         `json:"fives,omitempty"` // counts above 0 that five divides
	Sixes    int64         `json:"sixes,omitempty"` // that are three above a multiple of six
	Sevens   int64         `json:"sevens,omitempty"`
	Positive int64         `json:"positive,omitempty"` // counts above 0
	Zeros    tally         `json:"zeros"`
	Small    [7]tally      `json:"small"` // by countBuckets
	Distinct sketch        `json:"distinct,omitempty"`
	Length   int64         `json:"length,omitempty"` // of all cells' texts
	Passed   [checks]int32 `json:"passed"`
	Days     *days         `json:"days,omitempty"` // of dates with their years
	Ordered  [2]int64      `json:"ordered"`        // rows whose whole number is the row's own, counted from 0 and from 1
	First    Place         `json:"first"`          // of the first filled cell
	// few are the hashes of a table that is looked at as a whole, up to fewDifferent: of few things, an
	// estimate may be one too low.
	few map[uint64]bool
}

const fewDifferent = 200

// tally counts cells and keeps the places of the first.
type tally struct {
	N      int64   `json:"n,omitempty"`
	Places []Place `json:"places,omitempty"`
}

// Bounds of the places that are kept until a table has ended.
const (
	tallyPlaces = 20
	tablePlaces = 1000
)

// count counts a cell of a row, by its index.
func (p *profile) count(t *tally, r *row, i int) {
	t.N++
	if len(t.Places) < tallyPlaces && p.Kept < tablePlaces {
		t.Places, p.Kept = append(t.Places, r.cell(i)), p.Kept+1
	}
}

// begin names the columns by the classes of their headers.
func (p *profile) begin(heads []headerClass) {
	p.Columns = make([]column, len(heads))
	for i, h := range heads {
		p.Columns[i].Head = h
	}
}

// add takes one row of the body.
func (p *profile) add(r row, limit int) {
	if p.Rows++; p.known == nil && p.Rows > fewRows {
		p.known = new(known)
	}
	var key uint64
	keyed := false
	p.hashes = p.hashes[:0]
	for i, text := range r.cells[:min(len(r.cells), limit)] {
		if i == len(p.Columns) {
			p.Columns = append(p.Columns, column{})
		}
		c := &p.Columns[i]
		v := p.cell(c, text, &r, i)
		if v.kind == cellLabel && !c.Head.is(headID) && len(text) <= 40 || i < 2 && v.yearLike() {
			key, keyed = mixed(key+uint64(i), v.hash), true
		}
		p.hashes = append(p.hashes, v.hash)
	}
	switch {
	case p.exact != nil: // the columns of a grid are all known once it has ended
	case p.Quasi != nil:
		p.Quasi.add(p.hashes, quasiKept)
	case p.Rows == quasiFrom:
		p.Quasi = p.quasiIdentifiers()
	}
	if keyed {
		p.Keyed++
		if p.exact != nil {
			p.exact[key] = true
		} else {
			p.Keys.add(key)
		}
	}
}

// cell takes one cell.
func (p *profile) cell(c *column, text string, r *row, i int) textFacts {
	var v textFacts
	if p.known != nil {
		v = p.known.of(text)
	} else {
		v = factsOf(text)
	}
	c.Kinds[v.kind]++
	if v.kind == cellEmpty {
		return v
	}
	if c.First.Line == 0 {
		c.First = r.cell(i)
	}
	c.Length += int64(len(text))
	c.Distinct.add(v.hash)
	if p.exact != nil && len(c.few) <= fewDifferent {
		if c.few == nil {
			c.few = map[uint64]bool{}
		}
		c.few[v.hash] = true
	}
	for left := v.passed; left != 0; left &= left - 1 {
		c.Passed[bits.TrailingZeros32(uint32(left))]++
	}
	if v.passed.has(checkDate) {
		c.date(text, p.Rows)
	}
	if v.kind != cellInt && v.kind != cellCounted {
		return v
	}
	if v.yearLike() {
		c.Years++
	}
	n := int64(v.value)
	if from := p.Rows - n; from == 0 || from == 1 {
		c.Ordered[1-from]++
	}
	if n == 0 {
		p.count(&c.Zeros, r, i)
		return v
	}
	c.pattern(n)
	if c.Head.counts() || v.kind == cellCounted || p.exact != nil {
		for k, b := range countBuckets {
			if n <= b.upTo {
				p.count(&c.Small[k], r, i)
				break
			}
		}
	}
	return v
}

// date takes a cell with a date.
func (c *column) date(text string, row int64) {
	d, ok := dateOf(text)
	if !ok || d.year == 0 {
		return
	}
	if c.Days == nil {
		c.Days = &days{}
	}
	c.Days.add(d, row)
}

// pattern notes which patterns of rounding a count above 0 follows.
func (c *column) pattern(n int64) {
	c.Positive++
	if n%5 == 0 {
		c.Fives++
	}
	if n%6 == 3 {
		c.Sixes++
	}
	if n%7 == 0 {
		c.Sevens++
	}
}

// filled is how many cells have something in them.
func (c *column) filled() int64 {
	n := int64(0)
	for _, k := range c.Kinds {
		n += k
	}
	return n - c.Kinds[cellEmpty]
}

// columnKind is the kind of a column.
type columnKind int

const (
	columnLabel columnKind = iota
	columnReal
	columnYear
	columnCount // whole numbers from 0 on
	columnEmpty
)

// kind says what the column is: one cell in ten may be something else.
func (c *column) kind() columnKind {
	filled := c.filled()
	told := filled - c.Kinds[cellSuppressed]
	switch {
	case filled == 0:
		return columnEmpty
	case told == 0:
		return columnCount // all suppressed
	case c.Kinds[cellLabel]*10 > told:
		return columnLabel
	case c.Kinds[cellReal]+c.Kinds[cellPercent] > 0:
		return columnReal
	case c.Years == c.Kinds[cellInt] && c.Years >= 2 && !c.Head.counts():
		return columnYear
	}
	return columnCount
}

// rounded says whether all counts above 0 follow a pattern of rounding, and false
// for ok where there are too few to tell: six that are not rounded all divide by
// five with a chance of 6 in 100,000. Midpoints and sevens need different counts: a
// number that comes again and again, as in a balanced design, has some pattern anyway.
func (c *column) rounded() (rounded, ok bool) {
	if c.Positive < 6 {
		return false, false
	}
	need := int64(math.Ceil(float64(c.Positive) * 0.95))
	return c.Fives >= need || c.distinct() > 2.5 && max(c.Sixes, c.Sevens) >= need, true
}

// numbers reports whether the column numbers the rows.
func (c *column) numbers(rows int64) bool { return c.Ordered[0] == rows || c.Ordered[1] == rows }

// distinct is how many different cells the column has, about.
func (c *column) distinct() float64 {
	if n := len(c.few); n > 0 && n <= fewDifferent {
		return float64(n)
	}
	return min(c.Distinct.count(), float64(c.filled()))
}
