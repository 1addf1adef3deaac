package inspect

import (
	"bytes"
	"strings"
)

func init() {
	scanners["html"] = func() scanner { return &sequential[*htmlFeed]{To: &htmlFeed{Scan: tagScan{HTML: true}}} }
}

// Bounds above which a page holds data, and not only its own code.
const (
	manyNumbers   = 1000
	manyBytes     = 64 << 10
	manyTableRows = 1000
	fewNumbers    = 20 // in hidden parts
)

// htmlFeed looks at a page: its scripts, its hidden parts, and its texts.
type htmlFeed struct {
	Begun   bool         `json:"begun,omitempty"`
	Scan    tagScan      `json:"scan"`
	Line    int64        `json:"line"`
	Anchors anchors      `json:"anchors"`
	Script  bool         `json:"script,omitempty"` // in a script
	Numbers int64        `json:"numbers,omitempty"`
	Data    int64        `json:"data,omitempty"` // bytes of data in scripts and attributes
	Packed  packedArrays `json:"packed"`
	// Hidden is the name of the element that is not shown, Depth how many of that
	// name are open in it. Only a few names count.
	Hidden  string `json:"hidden,omitempty"`
	Depth   int    `json:"depth,omitempty"`
	Secret  int64  `json:"secret,omitempty"`  // numbers in hidden parts
	Comment int64  `json:"comment,omitempty"` // numbers in comments
	Rows    int64  `json:"rows,omitempty"`
	Typed   bool   `json:"typed,omitempty"`   // the script is data by its type
	Picture bool   `json:"picture,omitempty"` // in a tag with one
	First   Place  `json:"first"`
}

func (h *htmlFeed) feed(in *input, b []byte, at int64, last bool) int {
	if !h.Begun {
		if len(b) < wholeBytes && !last {
			return 0
		}
		h.Begun = true
		if last && len(b) < wholeBytes {
			for _, rows := range tagTables(b, htmlTable) {
				if g := newGrid(rows, in.limits.Columns); g != nil {
					g.conclude(func(f Finding, p Place) { in.found.note(f, in.at(p)) })
				}
			}
		}
	}
	counted := 0
	n := h.Scan.feed(b, at, last, func(t *tagToken) {
		from := int(t.at - at)
		h.Line += lines(b[counted:from])
		counted = from
		h.token(in, t)
	})
	h.Line += lines(b[counted:n])
	if last {
		h.end(in)
	}
	return n
}

func (h *htmlFeed) token(in *input, t *tagToken) {
	place := func(from, to int) Place {
		return Place{Line: h.Line + 1, Offset: t.at + int64(from), Length: int64(to - from)}
	}
	found := func(rule string) { in.found.note(Finding{Rule: rule}, in.at(place(0, len(t.attrs)))) }
	switch t.kind {
	case 'o':
		h.opened(t, found)
		h.Anchors.secrets(in, t.attrs, place)
	case 'c':
		if t.name == "script" {
			h.Script, h.Typed, h.Packed = false, false, packedArrays{}
		}
		if h.Hidden != "" && t.name == h.Hidden {
			if h.Depth--; h.Depth == 0 {
				h.Hidden = ""
			}
		}
	case 'a':
		if !h.Picture {
			h.Data += int64(len(t.text))
		}
	case 'x':
		h.Comment += numbersIn(t.text)
		h.Anchors.secrets(in, t.text, place)
		h.Anchors.personal(in, t.text, place)
	case 't':
		h.text(in, t, place)
	}
	if h.First.Line == 0 && (h.Numbers > manyNumbers || h.Data > manyBytes) {
		h.First = place(0, 1)
	}
}

// shownElements are normally shown: one of them that is not shown hides something.
var shownElements = map[string]bool{"div": true, "span": true, "p": true, "table": true, "tr": true, "td": true, "section": true, "pre": true, "template": true, "details": true, "textarea": true}

func (h *htmlFeed) opened(t *tagToken, found func(string)) {
	switch t.name {
	case "script":
		h.Script = true
		kind, _ := t.attr("type")
		h.Typed = strings.Contains(kind, "json") || strings.Contains(kind, "csv") || strings.Contains(kind, "htmlwidget")
		if !h.Typed {
			found("active.html")
		}
	case "tr":
		h.Rows++
	case "iframe", "object", "embed", "applet":
		found("active.html")
	}
	h.Picture = bytes.Contains(t.attrs, []byte("data:image/"))
	hides := t.name == "template"
	for name, value := range t.attributes {
		switch {
		case name == "hidden", name == "style" && hiding(string(value)), name == "type" && string(value) == "hidden":
			hides = true
		case embedsData(value):
			found("hidden.embedded")
		case strings.HasPrefix(name, "on") && len(name) > 4:
			found("active.html")
		case strings.HasPrefix(name, "data-") && len(value) > 1024:
			h.Data += int64(len(value))
			h.Numbers += numbersIn(value)
		}
	}
	switch {
	case h.Hidden == "" && hides && shownElements[t.name]:
		h.Hidden, h.Depth = t.name, 1
	case h.Hidden != "" && t.name == h.Hidden:
		h.Depth++
	}
}

// hiding reports whether a style hides an element's text.
func hiding(style string) bool {
	for declaration := range strings.SplitSeq(style, ";") {
		if property, value, ok := strings.Cut(declaration, ":"); ok && hides(strings.ToLower(strings.TrimSpace(property)), value) {
			return true
		}
	}
	return false
}

// embedsData reports whether a value is a file given in place that is neither a
// picture nor a part of the page's looks.
func embedsData(value []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(value, " "), []byte("data:"))
	if !ok {
		return false
	}
	for _, usual := range []string{"image/", "font/", "text/css", "application/font", "application/x-font", "application/vnd.ms-fontobject", "text/javascript", "application/javascript", "application/x-javascript"} {
		if bytes.HasPrefix(rest, []byte(usual)) {
			return false
		}
	}
	return len(rest) > 20
}

func (h *htmlFeed) text(in *input, t *tagToken, place func(int, int) Place) {
	h.Anchors.secrets(in, t.text, place)
	switch {
	case h.Script:
		h.Numbers += h.Packed.numbers(t.text)
		n := numbersIn(t.text)
		if h.Typed {
			h.Data += int64(len(t.text))
			h.Numbers += n
		} else if n*12 > int64(len(t.text)) || bytes.Contains(t.text, []byte("newPlot(")) || bytes.Contains(t.text, []byte("vegaEmbed(")) {
			h.Numbers += n // programs have few numbers
		}
	default:
		h.Anchors.personal(in, t.text, place)
		if h.Hidden != "" {
			h.Secret += numbersIn(t.text)
		}
	}
}

// numbersIn counts the numbers in a text.
func numbersIn(b []byte) int64 {
	n, inside := int64(0), false
	for i, c := range b {
		switch {
		case digit(c):
			if !inside && (i == 0 || !wordByte(b[i-1])) {
				n++
			}
			inside = true
		case c == '.' && inside:
		default:
			inside = false
		}
	}
	return n
}

func (h *htmlFeed) end(in *input) {
	h.Anchors.end(in)
	note := func(rule string, ok bool) {
		if ok {
			in.found.note(Finding{Rule: rule}, in.at(h.First))
		}
	}
	note("hidden.html_data", h.Numbers > manyNumbers || h.Data > manyBytes)
	note("hidden.text", h.Secret >= fewNumbers)
	note("hidden.comment", h.Comment >= fewNumbers)
	note("sdc.row_level", h.Rows >= manyTableRows)
}
