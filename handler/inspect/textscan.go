package inspect

import "bytes"

func init() {
	for _, kind := range []string{"csv", "tsv", "text", "code", "xml", "rtf"} {
		scanners[kind] = func() scanner { return &sequential[*textFeed]{To: &textFeed{}} }
	}
}

// textFeed looks at a text line by line.
type textFeed struct {
	Line int64 `json:"line"` // lines before
	// Rest is set while a line goes on that was too long to be taken at once.
	Rest bool `json:"rest,omitempty"`
}

func (t *textFeed) feed(in *input, b []byte, at int64, last bool) int {
	used := 0
	for used < len(b) {
		n, whole := lineEnd(b[used:], last)
		if n == 0 {
			break
		}
		t.line(in, b[used:used+n], at+int64(used))
		used += n
		t.Rest = !whole
		if whole {
			t.Line++
		}
	}
	return used
}

// line looks at one line, or at a piece of a long one.
func (t *textFeed) line(*input, []byte, int64) {}

// lineEnd is how many bytes of b are its first line with its end, and whether the
// line is whole. A line longer than pieceBytes is cut behind something that ends a
// word. It returns 0 where more bytes are needed to tell.
func lineEnd(b []byte, last bool) (n int, whole bool) {
	window := b[:min(len(b), pieceBytes)]
	if i := bytes.IndexByte(window, '\n'); i >= 0 {
		return i + 1, true
	}
	switch {
	case len(window) == pieceBytes:
		if i := bytes.LastIndexAny(window, " ,;\t\"'<>&"); i > pieceBytes/2 {
			return i + 1, false
		}
		return pieceBytes, false
	case last:
		return len(b), true
	}
	return 0, false
}
