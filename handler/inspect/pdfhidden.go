package inspect

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// pdfHidden is state about text in a PDF that nobody sees. Some of it is told only when
// the whole file is known.
type pdfHidden struct {
	Subtype bool `json:"subtype,omitempty"` // the name before is Subtype
	Form    bool `json:"form,omitempty"`    // the object is drawn by others: its scale and ground are theirs
	Image   bool `json:"image,omitempty"`   // the object is a picture
	Remark  bool `json:"remark,omitempty"`  // the object is an annotation for people
	Says    bool `json:"says,omitempty"`    // the object has a text of an annotation

	Images bool `json:"images,omitempty"` // of any object so far, as are those below
	Type3  bool `json:"type3,omitempty"`  // sizes mean nothing by themselves
	Split  bool `json:"split,omitempty"`  // a page has several content streams
	Dark   bool `json:"dark,omitempty"`   // something paints a ground

	Clear pdfPending `json:"clear,omitzero"` // text without paint in forms
	Bare  pdfPending `json:"bare,omitzero"`  // text without paint in pages
	White pdfPending `json:"white,omitzero"` // on nothing, in a stream that draws no other
	Later pdfPending `json:"later,omitzero"` // white text whose ground may be elsewhere
	Tiny  pdfPending `json:"tiny,omitzero"`
	Page  *pdfArea   `json:"page,omitempty"`  // of all pages together, in whole points
	Texts *pdfArea   `json:"texts,omitempty"` // where texts begin, but those in forms
}

// maxContent bounds the bytes of a content stream that are looked at.
const maxContent = 4 << 20

// pdfPending is how many texts there are, and the place of the first stream with any.
type pdfPending struct {
	Count int64 `json:"count"`
	At    int64 `json:"at"`
}

func (p *pdfPending) add(n, at int64) {
	if p.Count == 0 && n > 0 {
		p.At = at
	}
	p.Count += n
}

// object begins the next object.
func (p *pdfHidden) object() {
	p.Subtype, p.Form, p.Image, p.Remark, p.Says = false, false, false, false, false
}

// name takes a name with what follows it.
func (p *pdfHidden) name(in *input, name string, rest []byte, at int64) {
	rest = bytes.TrimLeft(rest, "\x00\t\n\f\r ")
	subtype := p.Subtype
	p.Subtype = name == "Subtype"
	switch name {
	case "Form":
		p.Form = p.Form || subtype
	case "PatternType":
		p.Form = true
	case "Image":
		p.Image = p.Image || subtype
		p.Images = p.Images || subtype
	case "Type3":
		p.Type3 = p.Type3 || subtype
	case "Text", "FreeText", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut", "Caret", "Stamp", "Ink", "Square", "Circle", "Line", "Polygon", "PolyLine":
		p.Remark = p.Remark || subtype
	case "Contents":
		p.Says = p.Says || saysSomething(rest)
		p.Split = p.Split || len(rest) > 0 && rest[0] == '[' && bytes.Count(rest[:max(0, bytes.IndexByte(rest, ']'))], []byte("R")) > 1
	case "OFF":
		// Layers that are not shown (ISO 32000-1, 8.11.4.3).
		if len(rest) > 1 && rest[0] == '[' && digit(firstOf(rest[1:])) {
			in.found.note(Finding{Rule: "hidden.text"}, in.at(Place{Offset: at}))
		}
	case "BaseState":
		if bytes.HasPrefix(rest, []byte("/OFF")) { // others may be listed as shown
			in.found.note(Finding{Rule: "hidden.text", Confidence: Doubtful}, in.at(Place{Offset: at}))
		}
	case "MediaBox":
		p.page(rest)
	}
	if p.Remark && p.Says {
		p.Remark, p.Says = false, false
		in.found.note(Finding{Rule: "hidden.comment"}, in.at(Place{Offset: at}))
	}
}

// firstOf returns the first character that is no white space, 0 without any.
func firstOf(b []byte) byte {
	if b = bytes.TrimLeft(b, "\x00\t\n\f\r "); len(b) > 0 {
		return b[0]
	}
	return 0
}

// saysSomething reports whether a string begins that is not empty.
func saysSomething(b []byte) bool {
	if len(b) < 2 || b[0] != '(' && (b[0] != '<' || b[1] == '<') {
		return false
	}
	first := firstOf(bytes.TrimPrefix(b[1:], []byte("\xfe\xff"))) // a text of UTF-16 may be empty as well
	return first != 0 && first != ')' && first != '>' && !bytes.HasPrefix(b, []byte("<FEFF>"))
}

func (p *pdfHidden) page(b []byte) {
	end := bytes.IndexByte(b, ']')
	if end < 0 || b[0] != '[' {
		return
	}
	var v [4]float64
	words := strings.Fields(string(b[1:end]))
	if len(words) != len(v) {
		return
	}
	for i, w := range words {
		f, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return
		}
		v[i] = f
	}
	p.Page = widened(p.Page, pdfArea{min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])})
}

