package inspect

import (
	"path"
	"strings"
)

// Room in a document for values that no page and no sheet shows. A program that keeps its settings there stays below
// the bounds, which are in bytes.
const (
	nameRoom     = 255  // texts that are values of defined names: a formula holds none that is longer
	variableRoom = 512  // variables of a document
	propertyRoom = 2048 // properties that somebody defined; classifiers write some ten of up to 400 bytes
	itemRoom     = 2048 // an item of custom XML
)

// itemRooms are the bounds of items that programs write themselves, by their roots: those of SharePoint, and the
// sources of a bibliography.
var itemRooms = map[string]int{"contenttypeschema": 16 << 10, "properties": 16 << 10, "receivers": 16 << 10, "formtemplates": 16 << 10, "longproperties": 16 << 10, "sources": 64 << 10}

// valuesFeed returns the feed for a part that has room for values that nobody sees, nil for others.
func valuesFeed(kind, name string) feeder {
	switch base := path.Base(name); {
	case kind == "odf":
		return nil
	case name == "docprops/custom.xml":
		return &partFeed{to: customProperties}
	case strings.HasPrefix(name, "customxml/") && !strings.HasPrefix(base, "itemprops"):
		return &partFeed{to: customItem}
	case kind == "docx" && base == "settings.xml":
		return &partFeed{to: documentVariables}
	}
	return nil
}

// outgrown adds to the bytes of values so far, and notes them where they are more than there is room for.
func (p *partFeed) outgrown(in *input, n, room int, rule string) {
	before := p.Size
	if p.Size += n; before <= room && p.Size > room {
		p.found(in, rule)
	}
}

// definedName looks at what a name of a workbook stands for. A reference or a call is no value.
func definedName(p *partFeed, in *input, t *tagToken) {
	switch {
	case t.kind == 'o':
		p.Inside = ""
		if t.name == "definedname" {
			p.Inside = t.name
		}
	case t.kind == 'c':
		p.Inside = ""
	case t.kind == 't' && p.Inside != "":
		text := strings.TrimLeft(unescapeTags(string(t.text)), " =\r\n\t")
		if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "{") || !strings.ContainsAny(text, "!(") {
			p.outgrown(in, len(strings.TrimSpace(text)), nameRoom, "hidden.text")
		}
	}
}

// documentVariables looks at the variables of a document, which only macros and fields show (ECMA-376 part 1,
// 17.15.1.32). EndNote keeps its settings in some.
func documentVariables(p *partFeed, in *input, t *tagToken) {
	if t.kind != 'o' || t.name != "docvar" {
		return
	}
	room := variableRoom
	if name, _ := t.attr("name"); strings.HasPrefix(name, "EN.") {
		room = 8 << 10
	}
	if value, _ := t.attr("val"); room == variableRoom || len(value) > room {
		p.outgrown(in, len(value), variableRoom, "hidden.text")
	}
}

// ownProperties begin the names of properties that reference managers cut their own data into.
var ownProperties = []string{"ZOTERO_", "Mendeley", "CSL_"}

// customProperties looks at the properties that somebody defined.
func customProperties(p *partFeed, in *input, t *tagToken) {
	switch {
	case t.kind == 'o' && t.name == "property":
		p.Inside = t.name
		name, _ := t.attr("name")
		for _, own := range ownProperties {
			if strings.HasPrefix(name, own) {
				p.Inside = ""
			}
		}
	case t.kind == 't' && p.Inside != "":
		p.outgrown(in, len(strings.TrimSpace(string(t.text))), propertyRoom, "hidden.text")
	}
}

// customItem looks at an item of custom XML. A mashup of Power Query is a package of its own in Base64 (MS-QDEFF, 2).
func customItem(p *partFeed, in *input, t *tagToken) {
	if t.kind == 'o' && p.Inside == "" {
		if p.Inside = t.name; t.name == "datamashup" {
			p.found(in, "hidden.embedded")
		}
	}
	room, known := itemRooms[p.Inside]
	if !known {
		room = itemRoom
	}
	n := 0
	switch {
	case p.Inside == "datamashup":
	case t.kind == 't', t.kind == 'a', t.kind == 'x':
		n = len(strings.TrimSpace(string(t.text)))
	case t.kind == 'o' && p.Inside != "contenttypeschema": // a schema is all attributes
		for _, value := range t.attributes {
			if !strings.HasPrefix(string(value), "http://") && !strings.HasPrefix(string(value), "urn:") { // of namespaces
				n += len(value)
			}
		}
	}
	p.outgrown(in, n, room, "hidden.embedded")
}

// usedTexts has a bit for each of a workbook's shared texts, the first of them at most. It is state.
type usedTexts []byte

const (
	mostUsed   = 1 << 16
	unusedRoom = 200 // bytes of texts that no cell has: a program may leave a few behind; long ones are held to 256
)

func (u *usedTexts) use(i int) {
	if i >= mostUsed {
		return
	}
	for len(*u) <= i/8 {
		*u = append(*u, 0)
	}
	(*u)[i/8] |= 1 << (i % 8)
}

// unused notes texts that no cell has, where they are more than a program leaves behind.
func (u *usedTexts) unused(in *input, texts []string) {
	size := 0
	for i, text := range texts[:min(len(texts), mostUsed)] {
		if i/8 >= len(*u) || (*u)[i/8]&(1<<(i%8)) == 0 {
			size += len(text)
		}
	}
	if size > unusedRoom {
		in.note("hidden.text")
	}
}
