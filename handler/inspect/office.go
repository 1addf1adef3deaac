package inspect

import (
	"io"
	"path"
	"strconv"
	"strings"
)

type officePart struct {
	kind, prefix, suffix string
	rule                 string
}

// officeKinds are the documents that are kept as zips.
var officeKinds = map[string]bool{"xlsx": true, "docx": true, "pptx": true, "odf": true}

// officePart is what is known of a part of an Office document by its name.
func (z *zipScanner) officePart(e zipEntry) (officePart, bool) {
	name := strings.ToLower(e.name)
	for _, p := range officeParts {
		if officeKinds[z.Kind] && (p.kind == "" || p.kind == z.Kind) && strings.HasPrefix(name, p.prefix) && strings.HasSuffix(name, p.suffix) {
			return p, true
		}
	}
	return officePart{}, false
}

// officeParts says what a part of an Office document is by its name alone, in
// lower case, first match first.
var officeParts = []officePart{
	{"", "", "vbaproject.bin", "active.macro"},
	{"xlsx", "xl/macrosheets/", "", "active.macro"},
	{"xlsx", "xl/worksheets/", ".bin", "uncheckable.type"}, // xlsb
	{"xlsx", "xl/externallinks/externallink", ".xml", "hidden.external_link"},
	{"xlsx", "xl/connections", "", "hidden.external_link"},
	{"xlsx", "xl/model/", "", "hidden.dataset"},
	{"xlsx", "xl/embeddings/", "", "hidden.embedded"},
	{"docx", "word/embeddings/", "", "hidden.embedded"},
	{"docx", "word/afchunk", "", "hidden.embedded"},
	{"pptx", "ppt/embeddings/", "", "hidden.embedded"},
	{"", "", "activex1.bin", "active.macro"},
	{"odf", "basic/", ".xml", "active.macro"},
	{"odf", "scripts/", "", "active.macro"},
	{"odf", "object ", "content.xml", "hidden.embedded"},
}

// officeFeed returns the feed for a part of an Office document, nil for a part
// that nobody looks into as one.
func officeFeed(kind, name string, book bookParts) feeder {
	base := path.Base(name)
	if to := valuesFeed(kind, name); to != nil {
		return to
	}
	switch {
	case strings.Contains(name, "printersettings"), kind == "xlsx" && strings.HasPrefix(name, "xl/") && strings.HasSuffix(name, ".bin") && !strings.HasPrefix(name, "xl/embeddings/"):
		return &skipped{} // a printer's; those of binary workbooks are noted with their sheets
	case !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels"):
		return nil
	case strings.HasSuffix(name, ".rels"):
		return &partFeed{to: relations}
	case strings.Contains(base, "comment"):
		return &partFeed{to: comments}
	case kind == "odf" && base == "content.xml":
		return &partFeed{to: openDocument, tables: &tableReader{names: tagTable{table: "table", row: "table-row", cell: "table-cell"}}}
	case kind == "xlsx" && name == "xl/workbook.xml":
		return &partFeed{to: workbook}
	case kind == "xlsx" && strings.HasPrefix(name, "xl/worksheets/"):
		return &sheetFeed{book: book, part: ordinalIn(base)}
	case kind == "xlsx" && strings.HasPrefix(name, "xl/pivotcache/pivotcacherecords"):
		return &partFeed{to: pivotRecords}
	case kind == "xlsx" && strings.HasPrefix(name, "xl/externallinks/"):
		return &partFeed{to: externalLink}
	case kind == "docx" && strings.HasPrefix(name, "word/") && !looksAlone[base]:
		text := &wordText{unseen: book.unseen}
		return &partFeed{to: text.token, Text: text, tables: &tableReader{names: wordTable}}
	case kind == "pptx" && strings.HasPrefix(name, "ppt/slides/slide"):
		return &partFeed{to: slide, Part: ordinalIn(base), tables: &tableReader{names: tagTable{table: "tbl", row: "tr", cell: "tc"}}}
	case kind == "pptx" && strings.HasPrefix(name, "ppt/notesslides/"):
		return &partFeed{to: notes, Part: ordinalIn(base)}
	}
	return &partFeed{to: func(*partFeed, *input, *tagToken) {}}
}

// ordinalIn is the number in "sheet12.xml", 0 without one.
func ordinalIn(base string) int {
	n := 0
	for _, c := range []byte(base) {
		if digit(c) && n < 100_000 {
			n = n*10 + int(c-'0')
		}
	}
	return n
}

