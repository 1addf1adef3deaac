package inspect

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strings"
)

func init() {
	scanners["pdf"] = func() scanner { return &sequential[*pdfFeed]{To: &pdfFeed{}} }
}

// pdfNames are the names of a PDF (ISO 32000) that say what it does, with the rule
// and whether the name alone is enough.
var pdfNames = map[string]Finding{
	"JavaScript": {Rule: "active.pdf"}, "JS": {Rule: "active.pdf"}, "Launch": {Rule: "active.pdf"}, "RichMedia": {Rule: "active.pdf"}, "XFA": {Rule: "active.pdf"},
	"SubmitForm": {Rule: "active.pdf"}, "ImportData": {Rule: "active.pdf"}, "GoToE": {Rule: "active.pdf"},
	"OpenAction": {Rule: "active.pdf", Confidence: Doubtful}, "AA": {Rule: "active.pdf", Confidence: Doubtful}, // LaTeX says on which page to open
	"EmbeddedFile": {Rule: "hidden.pdf_attachment"}, "FileAttachment": {Rule: "hidden.pdf_attachment"}, "EmbeddedFiles": {Rule: "hidden.pdf_attachment", Confidence: Doubtful},
	"Encrypt": {Rule: "uncheckable.encrypted"},
}

// pdfFeed looks at the names in a PDF, those in streams of objects included.
type pdfFeed struct {
	Stream  bool  `json:"stream,omitempty"`  // in a stream that is too long to be held
	Objects bool  `json:"objects,omitempty"` // the object read is a stream of objects
	Ends    int64 `json:"ends,omitempty"`    // end marks of the file
	Linear  bool  `json:"linear,omitempty"`  // written for the web: one end mark more
	Behind  int64 `json:"behind,omitempty"`  // bytes behind the last end mark that are no white space
	End     int64 `json:"end,omitempty"`     // its place

	Hidden pdfHidden `json:"hidden"`
}

// maxObjects bounds the bytes of a stream of objects.
const maxObjects = 16 << 20

func (p *pdfFeed) feed(in *input, b []byte, at int64, last bool) int {
	i := 0
	for i < len(b) {
		n := p.next(in, b[i:], at+int64(i), last)
		if n == 0 {
			break
		}
		i += n
	}
	if !last {
		return i
	}
	p.Hidden.end(in)
	usual := int64(1)
	if p.Linear {
		usual = 2
	}
	if p.Ends > usual {
		in.found.note(Finding{Rule: "hidden.pdf_revision", Count: p.Ends - usual}, in.at(Place{Offset: p.End}))
	}
	if p.Ends > 0 && p.Behind > 16 {
		in.noteAt("hidden.trailing", p.End, p.Behind)
	}
	if p.Ends == 0 {
		in.note("uncheckable.corrupt")
	}
	return len(b)
}

// next takes the next token, and returns 0 where more bytes are needed.
func (p *pdfFeed) next(in *input, b []byte, at int64, last bool) int {
	if p.Stream {
		i := bytes.Index(b, []byte("endstream"))
		if i < 0 {
			if last {
				return len(b)
			}
			return max(0, len(b)-len("endstream"))
		}
		p.Stream = false
		return i + len("endstream")
	}
	// Everything of interest begins with a slash, a percent sign, "stream", or "obj".
	i := bytes.IndexAny(b, "/%so")
	if i != 0 {
		if i < 0 {
			i = len(b)
		}
		p.behind(b[:i])
		return i
	}
	if len(b) < 128 && !last {
		return 0
	}
	switch {
	case b[0] == '/':
		name, n := pdfName(b)
		p.name(in, name, at, n)
		p.Hidden.name(in, name, b[n:max(n, min(len(b), 128))], at)
		p.behind(b[:n])
		return n
	case bytes.HasPrefix(b, []byte("%%EOF")):
		p.Ends++
		p.End, p.Behind = at, 0
		return len("%%EOF")
	case bytes.HasPrefix(b, []byte("stream\n")), bytes.HasPrefix(b, []byte("stream\r")):
		return p.stream(in, b, at, last)
	case bytes.HasPrefix(b, []byte("obj")):
		p.Hidden.object()
	}
	p.behind(b[:1])
	return 1
}

func (p *pdfFeed) behind(b []byte) {
	if p.Ends == 0 {
		return
	}
	for _, c := range b {
		if strings.IndexByte("\x00\t\n\f\r ", c) < 0 { // white space of ISO 32000, 7.2.3
			p.Behind++
		}
	}
}

// pdfName reads a name, with its characters that are written as numbers.
func pdfName(b []byte) (name string, n int) {
	var out strings.Builder
	n = 1
	for n < len(b) && n < 100 && b[n] > ' ' && strings.IndexByte("/[]<>(){}%", b[n]) < 0 {
		c := b[n]
		if c == '#' && n+2 < len(b) && hexByte(b[n+1]) && hexByte(b[n+2]) {
			c = hexValue(b[n+1])<<4 | hexValue(b[n+2])
			n += 2
		}
		out.WriteByte(c)
		n++
	}
	return out.String(), n
}

func hexValue(c byte) byte {
	switch {
	case digit(c):
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

func (p *pdfFeed) name(in *input, name string, at int64, n int) {
	switch name {
	case "Linearized":
		p.Linear = true
	case "ObjStm":
		p.Objects = true
	}
	if f, ok := pdfNames[name]; ok {
		in.found.note(f, in.at(Place{Offset: at, Length: int64(n)}))
	}
}

// stream takes a stream. One of objects is looked into; it is small in practice. Of another that is long, the beginning is.
func (p *pdfFeed) stream(in *input, b []byte, at int64, last bool) int {
	window := b[:min(len(b), wholeBytes)]
	end := bytes.Index(window, []byte("endstream"))
	if end < 0 && len(window) < wholeBytes && !last {
		return 0
	}
	if !p.Objects {
		p.Stream = end < 0
		if p.Stream {
			end = len(window)
		}
		p.Hidden.stream(in, bytes.TrimLeft(window[len("stream"):end], "\r\n"), at, p.Stream)
		if p.Stream {
			return len("stream")
		}
		return end + len("endstream")
	}
	p.Objects = false
	if end < 0 {
		in.found.note(Finding{Rule: "uncheckable.nested", Confidence: Doubtful}, in.at(Place{Offset: at}))
		p.Stream = true
		return len("stream")
	}
	data := bytes.TrimLeft(b[len("stream"):end], "\r\n")
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		p.objects(in, data, at) // not compressed, or by another method
		return end + len("endstream")
	}
	inflated := &budgeted{r: io.LimitReader(z, maxObjects), in: in, compressed: func() int64 { return int64(len(data)) }}
	buffer := make([]byte, 64<<10)
	held := 0
	for {
		n, err := io.ReadFull(inflated, buffer[held:])
		n += held
		p.objects(in, buffer[:n], at)
		if errors.Is(err, errBomb) {
			in.noteAt("archive.bomb", at, 0)
		}
		if err != nil {
			break // damaged parts are left out, as readers do
		}
		held = copy(buffer, buffer[n-100:n]) // a name may be cut
	}
	return end + len("endstream")
}

// objects looks for names in a piece of a stream of objects.
func (p *pdfFeed) objects(in *input, b []byte, at int64) {
	for {
		i := bytes.IndexByte(b, '/')
		if i < 0 {
			return
		}
		name, n := pdfName(b[i:])
		if name != "ObjStm" {
			p.name(in, name, at, 0)
			p.Hidden.name(in, name, b[i+n:max(i+n, min(len(b), i+128))], at)
		}
		b = b[i+n:]
	}
}
