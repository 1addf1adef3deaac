package inspect

import (
	"slices"
	"strings"
)

// xmlTables finds the tables of an XML document that is held in memory: rows of cells, as
// spreadsheets and web pages have them, and elements of one name side by side whose
// attributes and children are the cells of a row.
func xmlTables(b []byte) [][]row {
	r := xmlReader{tables: tagTables(b, tagTable{table: "table", row: "row", cell: "cell"})}
	r.tables = append(r.tables, tagTables(b, htmlTable)...)
	var scan tagScan
	scan.feed(b, 0, true, func(t *tagToken) {
		r.line += lines(b[r.counted:max(r.counted, t.at)])
		r.counted = max(r.counted, t.at)
		r.token(t)
	})
	for len(r.stack) > 0 {
		r.close()
	}
	return r.tables
}

// xmlReader gathers tables from tags.
type xmlReader struct {
	tables  [][]row
	stack   []*xmlElement
	held    int // cells
	line    int64
	counted int64
}

// xmlElement is an element that is open.
type xmlElement struct {
	name   string
	at     Place
	text   strings.Builder
	fields []xmlField
	// groups are the records among the children, by their names, in the order in which
	// the names come.
	names  []string
	groups map[string][]xmlRecord
}

type xmlField struct{ name, text string }

type xmlRecord struct {
	at     Place
	fields []xmlField
}

func (r *xmlReader) token(t *tagToken) {
	switch t.kind {
	case 'o':
		if len(r.stack) == maxNesting {
			return
		}
		e := &xmlElement{name: t.name, at: Place{Line: r.line + 1, Offset: t.at, Length: 1}, groups: map[string][]xmlRecord{}}
		for name, value := range t.attributes {
			if name != "" && len(e.fields) < maxFields {
				e.fields = append(e.fields, xmlField{name, unescapeTags(string(value))})
			}
		}
		r.stack = append(r.stack, e)
	case 't':
		if n := len(r.stack); n > 0 && r.stack[n-1].text.Len() < 1024 {
			r.stack[n-1].text.Write(t.text[:min(len(t.text), 1024)])
		}
	case 'c':
		if n := len(r.stack); n > 0 && r.stack[n-1].name == t.name {
			r.close()
		}
	}
}

// maxFields bounds the cells of one record.
const maxFields = 500

// close ends the innermost element: a leaf is a cell of the one around it, any other one a
// row.
func (r *xmlReader) close() {
	e := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	text := strings.TrimSpace(unescapeTags(e.text.String()))
	for _, name := range e.names {
		if rows := tableOf(e.groups[name]); rows != nil {
			r.tables = append(r.tables, rows)
		}
	}
	if len(r.stack) == 0 {
		return
	}
	around := r.stack[len(r.stack)-1]
	leaf := len(e.fields) == 0
	if text != "" && len(around.fields) < maxFields {
		field := xmlField{e.name, text}
		if leaf {
			around.fields = append(around.fields, field)
		}
		e.fields = append(e.fields, field)
	}
	if leaf || len(e.fields) == 0 || r.held >= heldCells || len(around.groups[e.name]) >= heldRows {
		return
	}
	r.held += len(e.fields)
	if !slices.Contains(around.names, e.name) {
		around.names = append(around.names, e.name)
	}
	around.groups[e.name] = append(around.groups[e.name], xmlRecord{e.at, e.fields})
}

// tableOf makes a table of records, nil where they are too few, or of one column.
func tableOf(records []xmlRecord) []row {
	if len(records) < 2 {
		return nil
	}
	var columns []string
	for _, record := range records {
		for _, f := range record.fields {
			if len(columns) < maxFields && !slices.Contains(columns, f.name) {
				columns = append(columns, f.name)
			}
		}
	}
	if len(columns) < 2 {
		return nil
	}
	rows := []row{{cells: columns, line: records[0].at.Line, offset: records[0].at.Offset}}
	for _, record := range records {
		row := row{cells: make([]string, len(columns)), line: record.at.Line, offset: record.at.Offset, length: record.at.Length}
		for _, f := range record.fields {
			if i := slices.Index(columns, f.name); i >= 0 {
				row.cells[i] = f.text
			}
		}
		rows = append(rows, row)
	}
	return rows
}
