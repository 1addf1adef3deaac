package inspect

import (
	"io"
	"strconv"
	"strings"
)

// hiddenStyles reads which cell formats of a workbook show nothing of a cell: white on
// no fill, or a number format of empty sections (ECMA-376 part 1, 18.8).
func hiddenStyles(in *input, r io.Reader) (map[int]bool, error) {
	f := &stylesFeed{formats: map[string]bool{}, hidden: map[int]bool{}}
	return f.hidden, in.streamQuietly(f, r)
}

// maxStyles bounds the fonts, fills and formats of a workbook; Excel takes 65,490.
const maxStyles = 65_536

type stylesFeed struct {
	scan    tagScan
	list    string          // the list that is open
	formats map[string]bool // ids of number formats that show nothing
	white   []bool          // by font
	filled  []bool          // by fill
	xf      int
	hidden  map[int]bool
}

func (s *stylesFeed) feed(_ *input, b []byte, at int64, last bool) int {
	return s.scan.feed(b, at, last, func(t tagToken) {
		switch {
		case t.kind == 'o':
			s.opened(t)
		case t.kind == 'c' && t.name == s.list:
			s.list = ""
		}
	})
}

func (s *stylesFeed) opened(t tagToken) {
	switch t.name {
	case "fonts", "fills", "cellxfs", "numfmts":
		s.list = t.name
		return
	}
	is := func(list, name string) bool { return s.list == list && t.name == name }
	switch {
	case is("numfmts", "numfmt"):
		code, _ := t.attr("formatcode")
		id, _ := t.attr("numfmtid")
		if len(s.formats) < maxStyles && strings.Contains(code, ";;") && strings.Trim(unescapeTags(code), "; ") == "" {
			s.formats[id] = true
		}
	case is("fonts", "font") && len(s.white) < maxStyles:
		s.white = append(s.white, false)
	case is("fonts", "color") && len(s.white) > 0:
		s.white[len(s.white)-1] = whiteColor(t)
	case is("fills", "fill") && len(s.filled) < maxStyles:
		s.filled = append(s.filled, false)
	case is("fills", "patternfill") && len(s.filled) > 0:
		pattern, _ := t.attr("patterntype")
		s.filled[len(s.filled)-1] = pattern != "" && pattern != "none"
	case is("fills", "gradientfill") && len(s.filled) > 0:
		s.filled[len(s.filled)-1] = true
	case is("fills", "fgcolor") && len(s.filled) > 0 && whiteColor(t):
		s.filled[len(s.filled)-1] = false
	case is("cellxfs", "xf"):
		number := func(name string) int {
			text, _ := t.attr(name)
			n, err := strconv.Atoi(text)
			if err != nil {
				return -1
			}
			return n
		}
		format, _ := t.attr("numfmtid")
		font, fill := number("fontid"), number("fillid")
		white := font >= 0 && font < len(s.white) && s.white[font] && (fill < 0 || fill >= len(s.filled) || !s.filled[fill])
		if (white || s.formats[format]) && s.xf < maxStyles {
			s.hidden[s.xf] = true
		}
		s.xf++
	}
}

// whiteColor reports whether a colour is white: by its value, or the first of the
// theme, which is the background's, unless it is shaded.
func whiteColor(t tagToken) bool {
	rgb, _ := t.attr("rgb")
	theme, _ := t.attr("theme")
	tint, tinted := t.attr("tint")
	return strings.HasSuffix(strings.ToUpper(rgb), "FFFFFF") && len(rgb) <= 8 || theme == "0" && (!tinted || strings.HasPrefix(tint, "0.0") || tint == "0")
}