// partFeed looks at an XML part of a document, tag by tag. It is state once it is settled.
type partFeed struct {
	Scan   tagScan   `json:"scan"`
	Part   int       `json:"part,omitempty"`
	Ord    int       `json:"ord,omitempty"` // of the thing that a rule counts
	Inside string    `json:"inside,omitempty"`
	Size   int       `json:"size,omitempty"` // characters of text inside
	Text   *wordText `json:"text,omitempty"`
	// Left and Top are where the shape begins on its slide.
	Left  int64   `json:"left,omitempty"`
	Top   int64   `json:"top,omitempty"`
	Words anchors `json:"words"`
	// Told is set once the tables are looked at: those behind are not.
	Told   bool `json:"told,omitempty"`
	to     func(*partFeed, *input, *tagToken)
	tables *tableReader
}

func (p *partFeed) feed(in *input, b []byte, at int64, last bool) int {
	if p.Told {
		p.tables = nil
	}
	n := p.Scan.feed(b, at, last, func(t *tagToken) {
		p.to(p, in, t)
		if p.tables != nil {
			p.tables.token(t)
			if t.at >= heldBytes {
				p.tell(in)
			}
		}
		if t.kind == 't' {
			place := func(int, int) Place { return Place{Part: p.Part} }
			p.Words.secrets(in, t.text, place)
			p.Words.personal(in, t.text, place)
		}
	})
	if last {
		p.Words.end(in)
		p.tell(in)
	}
	return n
}

// heldBytes is how far into a part its tables are held as they are. A part is not left before it is read so far, or to its end.
// It is a variable for tests.
var heldBytes int64 = 32 << 20

func (p *partFeed) settled() bool { return p.tables == nil }

// tell says what there is to say of the tables.
func (p *partFeed) tell(in *input) {
	if p.tables == nil {
		return
	}
	for _, rows := range p.tables.tables {
		if g := newGrid(rows, in.limits.Columns); g != nil {
			g.conclude(func(f Finding, at Place) {
				at.Part = p.Part
				in.found.note(f, in.at(at))
			})
		}
	}
	p.tables, p.Told = nil, true
}

func (p *partFeed) found(in *input, rule string) {
	in.found.note(Finding{Rule: rule}, in.at(Place{Part: p.Part}))
}

// relations looks at the links of a part: a template, an object or a frame that
// comes from elsewhere is run when the document is opened.
func relations(p *partFeed, in *input, t *tagToken) {
	mode, _ := t.attr("targetmode")
	if t.kind != 'o' || !strings.EqualFold(mode, "external") {
		return
	}
	kind, _ := t.attr("type")
	switch path.Base(strings.ToLower(kind)) {
	case "attachedtemplate", "oleobject", "frame", "subdocument", "package":
		p.found(in, "active.macro")
	case "externallinkpath", "image", "video", "audio":
		p.found(in, "hidden.external_link")
	}
}

func comments(p *partFeed, in *input, t *tagToken) {
	if t.kind == 'o' && (t.name == "comment" || t.name == "threadedcomment" || t.name == "cm") {
		p.found(in, "hidden.comment")
	}
}

func workbook(p *partFeed, in *input, t *tagToken) {
	definedName(p, in, t)
	if t.kind != 'o' {
		return
	}
	switch t.name {
	case "sheet":
		p.Part++
		if state, _ := t.attr("state"); state == "hidden" || state == "veryHidden" {
			p.found(in, "hidden.sheet")
		}
	case "definedname":
		name, _ := t.attr("name")
		if hidden, _ := t.attr("hidden"); (hidden == "1" || hidden == "true") && !strings.HasPrefix(name, "_xlnm.") && !strings.HasPrefix(name, "_xl") {
			in.found.note(Finding{Rule: "hidden.sheet", Confidence: Doubtful}, in.at(Place{}))
		}
	}
}

func pivotRecords(p *partFeed, in *input, t *tagToken) {
	if t.kind == 'o' && t.name == "r" {
		if p.Ord++; p.Ord == 1 {
			p.found(in, "hidden.pivot_cache")
		}
	}
}

func externalLink(p *partFeed, in *input, t *tagToken) {
	if t.kind == 'o' && (t.name == "ddelink" || t.name == "olelink") {
		p.found(in, "active.macro")
	}
}

