package inspect

import "strings"

// flatOffice looks at a document that is one file of XML: what it hides is marked there as in the packed one. It is
// state.
type flatOffice struct {
	Root   string   `json:"root,omitempty"` // the kind of document
	Part   partFeed `json:"part"`
	Offset int64    `json:"offset,omitempty"` // bytes it has seen
}

// flatRoots are the kinds by their outermost elements.
var flatRoots = map[string]string{"workbook": "xlsx", "worddocument": "docx", "package": "docx", "document": "odf"}

func (f *flatOffice) token(in *input, t *tagToken) {
	p := &f.Part
	if f.Root == "" && t.kind == 'o' {
		if f.Root = flatRoots[t.name]; f.Root == "" || f.Root == "odf" && !strings.Contains(string(t.attrs), "opendocument") {
			f.Root = "none"
		}
	}
	switch f.Root {
	case "xlsx":
		flatWorkbook(p, in, t)
	case "odf":
		openDocument(p, in, t)
	case "docx":
		if t.kind == 'o' && t.name == "body" || p.Text == nil {
			p.Text = &wordText{} // the styles before it are no text
		}
		p.Text.token(p, in, t)
	}
}

// flatWorkbook looks at a workbook as Excel 2003 writes it (XML Spreadsheet Reference, Microsoft 2003).
func flatWorkbook(p *partFeed, in *input, t *tagToken) {
	switch {
	case t.kind == 't':
		if state := strings.TrimSpace(string(t.text)); p.Inside == "visible" && (state == "SheetHidden" || state == "SheetVeryHidden") {
			p.found(in, "hidden.sheet")
		}
		return
	case t.kind == 'c':
		p.Inside = ""
		return
	case t.kind != 'o':
		return
	}
	switch p.Inside = t.name; t.name {
	case "worksheet":
		p.Part++
	case "row", "column":
		if hidden, _ := t.attr("hidden"); hidden == "1" || hidden == "true" {
			p.found(in, "hidden.sheet")
		}
	case "comment":
		p.found(in, "hidden.comment")
	case "cell":
		formula, _ := t.attr("formula")
		if rule := callsOut(strings.TrimPrefix(unescapeTags(formula), "=")); rule != "" {
			p.found(in, rule)
		}
	}
}
