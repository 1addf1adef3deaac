package inspect

import (
	"strconv"
	"time"
)

// rValue is a value of an R object that is held in memory.
type rValue struct {
	kind     byte
	cells    []string  // of a vector
	items    []*rValue // of a list; nil for what is no vector
	names    *rValue
	rowNames *rValue
	levels   *rValue
	dimnames *rValue
	class    rWord
}

// rCell is a number as R writes it into a table.
func rCell(kind byte, x float64, na bool) string {
	switch {
	case na:
		return ""
	case kind == rLogical && x == 0:
		return "FALSE"
	case kind == rLogical:
		return "TRUE"
	}
	return strconv.FormatFloat(x, 'g', 15, 64)
}

// texts are the cells of a vector, nil for none.
func (v *rValue) texts() []string {
	if v == nil {
		return nil
	}
	return v.cells
}

// close completes a value: what it is to the one around it, and what it is by itself.
func (s *rScan) close(t *rTask) {
	if t.Type == rAltrep {
		t.Rows = int64(min(t.N, 1<<60))
	}
	switch t.Role {
	case rPlain, rVariable, rBound:
	default:
		if owner := s.owner(); owner != nil {
			owner.gain(t, heldCells-s.spread)
			if t.Role == rAltState && owner.value != nil {
				s.spread += len(owner.value.cells)
			}
		}
	}
	if t.Role == rAttrClass { // the words are those of another value
		return
	}
	if t.Class&rModel != 0 {
		s.count("models", 1)
	}
	if t.Class&rPlot != 0 {
		s.count("plots", 1)
	}
	flat := t.Type != rList && t.Type != rS4 && t.Type != rExpression
	switch {
	case t.Class&rFrame != 0 && t.Type == rList:
		t.Dims = []int64{t.Rows, int64(min(t.N, 1<<60))}
		s.count("data frames", 1)
	case t.Class&rTable != 0 && len(t.Dims) == 1 && flat:
		t.Dims = append(t.Dims, 1)
		s.count("tables", 1)
	case t.Class&rTable != 0 && len(t.Dims) > 1 && flat:
		s.count("tables", 1)
	case len(t.Dims) == 2 && flat:
		s.count("matrices", 1)
	default:
		return
	}
	s.count("rows", t.Dims[0])
	s.count("columns", t.Dims[1])
	s.sink.table(t)
}

// gain takes an attribute or an element that is complete. room is for how many cells there is room
// that take no bytes of the file.
func (t *rTask) gain(part *rTask, room int) {
	v := t.value
	if v == nil {
		v = &rValue{}
	}
	switch part.Role {
	case rAttrNames:
		t.Heads, v.names = part.Heads, part.value
	case rAttrRowNames:
		t.Rows, v.rowNames = part.Rows, part.value
	case rAttrClass:
		t.Class |= part.Class
	case rAttrDim:
		t.Dims = part.Sizes
	case rAttrLevels:
		v.levels = part.value
	case rAttrDimnames:
		v.dimnames = part.value
	case rAltState:
		if len(part.Sizes) > 0 && part.Type == rReal {
			t.N = uint64(part.Sizes[0]) //nolint:gosec // not negative
		}
		v.cells = part.value.short(part.N, room)
	case rElement:
		if n := len(v.items); n > 0 {
			v.items[n-1] = part.value
		}
		if part.value != nil {
			part.value.class = part.Class
		}
	}
}

// short are the cells of a vector whose state is given: a sequence, or another vector.
func (v *rValue) short(n uint64, room int) []string {
	if v == nil {
		return nil
	}
	if v.kind == rList && len(v.items) > 0 {
		return v.items[0].texts()
	}
	if v.kind != rReal || n != 3 || len(v.cells) != 3 {
		return nil
	}
	count, _ := strconv.ParseFloat(v.cells[0], 64)
	first, _ := strconv.ParseFloat(v.cells[1], 64)
	step, _ := strconv.ParseFloat(v.cells[2], 64)
	out := make([]string, 0, int(max(0, min(count, heldRows, float64(room)))))
	for i := range cap(out) {
		out = append(out, rCell(rReal, first+float64(i)*step, false))
	}
	return out
}

// rows are the rows of a table, as a program would write them.
func (t *rTask) rows() []row {
	v := t.value
	if v == nil || t.Dims[0] > heldRows || t.Dims[1] > maxRColumns || t.Dims[0]*t.Dims[1] > heldCells || len(t.Dims) > 2 {
		return nil
	}
	n, width := int(t.Dims[0]), int(t.Dims[1])
	labels, heads := v.rowNames.texts(), v.names.texts()
	columns := make([][]string, 0, width)
	if t.Type == rList {
		if v.rowNames != nil && v.rowNames.kind != rStrings {
			labels = nil // numbers of rows
		}
		for _, item := range v.items {
			columns = append(columns, item.column())
		}
	} else {
		labels, heads = v.dims()
		if len(heads) == 0 && t.Class&rTable != 0 {
			heads = []string{"n"}
		}
		for c := range width {
			columns = append(columns, v.cells[min(c*n, len(v.cells)):min((c+1)*n, len(v.cells))])
		}
	}
	filled := 0
	for _, column := range columns {
		filled += min(len(column), n)
	}
	if filled*2 < n*width { // it claims more than there is
		return nil
	}
	out := []row{{cells: heads, line: 1}}
	for r := range n {
		cells := make([]string, 0, width+1)
		for _, column := range columns {
			text := ""
			if r < len(column) {
				text = column[r]
			}
			cells = append(cells, text)
		}
		out = append(out, row{cells: cells, line: int64(r) + 2})
	}
	if len(labels) == n {
		for i := range out {
			label := ""
			if i > 0 {
				label = labels[i-1]
			}
			out[i].cells = append([]string{label}, out[i].cells...)
		}
	}
	return out
}

// dims are the names of a matrix's rows and columns, nil for none.
func (v *rValue) dims() (rows, columns []string) {
	if v.dimnames == nil {
		return nil, nil
	}
	if len(v.dimnames.items) > 0 {
		rows = v.dimnames.items[0].texts()
	}
	if len(v.dimnames.items) > 1 {
		columns = v.dimnames.items[1].texts()
	}
	return rows, columns
}

// column are the cells of a column of a data frame: the words of a factor, days as dates.
func (v *rValue) column() []string {
	if v == nil {
		return nil
	}
	out := v.cells
	if v.levels == nil && v.class&rDate == 0 {
		return out
	}
	out = make([]string, len(v.cells))
	for i, text := range v.cells {
		x, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
		case v.class&rDate != 0:
			out[i] = time.Unix(0, 0).UTC().AddDate(0, 0, int(max(-1e6, min(1e6, x)))).Format(time.DateOnly)
		case x >= 1 && int(min(x, 1e9)) <= len(v.levels.cells):
			out[i] = v.levels.cells[int(x)-1]
		}
	}
	return out
}
