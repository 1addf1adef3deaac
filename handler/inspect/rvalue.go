package inspect

import (
	"math"
	"slices"
)

// value reads the head of a value, and pushes what is in it. Nothing is changed where bytes are
// missing.
func (s *rScan) value(c *rCursor, flags int64, role rRole) {
	kind, attr := byte(flags&0xff), flags&0x200 != 0
	switch kind {
	case rRef:
		s.again(c, flags>>8&0xffffff, role)
	case rSymbol:
		s.symbol(c, role)
	case rNamed, rNamed + 1, rNamed + 2:
		c.integer()
		if n := c.integer(); n < 0 {
			c.bad = true
		} else if !c.short {
			s.Refs.add(0)
			s.items(uint64(n), rPlain)
		}
	case rEnvironment:
		if c.integer(); !c.short {
			s.Refs.add(0)
			s.count("environments", 1)
			for _, r := range []rRole{rPlain, rHash, rBindings, rPlain} { // from the last to the first
				s.items(1, r)
			}
		}
	case rPairs, rCall, rClosure, rPromise, rDots:
		s.node(kind, flags, role)
	case rPointer, rWeak:
		s.Refs.add(0)
		s.attributes(attr)
		if kind == rPointer {
			s.count("external pointers", 1)
			s.items(2, rPlain)
		}
	case rSpecial, rBuiltin:
		n := c.integer()
		c.bad = c.bad || n < 0 || n > maxRText
		if !c.bad {
			c.text(uint64(n)) //nolint:gosec // not negative
		}
		if !c.short {
			s.attributes(attr)
		}
	case rChars:
		s.chars(c, attr, role)
	case rBytecode:
		if c.integer(); !c.short {
			s.count("compiled functions", 1)
			s.attributes(attr)
			s.push(rTask{Kind: rCode})
		}
	case rAltrep:
		s.begin(rTask{Kind: rClose, Type: kind, Role: role}, false)
		s.items(1, rAttrList)
		s.items(1, rAltState)
		s.items(1, rPlain)
	case rS4:
		s.begin(rTask{Kind: rClose, Type: kind, Role: role}, attr)
	default:
		if kind >= rFixed && kind <= rFixedToo || kind > rNamed+2 {
			return // nothing, or an environment that every session has
		}
		s.vector(c, kind, attr, role)
	}
}

// again reads a value that was there before.
func (s *rScan) again(c *rCursor, index int64, role rRole) {
	if index == 0 {
		index = c.integer()
	}
	if c.short {
		return
	}
	if role == rTag {
		s.Word = s.Refs.Words[index]
	}
}

// symbol reads a name.
func (s *rScan) symbol(c *rCursor, role rRole) {
	flags, n := c.integer(), c.integer()
	if flags&0xff != rChars && !c.short {
		c.bad = true
	}
	text, whole := c.text(uint64(max(0, n)))
	if c.short || c.bad {
		return
	}
	if !whole {
		s.overText(uint64(n)) //nolint:gosec // not negative
	}
	w := rWordsOf[text]
	s.Refs.add(w)
	if role == rTag {
		s.Word = w
	}
}

// attributes pushes what reads attributes that matter to nobody.
func (s *rScan) attributes(any bool) {
	if any {
		s.items(1, rPlain)
	}
}

// node reads a node of a pairlist, and what is made like one: calls, functions, promises.
func (s *rScan) node(kind byte, flags int64, role rRole) {
	tag := flags&0x400 != 0
	next, car := rPlain, rPlain
	switch kind {
	case rClosure:
		s.count("functions", 1)
		if role == rVariable && s.Word == rFirst {
			s.sink.active(true)
		}
	case rPromise:
		s.count("promises", 1)
		s.sink.active(role != rBound) // environments have them where a function was called
	case rPairs:
		switch role {
		case rAttrList, rVariables, rBindings:
			next = role
			car = map[rRole]rRole{rAttrList: rAttrValue, rVariables: rVariable, rBindings: rBound}[role]
		}
		const activeBinding = 1 << 15 // of a node's levels: a function is called in place of the value
		if role == rBindings && flags>>12&activeBinding != 0 {
			s.sink.active(false)
		}
	}
	if !tag && car != rBound {
		car = rPlain
	}
	s.items(1, next)
	s.items(1, car)
	if tag {
		s.items(1, rTag)
	}
	s.attributes(flags&0x200 != 0)
}

// chars reads a text.
func (s *rScan) chars(c *rCursor, attr bool, role rRole) {
	n := c.integer()
	text, whole := "", true
	if n > 0 {
		text, whole = c.text(uint64(n))
	} else if n < -1 {
		c.bad = true
	}
	if c.short || c.bad {
		return
	}
	if role == rString {
		s.element(text)
	}
	s.attributes(attr)
	if !whole {
		s.overText(uint64(n)) //nolint:gosec // not negative
	}
}

