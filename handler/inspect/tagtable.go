package inspect

import "strings"

// tagTable names the elements that tables are made of.
type tagTable struct {
	table, row, cell, other string
	html                    bool
}

var (
	htmlTable = tagTable{table: "table", row: "tr", cell: "td", other: "th", html: true}
	wordTable = tagTable{table: "tbl", row: "tr", cell: "tc"}
)

// Bounds of the tables of a document that are held in memory.
const (
	heldRows  = 5000
	heldCells = 200_000
	heldText  = 8 << 20 // bytes of texts
)

// tableReader gathers tables from tags.
type tableReader struct {
	names  tagTable
	tables [][]row
	rows   []row
	cells  []string
	text   strings.Builder
	inCell bool
	held   int // cells
	size   int // bytes of texts
	line   int64
}

func (r *tableReader) token(t *tagToken) {
	switch {
	case t.kind == 't' && r.inCell && r.text.Len() < 1024:
		r.text.Write(t.text[:min(len(t.text), 1024)])
	case t.name == "" || t.kind != 'o' && t.kind != 'c':
	case t.name == r.names.cell || t.name == r.names.other:
		r.endCell()
		r.inCell = t.kind == 'o'
	case t.name == r.names.row:
		r.endRow(t)
	case t.name == r.names.table:
		r.endRow(t)
		if len(r.rows) > 0 {
			r.tables = append(r.tables, r.rows)
		}
		r.rows, r.line = nil, 0
	}
}

func (r *tableReader) endCell() {
	if r.inCell && r.held+len(r.cells) < heldCells && r.size < heldText {
		text := strings.TrimSpace(unescapeTags(r.text.String()))
		r.cells, r.size = append(r.cells, text), r.size+len(text)
	}
	r.inCell = false
	r.text.Reset()
}

func (r *tableReader) endRow(t *tagToken) {
	r.endCell()
	if len(r.cells) > 0 && len(r.rows) < heldRows && r.held+len(r.cells) <= heldCells {
		r.line++
		r.held += len(r.cells)
		r.rows = append(r.rows, row{cells: r.cells, line: r.line, offset: t.at})
	}
	r.cells = nil
}

// unescapeTags resolves the entities that numbers and marks are written with.
func unescapeTags(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	return entities.Replace(text)
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&nbsp;", " ", "&#160;", " ", "&quot;", `"`, "&apos;", "'")

// tagTables finds the tables of a document that is held in memory.
func tagTables(b []byte, names tagTable) [][]row {
	r := tableReader{names: names}
	scan := tagScan{HTML: names.html}
	scan.feed(b, 0, true, r.token)
	if len(r.rows) > 0 {
		r.tables = append(r.tables, r.rows)
	}
	return r.tables
}
