package inspect

import "strings"

// Ties are what a file tells about other files of its request. They hold hashes of
// names and numbers, are kept with the progress of an inspection until Join has
// compared all files, and go into no finding.
type Ties struct {
	// Table is the table of a small text that has exactly one.
	Table *Table `json:"table,omitempty"`
	// Tables is how many there are.
	Tables int `json:"tables,omitempty"`
	// Session is an ACRO session's.
	Session *Session `json:"session,omitempty"`
}

// Table is the shape of a table.
type Table struct {
	Lines   int64 `json:"lines"`   // the number of its last line, from 1
	Columns int   `json:"columns"` // with those of labels
	Head    int64 `json:"head"`    // lines before the first row of its body
	Labels  int   `json:"labels"`  // columns before the first one of numbers
}

// Session is what the records of an ACRO session say of other files.
type Session struct {
	Claims []Claim `json:"claims"`
	// More is set where there were more claims than are kept.
	More bool `json:"more,omitempty"`
}

// Claim is what one record says.
type Claim struct {
	Files      []Named `json:"files,omitempty"`
	Withheld   bool    `json:"withheld,omitempty"`   // they are not to be released
	Suppressed bool    `json:"suppressed,omitempty"` // the cells that are flagged are empty
	// Rows and Columns are those of the table, without header and labels, 0 where the
	// record has no outcome. The labels have so many levels.
	Rows         int `json:"rows,omitempty"`
	Columns      int `json:"columns,omitempty"`
	RowLevels    int `json:"rowLevels,omitempty"`
	ColumnLevels int `json:"columnLevels,omitempty"`
	// Flagged are the cells that are not called ok: row and column, from 0.
	Flagged [][2]int `json:"flagged,omitempty"`
}

// Named is a file that a record names.
type Named struct {
	Name    string `json:"name"`              // its hash
	Outside bool   `json:"outside,omitempty"` // it leads out of the session's folder
	// Checked is set where the record lists the cells that failed a check, as Flagged.
	Checked bool     `json:"checked,omitempty"`
	Flagged [][2]int `json:"flagged,omitempty"`
}

// addTable notes a table.
func (t *Ties) addTable(g *grid) {
	if t == nil || len(g.body) == 0 {
		return
	}
	if t.Tables++; t.Tables > 1 {
		t.Table = nil
		return
	}
	t.Table = &Table{Lines: g.body[len(g.body)-1].line, Columns: len(g.heads), Head: g.body[0].line - 1, Labels: g.firstNumbers()}
}

// orNil is nil where nothing is known.
func (t Ties) orNil() *Ties {
	if t.Table == nil && t.Session == nil {
		return nil
	}
	return &t
}

// Size is about how much room the ties take, in claims, names and cells.
func (t *Ties) Size() int {
	if t == nil || t.Session == nil {
		return 0
	}
	n := len(t.Session.Claims)
	for _, c := range t.Session.Claims {
		n += len(c.Files) + len(c.Flagged)
		for _, named := range c.Files {
			n += len(named.Flagged)
		}
	}
	return n
}

// Forget leaves out the claims, where there is no room for them.
func (t *Ties) Forget() *Ties {
	if t == nil || t.Session == nil {
		return t
	}
	return &Ties{Table: t.Table, Tables: t.Tables, Session: &Session{More: true}}
}

// plausible reports whether the ties can be this package's.
func (t *Ties) plausible() bool {
	if t == nil || t.Session == nil {
		return true
	}
	if t.Size() > maxClaims+2*maxClaimed+maxClaimCells {
		return false
	}
	for _, c := range t.Session.Claims {
		for _, named := range c.Files {
			if len(named.Name) > 32 || strings.Trim(named.Name, "0123456789abcdef") != "" {
				return false
			}
		}
	}
	return true
}
