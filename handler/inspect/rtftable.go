package inspect

import (
	"strconv"
	"strings"
)

// rtfTables finds the tables of a document in Rich Text Format (1.9.1, "Table Definitions"):
// \cell ends a cell, \row a row, and a paragraph outside of a table ends the table. What is
// in a destination that readers may skip is no text.
func rtfTables(b []byte, offset int64) [][]row {
	r := rtfReader{b: b, offset: offset, line: 1}
	for r.i < len(b) {
		r.step()
	}
	r.end()
	return r.tables
}

type rtfReader struct {
	b      []byte
	offset int64
	i      int
	line   int64
	tables [][]row
	rows   []row
	cells  []string
	text   strings.Builder
	inside bool // in a row
	depth  int  // of groups
	skip   int  // the depth of the group whose text is none, 0 outside
	held   int
}

func (r *rtfReader) step() {
	switch c := r.b[r.i]; c {
	case '{':
		r.depth++
		if rest := r.b[r.i+1:]; r.skip == 0 && len(rest) > 2 && (rest[0] == '\\' && rest[1] == '*' || rtfSkipped(rest)) {
			r.skip = r.depth
		}
		r.i++
	case '}':
		if r.skip == r.depth {
			r.skip = 0
		}
		r.depth = max(0, r.depth-1)
		r.i++
	case '\\':
		r.control()
	case '\n', '\r':
		if c == '\n' {
			r.line++
		}
		r.i++
	default:
		r.write(string(c))
		r.i++
	}
}

// rtfSkipped reports whether a group begins with the name of a destination that is no text.
func rtfSkipped(b []byte) bool {
	for _, name := range []string{`\fonttbl`, `\colortbl`, `\stylesheet`, `\info`, `\pict`, `\object`} {
		if strings.HasPrefix(string(b[:min(len(b), 12)]), name) {
			return true
		}
	}
	return false
}

func (r *rtfReader) write(text string) {
	if r.skip == 0 && r.text.Len() < 1024 {
		r.text.WriteString(text)
	}
}

// control takes a control word or symbol.
func (r *rtfReader) control() {
	rest := r.b[r.i+1:]
	n := 0
	for n < len(rest) && n < 32 && (rest[n] >= 'a' && rest[n] <= 'z' || rest[n] >= 'A' && rest[n] <= 'Z') {
		n++
	}
	if n == 0 {
		r.symbol(rest)
		return
	}
	word, digits := string(rest[:n]), n
	for digits < len(rest) && digits < n+12 && (digit(rest[digits]) || digits == n && rest[digits] == '-') {
		digits++
	}
	number := string(rest[n:digits])
	if digits < len(rest) && rest[digits] == ' ' {
		digits++
	}
	r.i += 1 + digits
	if r.skip > 0 {
		return
	}
	switch word {
	case "trowd":
		r.inside = true
	case "cell", "nestcell":
		r.cells = append(r.cells, strings.TrimSpace(r.text.String()))
		r.text.Reset()
	case "row", "nestrow":
		r.row()
	case "par", "pard", "line", "tab":
		r.write(" ")
		if word == "par" && !r.inside {
			r.end()
		}
	case "u":
		if v, err := strconv.Atoi(number); err == nil {
			r.write(string(rune(v & 0xffff)))
			if r.i < len(r.b) && r.b[r.i] != '\\' && r.b[r.i] != '{' && r.b[r.i] != '}' { // what stands for it in older readers
				r.i++
			}
		}
	}
}

// symbol takes a control that is no word.
func (r *rtfReader) symbol(rest []byte) {
	r.i += 2
	switch {
	case len(rest) == 0:
	case rest[0] == '\'' && len(rest) >= 3:
		if v, err := strconv.ParseUint(string(rest[1:3]), 16, 8); err == nil {
			r.write(string(rune(v)))
		}
		r.i += 2
	case rest[0] == '~':
		r.write(" ")
	case strings.IndexByte(`\{}-`, rest[0]) >= 0:
		r.write(string(rest[:1]))
	}
}

func (r *rtfReader) row() {
	if len(r.cells) > 0 && len(r.rows) < heldRows && r.held+len(r.cells) <= heldCells {
		r.held += len(r.cells)
		r.rows = append(r.rows, row{cells: r.cells, line: r.line, offset: r.offset + int64(r.i), length: 1})
	}
	r.cells, r.inside = nil, false
	r.text.Reset()
}

func (r *rtfReader) end() {
	if len(r.rows) > 1 {
		r.tables = append(r.tables, r.rows)
	}
	r.rows, r.cells = nil, nil
	r.text.Reset()
}