// widened returns an area that takes in another one, in whole points.
func widened(a *pdfArea, b pdfArea) *pdfArea {
	if a == nil {
		a = &noArea
	}
	w := a.with(math.Floor(b.Left), math.Floor(b.Low)).with(math.Ceil(b.Right), math.Ceil(b.High))
	if w.empty() {
		return nil
	}
	return &w
}

// stream looks for hidden text in a stream that may be one of content. Of one that is cut, it sees the beginning; where that
// shows text, the rest may as well.
func (p *pdfHidden) stream(in *input, data []byte, at int64, cut bool) {
	b, whole := contentOf(in, data)
	c := newPDFContent()
	c.read(b)
	if !whole && !p.Image || cut && c.Shown {
		in.found.note(Finding{Rule: "uncheckable.nested", Confidence: Doubtful}, in.at(Place{Offset: at}))
	}
	p.Dark = p.Dark || c.Dark
	note := func(n int64, sure Confidence) {
		if n > 0 {
			in.found.note(Finding{Rule: "hidden.text", Count: n, Confidence: sure}, in.at(Place{Offset: at}))
		}
	}
	note(c.Over+c.Clips, Doubtful)
	if p.Form {
		p.Clear.add(c.Clear, at)
		p.Later.add(c.White+c.Later, at)
		note(c.Tiny, Doubtful)
		return
	}
	p.Bare.add(c.Clear, at)
	p.White.add(c.White, at)
	p.Later.add(c.Later, at)
	p.Tiny.add(c.Tiny, at)
	if !c.Texts.empty() {
		p.Texts = widened(p.Texts, c.Texts)
	}
}

// end tells of what was to be told with the whole file known.
func (p *pdfHidden) end(in *input) {
	tell := func(of pdfPending, doubt bool) {
		if of.Count == 0 {
			return
		}
		f := Finding{Rule: "hidden.text", Count: of.Count}
		if doubt {
			f.Confidence = Doubtful
		}
		in.found.note(f, in.at(Place{Offset: of.At}))
	}
	tell(p.Clear, p.Images) // a scan's text is often a form below the picture
	tell(p.Bare, p.Images && p.Split)
	tell(p.White, p.Dark && p.Split)
	tell(p.Later, p.Dark)
	tell(p.Tiny, p.Type3 || p.Split)
	const beside = 20                               // points; marks for the printer begin nearer
	if p.Page == nil || p.Texts == nil || p.Split { // what is before in the page may move the texts
		return
	}
	if p.Texts.Left < p.Page.Left-beside || p.Texts.Low < p.Page.Low-beside || p.Texts.Right > p.Page.Right+beside || p.Texts.High > p.Page.High+beside {
		in.found.note(Finding{Rule: "hidden.text"}, in.at(Place{}))
	}
}

// contentOf returns the beginning of what a stream holds, and whether it is all. Flate, ASCII85 and hexadecimal
// digits are known by how they look.
func contentOf(in *input, data []byte) (content []byte, whole bool) {
	if end := bytes.LastIndex(data, []byte("~>")); end >= 0 && len(bytes.TrimRight(data[end+2:], "\r\n ")) == 0 {
		out := make([]byte, 4*end+4) // z stands for four bytes
		n, _, err := ascii85.Decode(out, bytes.TrimPrefix(data[:end], []byte("<~")), true)
		if err == nil {
			data = out[:n]
		}
	}
	if end := bytes.IndexByte(data, '>'); end > 0 && len(bytes.Trim(data[:end], "0123456789abcdefABCDEF\r\n\t\f\x00 ")) == 0 {
		data = pdfHex(data[:end])
	}
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return data, true
	}
	// Operators are packed to a tenth. The bound keeps the work in proportion to the file.
	limit := min(4<<10+100*len(data), maxContent)
	content, err = io.ReadAll(io.LimitReader(&budgeted{r: z, in: in, compressed: func() int64 { return int64(len(data)) }}, int64(limit)))
	if errors.Is(err, errBudget) {
		in.note("uncheckable.size")
	}
	return content, len(content) < limit // damaged parts are left out, as readers do
}

// pdfHex reads hexadecimal digits with white space between them. A last digit alone has a 0 behind it (ISO 32000-1, 7.4.2).
func pdfHex(b []byte) []byte {
	out := make([]byte, 0, len(b)/2+1)
	half := false
	for _, c := range b {
		switch {
		case !hexByte(c):
		case half:
			out[len(out)-1] |= hexValue(c)
			half = false
		default:
			out = append(out, hexValue(c)<<4)
			half = true
		}
	}
	return out
}
