package inspect

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
}

// manyObjects is how many objects in one array are rows of people, where the file
// is too large to be looked at as a whole.
const manyObjects = 500

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
	counted := 0
	n := j.Scan.feed(b, at, last, func(t jsonToken) {
		from := int(t.at - at)
		j.Line += lines(b[counted:from])
		counted = from
		j.token(in, t)
	})
	j.Line += lines(b[counted:n])
	if last {
		j.end(in)
	}
	return n
}

func lines(b []byte) int64 {
	n := int64(0)
	for _, c := range b {
		if c == '\n' {
			n++
		}
	}
	return n
}

func (j *jsonFeed) token(in *input, t jsonToken) {
	place := func(from, to int) Place {
		return Place{Line: j.Line + 1, Offset: t.at + int64(from), Length: int64(to - from)}
	}
	depth := len(j.Scan.Stack)
	j.ACRO.token(in, t, place(0, max(1, len(t.text))))
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
				in.found.note(Finding{Rule: "sdc.row_level"}, in.at(place(0, 1)))
			}
		}
	case 's', 'r', 'k':
		j.Anchors.secrets(in, t.text, place)
		j.Anchors.personal(in, t.text, place)
		switch t.kind {
		case 'k':
			j.Coordinates = string(t.text) == "coordinates"
			j.Secret = secretName(t.text)
		case 's':
			if j.Secret != "" && secretValue(j.Secret, t.text) {
				in.found.note(Finding{Rule: "secret.token"}, in.at(place(0, len(t.text))))
			}
			j.Secret = ""
		}
	case 'n':
		// Right in an array of that name: those of areas are arrays of arrays.
		if j.Coordinates && depth >= 2 && j.Scan.Stack[depth-1] == '[' && j.Scan.Stack[depth-2] == '{' && coordinate(string(t.text)) {
			if j.Numbers++; j.First.Line == 0 {
				j.First = place(0, len(t.text))
			}
		}
	}
}

func (j *jsonFeed) end(in *input) {
	j.Anchors.end(in)
	j.ACRO.end(in)
	if j.Numbers >= 20 {
		in.found.note(Finding{Rule: "pii.geo", Count: j.Numbers}, in.at(j.First))
	}
	if j.Scan.Deep || j.Scan.Rest || len(j.Scan.Stack) > 0 {
		in.note("uncheckable.corrupt")
	}
}
