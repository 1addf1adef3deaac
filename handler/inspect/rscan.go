package inspect

// Types of R's values in a serialisation (R Internals, 1.1; serialize.c).
const (
	rSymbol      = 1
	rPairs       = 2
	rClosure     = 3
	rEnvironment = 4
	rPromise     = 5
	rCall        = 6
	rSpecial     = 7
	rBuiltin     = 8
	rChars       = 9
	rLogical     = 10
	rInteger     = 13
	rReal        = 14
	rComplex     = 15
	rStrings     = 16
	rDots        = 17
	rList        = 19
	rExpression  = 20
	rBytecode    = 21
	rPointer     = 22
	rWeak        = 23
	rRaw         = 24
	rS4          = 25
	rAltrep      = 238
	rAttrPairs   = 239
	rAttrCall    = 240
	rCodeRef     = 243
	rCodeDef     = 244
	rNamed       = 247 // to 249: a saved environment, a package, a namespace
	rFixed       = 241 // and above 249, but rRef: values without content
	rFixedToo    = 242
	rRef         = 255
)

// rTaskKind is what a task reads.
type rTaskKind byte

const (
	rItem     rTaskKind = iota // so many values
	rClose                     // nothing: a value with its attributes is complete
	rCode                      // compiled code
	rConsts                    // the constants of compiled code
	rConst                     // so many of them
	rCodeCall                  // a call in compiled code
)

// rRole is what a value is to the one around it.
type rRole byte

const (
	rPlain    rRole = iota
	rAttrList       // a pairlist of attributes
	rAttrNames
	rAttrRowNames
	rAttrClass
	rAttrDim
	rAttrDimnames
	rAttrLevels
	rVariables // the pairlist of a saved workspace
	rVariable  // a value in it
	rBindings  // the pairlist of an environment
	rBound     // a value in it
	rHash      // an environment's pairlists
	rTag       // the name of a value in a pairlist
	rElement   // of a list
	rString    // of a vector of strings
	rAltState  // the state of a vector in short form
	rAttrValue // of an attribute that the tag before it names
)

// rTask is one thing that is still to be read. The tasks are a stack, so that nothing here goes
// into itself however deep values lie in each other.
type rTask struct {
	Kind rTaskKind `json:"k,omitempty"`
	Role rRole     `json:"r,omitempty"`
	N    uint64    `json:"n,omitempty"` // how many times, or the length of a value
	// Of a value that is to be completed.
	Type  byte          `json:"t,omitempty"`
	Class rWord         `json:"c,omitempty"` // its classes; of a vector of strings, the words in it
	Rows  int64         `json:"w,omitempty"`
	Dims  []int64       `json:"d,omitempty"`
	Sizes []int64       `json:"s,omitempty"` // that the numbers of an attribute are
	Heads []headerClass `json:"h,omitempty"` // its names
	value *rValue       // while the file is held in memory
}

// Bounds of the stack: R itself stops at 5,000 calls in each other.
const (
	maxRTasks = 5000
	maxRHeads = 100 // tasks on the stack above which names are not looked at
)

// rRefs are the symbols among the values that may come again.
type rRefs struct {
	N     int64           `json:"n"`
	Words map[int64]rWord `json:"words,omitempty"`
}

// add takes the next value that may come again.
func (r *rRefs) add(w rWord) {
	r.N++
	if w != 0 && len(r.Words) < 100 {
		if r.Words == nil {
			r.Words = map[int64]rWord{}
		}
		r.Words[r.N] = w
	}
}

// rScan walks a serialisation. It is state.
type rScan struct {
	Format byte    `json:"format"`
	Tasks  []rTask `json:"tasks,omitempty"`
	Refs   rRefs   `json:"refs"`
	Word   rWord   `json:"word,omitempty"` // of the symbol read last
	// What is passed over: bytes of the binary formats, numbers and characters of the text format.
	Skip   uint64 `json:"skip,omitempty"`
	Tokens uint64 `json:"tokens,omitempty"`
	Chars  uint64 `json:"chars,omitempty"`
	Facts  Facts  `json:"facts,omitempty"`
	Deep   bool   `json:"deep,omitempty"` // more tasks than are kept
	sink   rSink
	whole  bool // values are kept
	spread int  // cells of sequences that take no bytes of the file
}