// slide looks at a slide: whether it is shown, and the shapes on it that are not.
func slide(p *partFeed, in *input, t *tagToken) {
	switch {
	case t.kind == 't' && p.Inside == "hidden" && len(strings.TrimSpace(string(t.text))) > 0:
		p.found(in, "hidden.text")
		p.Inside = ""
	case t.kind == 'c' && (t.name == "sp" || t.name == "graphicframe"):
		p.Inside = ""
	case t.kind != 'o':
	case t.name == "sld":
		if show, ok := t.attr("show"); ok && (show == "0" || show == "false") {
			p.found(in, "hidden.text")
		}
	case t.name == "cnvpr":
		if hidden, _ := t.attr("hidden"); hidden == "1" || hidden == "true" {
			p.Inside = "hidden"
		}
	case t.name == "grpsp":
		p.Ord++ // places in a group are the group's own
	case t.name == "off" && p.Ord == 0:
		p.Left, p.Top = emu(t, "x"), emu(t, "y")
	case t.name == "ext" && p.Ord == 0 && (p.Left < 0 || p.Top < 0):
		if width := emu(t, "cx"); width > 0 && (p.Left+width <= 0 || p.Top+emu(t, "cy") <= 0) {
			p.Inside = "hidden" // beside the slide
		}
	}
	if t.kind == 'c' && t.name == "grpsp" {
		p.Ord--
	}
}

// emu is a length of DrawingML, 0 without one.
func emu(t *tagToken, name string) int64 {
	text, _ := t.attr(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// notes looks at a speaker's notes; a slide's number is none.
func notes(p *partFeed, in *input, t *tagToken) {
	switch {
	case t.kind == 'o' && t.name == "fld":
		p.Inside = t.name
	case t.kind == 'c' && t.name == "fld":
		p.Inside = ""
	case t.kind == 't' && p.Inside == "":
		if p.Size += len(strings.TrimSpace(string(t.text))); p.Size > 3 && p.Ord == 0 {
			p.Ord = 1
			p.found(in, "hidden.comment")
		}
	}
}

// openDocument looks at the content of a document of OpenDocument 1.3.
func openDocument(p *partFeed, in *input, t *tagToken) {
	if t.kind != 'o' {
		return
	}
	switch t.name {
	case "table-properties":
		if shown, _ := t.attr("display"); shown == "false" {
			p.found(in, "hidden.sheet")
		}
	case "table-row", "table-column":
		if v, _ := t.attr("visibility"); v == "collapse" || v == "filter" {
			p.found(in, "hidden.sheet")
		}
	case "annotation":
		p.found(in, "hidden.comment")
	case "changed-region", "cell-content-change", "insertion", "deletion":
		p.found(in, "hidden.tracked_change")
	case "text-properties":
		if v, _ := t.attr("display"); v == "none" {
			p.found(in, "hidden.text")
		}
	case "dde-source":
		p.found(in, "active.macro")
	}
}

// maxShared bounds the texts of a workbook that its cells share.
const maxShared = 8 << 20

// sharedStrings reads the texts that the cells of a workbook share. Texts beyond the
// bound are left out: cells with them count as texts all the same.
func sharedStrings(in *input, r io.Reader) ([]string, error) {
	f := &stringsFeed{}
	return f.out, in.streamQuietly(f, r)
}

// streamQuietly reads a part that is read once more when it is its turn: what is wrong
// with it is a finding then.
func (in *input) streamQuietly(f feeder, r io.Reader) error {
	quiet := *in
	quiet.found = &collector{}
	return quiet.stream(f, r)
}

type stringsFeed struct {
	scan tagScan
	out  []string
	text []byte
	held int
	in   bool
}

func (s *stringsFeed) feed(_ *input, b []byte, at int64, last bool) int {
	return s.scan.feed(b, at, last, func(t *tagToken) {
		switch {
		case t.kind == 'o' && t.name == "si":
			s.in = true
		case t.kind == 't' && s.in && len(s.text) < 256:
			s.text = append(s.text, t.text[:min(len(t.text), 256)]...)
		case t.kind == 'c' && t.name == "si":
			text := ""
			if s.held += len(s.text) + 16; s.held <= maxShared {
				text = unescapeTags(string(s.text))
			}
			if len(s.out) < maxShared/16 {
				s.out = append(s.out, text)
			}
			s.text, s.in = s.text[:0], false
		}
	})
}
