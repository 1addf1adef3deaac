package inspect

import "bytes"

func init() {
	scanners["json"] = func() scanner { return &sequential[*jsonFeed]{To: &jsonFeed{}} }
}

// jsonFeed looks at JSON: every text in it, how many objects its arrays have, and
// the tables in it where it is small.
type jsonFeed struct {
	Begun   bool     `json:"begun,omitempty"`
	Large   bool     `json:"large,omitempty"` // not looked at as a whole
	Scan    jsonScan `json:"scan"`
	Line    int64    `json:"line"`
	Anchors anchors  `json:"anchors"`
	ACRO    acroScan `json:"acro"`
	// Secret is the word for a secret that the key ends with, whose value comes next.
	Secret string `json:"secret,omitempty"`
	// Objects counts, for each level of nesting, the objects in the array there.
	Objects []int64 `json:"objects,omitempty"`
	// Coordinates is set behind a key of that name, Numbers counts the numbers with
	// four decimals or more right in such arrays.
	Coordinates bool  `json:"coordinates,omitempty"`
	Numbers     int64 `json:"numbers,omitempty"`
	First       Place `json:"first"`
	// Packed counts the numbers of a chart's arrays, PackedAt is where the first one is.
	Packed   packedMembers `json:"packed"`
	PackedAt Place         `json:"packed_at"`
}

// manyObjects is how many objects in one array are rows of people, where the file
// is too large to be looked at as a whole.
const manyObjects = 500

// Most texts are too short to hold anything: leastSecret is the length of the shortest secret with its name, and
// leastPersonal that of the shortest address, which is shorter than all numbers that are looked for.
const (
	leastSecret   = len("pwd=Abcd567!")
	leastPersonal = len("a@b.cd")
)

func (j *jsonFeed) feed(in *input, b []byte, at int64, last bool) int {
	if !j.Begun {
		if len(b) < wholeBytes && !last {
			return 0
		}
		j.Begun, j.Large = true, !last || len(b) >= wholeBytes
		if !j.Large {
			for _, rows := range jsonTables(jsonTree(b)) {
				if g := newGrid(rows, in.limits.Columns); g != nil {
					g.conclude(func(f Finding, p Place) { in.found.note(f, in.at(p)) })
				}
			}
		}
	}
	piece := countedLines{b: b, at: at}
	place := func(t jsonToken, from, to int) Place {
		j.Line += piece.upTo(t.at)
		return Place{Line: j.Line + 1, Offset: t.at + int64(from), Length: int64(to - from)}
	}
	n := j.Scan.feed(b, at, last, func(t jsonToken) { j.token(in, t, place) })
	j.Line += piece.upTo(at + int64(n))
	if last {
		j.end(in)
	}
	return n
}

// jsonPlace gives the place of a part of a token's text. The line is counted when it is asked for.
type jsonPlace func(t jsonToken, from, to int) Place

// whole is the place of a token.
func (p jsonPlace) whole(t jsonToken) Place { return p(t, 0, max(1, len(t.text))) }

// countedLines counts the lines of a piece up to a place that somebody asks for. Places are
// asked for in their order.
type countedLines struct {
	b       []byte
	at      int64 // the offset of b
	counted int   // bytes of b
}

// upTo is how many line ends are between the last place asked for and an offset.
func (c *countedLines) upTo(offset int64) int64 {
	from := c.counted
	c.counted = max(from, int(offset-c.at))
	return lines(c.b[from:c.counted])
}

func lines(b []byte) int64 { return int64(bytes.Count(b, []byte{'\n'})) }

func (j *jsonFeed) token(in *input, t jsonToken, place jsonPlace) {
	depth := len(j.Scan.Stack)
	if j.ACRO.heeds(t.kind) {
		j.ACRO.token(in, t, place)
	}
	if j.Packed.token(t) && j.PackedAt.Line == 0 {
		j.PackedAt = place.whole(t)
	}
	switch t.kind {
	case '{', '[':
		j.Secret = ""
		for len(j.Objects) <= depth {
			j.Objects = append(j.Objects, 0)
		}
		j.Objects[depth] = 0
		if t.kind == '{' && (depth == 1 || depth >= 2 && j.Scan.Stack[depth-2] == '[') { // in an array, or one document a line
			j.Objects[depth-1]++
			if j.Objects[depth-1] == manyObjects && j.Large {
				in.found.note(Finding{Rule: "sdc.row_level"}, in.at(place(t, 0, 1)))
			}
		}
	case 's', 'r', 'k':
		if len(t.text) >= leastPersonal || j.Anchors.Key != nil {
			j.text(in, t.text, func(from, to int) Place { return place(t, from, to) })
		}
		switch t.kind {
		case 'k':
			j.Coordinates = string(t.text) == "coordinates"
			j.Secret = secretName(t.text)
		case 's':
			if j.Secret != "" && secretValue(j.Secret, t.text) {
				in.found.note(Finding{Rule: "secret.token"}, in.at(place(t, 0, len(t.text))))
			}
			j.Secret = ""
		}
	case 'n':
		// Right in an array of that name: those of areas are arrays of arrays.
		if j.Coordinates && depth >= 2 && j.Scan.Stack[depth-1] == '[' && j.Scan.Stack[depth-2] == '{' && coordinate(string(t.text)) {
			if j.Numbers++; j.First.Line == 0 {
				j.First = place(t, 0, len(t.text))
			}
		}
	}
}

// text looks at a text that is long enough to hold something.
func (j *jsonFeed) text(in *input, b []byte, place func(from, to int) Place) {
	if len(b) >= leastSecret || j.Anchors.Key != nil {
		j.Anchors.secrets(in, b, place)
	}
	j.Anchors.personal(in, b, place)
}

func (j *jsonFeed) end(in *input) {
	j.Anchors.end(in)
	j.ACRO.end(in)
	if j.Numbers >= 20 {
		in.found.note(Finding{Rule: "pii.geo", Count: j.Numbers}, in.at(j.First))
	}
	j.Packed.settle(dtypeBytes(nil))
	if j.Packed.Numbers > manyNumbers {
		in.found.note(Finding{Rule: "hidden.html_data"}, in.at(j.PackedAt))
	}
	if j.Scan.Deep || j.Scan.Rest || len(j.Scan.Stack) > 0 {
		in.note("uncheckable.corrupt")
	}
}