// rSink takes what is found in a serialisation.
type rSink interface {
	active(sure bool) // something that runs code
	text(text string) // of a vector of strings
	table(t *rTask)   // a data frame or matrix, with its attributes
}

func (s *rScan) push(t rTask) {
	if len(s.Tasks) >= maxRTasks {
		s.Deep = true
		return
	}
	s.Tasks = append(s.Tasks, t)
}

// items pushes a task that reads n values.
func (s *rScan) items(n uint64, role rRole) {
	if n > 0 {
		s.push(rTask{N: n, Role: role})
	}
}

func (s *rScan) count(kind string, n int64) {
	if s.Facts == nil {
		s.Facts = Facts{}
	}
	s.Facts.add(kind, n)
}

// next does one piece of work. Where more bytes are needed, it changes nothing.
func (s *rScan) next(c *rCursor) {
	top := &s.Tasks[len(s.Tasks)-1]
	switch top.Kind {
	case rItem:
		role := top.Role
		from := *c
		flags := c.integer()
		if c.short || c.bad {
			return
		}
		if top.N--; top.N == 0 {
			s.Tasks = s.Tasks[:len(s.Tasks)-1]
		}
		if role == rTag {
			s.Word = 0
		}
		s.slot(role)
		if s.value(c, flags, role); c.short { // again, with more bytes
			s.restore(role)
			c.n = from.n
		}
	case rClose:
		t := *top
		s.Tasks = s.Tasks[:len(s.Tasks)-1]
		s.close(&t)
	case rCode:
		s.Tasks = s.Tasks[:len(s.Tasks)-1]
		s.push(rTask{Kind: rConsts})
		s.items(1, rPlain)
	case rConsts:
		n := c.integer()
		if c.short || c.bad || n < 0 {
			c.bad = c.bad || n < 0
			return
		}
		s.Tasks = s.Tasks[:len(s.Tasks)-1]
		if n > 0 {
			s.push(rTask{Kind: rConst, N: uint64(n)})
		}
	case rConst, rCodeCall:
		s.constant(c, top)
	}
}

// restore undoes the count of a value that could not be read yet.
func (s *rScan) restore(role rRole) {
	if n := len(s.Tasks); n > 0 && s.Tasks[n-1].Kind == rItem && s.Tasks[n-1].Role == role && s.Tasks[n-1].N > 0 {
		s.Tasks[n-1].N++
		return
	}
	s.items(1, role)
}

// constant reads a constant of compiled code, or a call in one.
func (s *rScan) constant(c *rCursor, top *rTask) {
	call := top.Kind == rCodeCall
	kind := c.integer()
	if kind == rCodeDef {
		c.integer() // its place
		kind = c.integer()
		call = true
	}
	if kind == rCodeRef {
		c.integer()
	}
	if c.short || c.bad {
		return
	}
	if top.N > 1 {
		top.N--
	} else {
		s.Tasks = s.Tasks[:len(s.Tasks)-1]
	}
	switch kind {
	case rCodeRef:
	case rBytecode:
		if call { // in a call it is a value like others
			s.items(1, rPlain)
		} else {
			s.push(rTask{Kind: rCode})
		}
	case rCall, rPairs, rAttrCall, rAttrPairs:
		s.push(rTask{Kind: rCodeCall}) // what follows
		s.push(rTask{Kind: rCodeCall})
		s.items(1, rTag)
		if kind == rAttrCall || kind == rAttrPairs {
			s.items(1, rPlain)
		}
	default:
		s.items(1, rPlain)
	}
}
