package inspect

func init() { scanners["r"] = func() scanner { return &sequential[*rFeed]{To: &rFeed{}} } }

// rFeed walks an R object: what saveRDS, save and serialize write (R Internals, 1.8), of the
// versions 2 and 3, in the two binary formats and as text. It makes no objects. A small file's
// tables are looked at as other tables are.
type rFeed struct {
	Scan     rScan   `json:"scan"`
	Noted    bool    `json:"noted,omitempty"`
	Begun    bool    `json:"begun,omitempty"`
	Done     bool    `json:"done,omitempty"`
	Trailing bool    `json:"trailing,omitempty"`
	Part     int     `json:"part,omitempty"` // tables up to now
	Words    anchors `json:"words"`
	in       *input
	at       int64
}

func (r *rFeed) feed(in *input, b []byte, at int64, last bool) int {
	if !r.Noted {
		if len(b) < wholeBytes && !last {
			return 0
		}
		r.Noted = true
		in.note("hidden.r_object")
	}
	r.Scan.whole = last && at == 0 && len(b) < wholeBytes
	r.in, r.Scan.sink = in, r
	used := 0
	if !r.Begun && !r.Done {
		if used = r.begin(b, last); used == 0 && !r.Done && !last {
			return 0
		}
	}
	used += r.walk(b[used:], at+int64(used), last)
	if r.Done && used < len(b) {
		if !r.Trailing && !blank(b[used:]) {
			r.Trailing = true
			in.note("hidden.trailing")
		}
		used = len(b)
	}
	if last {
		if !r.Done {
			in.note("uncheckable.corrupt")
		}
		r.Words.end(in)
		in.found.tell("hidden.r_object", r.Scan.Facts)
		return len(b)
	}
	return used
}

func blank(b []byte) bool {
	for _, c := range b {
		if c > ' ' {
			return false
		}
	}
	return true
}

// begin reads what is before the first value, and returns its length, 0 where more is needed.
func (r *rFeed) begin(b []byte, last bool) int {
	role, n := rPlain, 0
	if len(b) > 7 && b[0] == 'R' && b[1] == 'D' { // save's mark
		role, n = rVariables, 5
	}
	if len(b) < n+2 {
		return 0
	}
	c := rCursor{format: b[n], b: b, n: n + 2, last: last}
	version := c.integer()
	c.integer() // the R that wrote it
	c.integer() // the oldest one that reads it
	if version == 3 {
		size := c.integer()
		c.bad = c.bad || size < 0 || size > maxRText
		if !c.bad {
			c.text(uint64(size)) //nolint:gosec // the encoding; not negative
		}
	}
	if c.bad || !c.short && version != 2 && version != 3 {
		r.fail("uncheckable.corrupt")
		return 0
	}
	if c.short {
		return 0
	}
	r.Begun, r.Scan.Format = true, b[n]
	r.Scan.items(1, role)
	return c.n
}

// fail ends the walk.
func (r *rFeed) fail(rule string) {
	r.Done, r.Trailing = true, true // what follows is of no interest
	r.in.note(rule)
}

// walk works through b and returns how many bytes it is done with.
func (r *rFeed) walk(b []byte, at int64, last bool) int {
	s, i := &r.Scan, 0
	for r.Begun && !r.Done {
		n, over, bad := s.pass(b[i:], last)
		i += n
		if over {
			return i
		}
		if bad {
			r.fail("uncheckable.corrupt")
			break
		}
		if len(s.Tasks) == 0 {
			r.Done = true
			break
		}
		c := rCursor{format: s.Format, b: b[i:], last: last}
		r.at = at + int64(i)
		s.next(&c)
		switch {
		case c.bad:
			r.fail("uncheckable.corrupt")
		case s.Deep:
			r.fail("uncheckable.nested")
		case c.short:
			return i
		default:
			i += c.n
		}
	}
	return i
}

// pass passes over what is to be left out. It reports whether b ends in it, and whether it is
// something else.
func (s *rScan) pass(b []byte, last bool) (n int, over, bad bool) {
	if s.Skip > 0 {
		n = int(min(s.Skip, uint64(len(b)))) //nolint:gosec // at most what b has
		s.Skip -= uint64(n)
		return n, s.Skip > 0, false
	}
	c := rCursor{format: s.Format, b: b, last: last}
	for s.Tokens > 0 || s.Chars > 0 {
		n = c.n
		if s.Tokens > 0 {
			c.token()
		} else {
			c.blanks()
			c.escaped()
		}
		if c.short || c.bad {
			return n, c.short && !c.bad, c.bad
		}
		if s.Tokens > 0 {
			s.Tokens--
		} else {
			s.Chars--
		}
	}
	return c.n, false, false
}

// active implements rSink.
func (r *rFeed) active(sure bool) {
	f := Finding{Rule: "active.r_code"}
	if !sure {
		f.Confidence = Doubtful
	}
	r.in.found.note(f, r.in.at(Place{Offset: r.at}))
}

// text implements rSink.
func (r *rFeed) text(text string) {
	place := func(int, int) Place { return Place{Offset: r.at} }
	r.Words.secrets(r.in, []byte(text), place)
	r.Words.personal(r.in, []byte(text), place)
}

// table implements rSink.
func (r *rFeed) table(t *rTask) {
	r.Part++
	in := *r.in
	in.within.Part = r.Part
	if rows := t.rows(); rows != nil {
		if g := newGrid(rows, in.limits.Columns); g != nil {
			g.conclude(func(f Finding, at Place) {
				at.Part = r.Part
				in.found.note(f, in.at(at))
			})
		}
		return
	}
	in.columnNames(t.Heads, t.Dims[0])
}