// element takes a text of a vector.
func (s *rScan) element(text string) {
	owner := s.owner()
	if owner == nil {
		return
	}
	if owner.value != nil {
		owner.value.cells = append(owner.value.cells, text)
	}
	switch owner.Role {
	case rAttrClass:
		owner.Class |= rWordsOf[text]
	case rAttrNames:
		if len(owner.Heads) < maxRColumns && len(s.Tasks) < maxRHeads {
			owner.Heads = append(owner.Heads, classOf(text))
		}
	default:
		s.count("texts", 1)
		s.sink.text(text)
	}
}

const maxRColumns = 500

// owner is the value under way, nil for none.
func (s *rScan) owner() *rTask {
	for i := len(s.Tasks) - 1; i >= 0; i-- {
		if s.Tasks[i].Kind == rClose {
			return &s.Tasks[i]
		}
	}
	return nil
}

// slot makes room for an element of a list that is kept.
func (s *rScan) slot(role rRole) {
	if role != rElement || !s.whole {
		return
	}
	if owner := s.owner(); owner != nil && owner.value != nil {
		owner.value.items = append(owner.value.items, nil)
	}
}

// begin pushes a value that is complete once its attributes were read.
func (s *rScan) begin(t rTask, attr bool) {
	t.Role = s.role(t.Role)
	if s.whole && t.value == nil {
		t.value = &rValue{kind: t.Type}
	}
	s.push(t)
	if attr {
		s.items(1, rAttrList)
	}
}

// role is the role of a value, where its tag tells it.
func (s *rScan) role(role rRole) rRole {
	if role == rAttrValue {
		return map[rWord]rRole{rNames: rAttrNames, rRowNames: rAttrRowNames, rClass: rAttrClass, rDim: rAttrDim, rDimnames: rAttrDimnames, rLevels: rAttrLevels}[s.Word]
	}
	return role
}

// vector reads the head of a vector, and the numbers in it where they are few, or kept.
func (s *rScan) vector(c *rCursor, kind byte, attr bool, role rRole) {
	if !slices.Contains([]byte{rLogical, rInteger, rReal, rComplex, rStrings, rList, rExpression, rRaw}, kind) {
		c.bad = true
		return
	}
	n := c.length()
	t := rTask{Kind: rClose, Type: kind, N: n, Role: s.role(role), Rows: int64(min(n, 1<<60))}
	const few = 4
	read := kind == rInteger || kind == rReal || kind == rLogical
	whole := read && s.whole && n <= heldCells
	if !c.bad && (whole || read && n <= few) {
		t.value = s.numbers(c, &t)
	}
	if c.short || c.bad {
		return
	}
	if !s.whole {
		t.value = nil
	}
	s.begin(t, attr)
	switch {
	case kind == rStrings:
		s.items(n, rString)
	case kind == rList && role == rHash:
		s.items(n, rBindings)
	case kind == rList, kind == rExpression:
		s.items(n, rElement)
	case !whole && (!read || n > few):
		s.over(kind, n)
	}
	if (read || kind == rComplex) && !slices.Contains([]rRole{rAttrRowNames, rAttrDim, rAltState}, t.Role) {
		s.count("values", int64(min(n, 1<<60)))
	}
}

// numbers reads the numbers of a vector, and the sizes that they may stand for.
func (s *rScan) numbers(c *rCursor, t *rTask) *rValue {
	v, missing := &rValue{kind: t.Type}, false
	for i := range t.N {
		var x float64
		na := false
		if t.Type == rReal {
			x = c.real()
			na = math.IsNaN(x)
		} else {
			x = float64(c.integer())
			na = x == rNA
		}
		if c.short || c.bad {
			return nil
		}
		if s.whole {
			v.cells = append(v.cells, rCell(t.Type, x, na))
		}
		size := int64(max(-1<<53, min(1<<53, x)))
		switch {
		case na:
			missing = i == 0 && t.N == 2
		case t.Role == rAttrRowNames && missing: // names of rows in short form: their number
			t.Rows = max(size, -size)
		case t.Role == rAttrDim && i < 3, t.Role == rAltState && i == 0: // so many numbers
			t.Sizes = append(t.Sizes, max(0, size))
		}
	}
	return v
}

// overText passes over a text that is too long to be looked at.
func (s *rScan) overText(n uint64) {
	if s.Format == 'A' {
		s.Chars = n
	} else {
		s.Skip = n
	}
}

// over passes over the numbers of a vector.
func (s *rScan) over(kind byte, n uint64) {
	width := map[byte]uint64{rLogical: 4, rInteger: 4, rReal: 8, rComplex: 16, rRaw: 1}[kind]
	switch {
	case s.Format != 'A':
		s.Skip = n * width
	case kind == rComplex:
		s.Tokens = 2 * n
	default:
		s.Tokens = n
	}
}
