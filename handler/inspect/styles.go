package inspect

import (
	"io"
	"maps"
	"strconv"
	"strings"
)

// cellStyles reads which cell formats of a workbook show nothing of a cell, as white on
// no fill or a number format of empty sections does (ECMA-376 part 1, 18.8), and which show a number as a day.
func cellStyles(in *input, r io.Reader) (hidden, days map[int]bool, err error) {
	f := &stylesFeed{formats: map[string]bool{}, hidden: map[int]bool{}, dayFormats: maps.Clone(dayFormats), days: map[int]bool{}}
	return f.hidden, f.days, in.streamQuietly(f, r)
}

// maxStyles bounds the fonts, fills and formats of a workbook; Excel takes 65,490.
const maxStyles = 65_536

// fontLook is what of a font may hide a text: white, one colour with the fill, or too small to be read.
type fontLook struct {
	white, tiny bool
	color       string // as its attribute says, "" for none
}

// fillLook is the colour behind a text.
type fillLook struct {
	filled bool
	color  string
}

type stylesFeed struct {
	scan    tagScan
	list    string          // the list that is open
	formats map[string]bool // ids of number formats that show nothing
	fonts   []fontLook
	fills   []fillLook
	xf      int
	hidden  map[int]bool
	// dayFormats are ids of number formats that show a day.
	dayFormats map[string]bool
	days       map[int]bool
}

func (s *stylesFeed) feed(_ *input, b []byte, at int64, last bool) int {
	return s.scan.feed(b, at, last, func(t *tagToken) {
		switch {
		case t.kind == 'o':
			s.opened(t)
		case t.kind == 'c' && t.name == s.list:
			s.list = ""
		}
	})
}

func (s *stylesFeed) opened(t *tagToken) {
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
		if len(s.dayFormats) < maxStyles && showsDay(unescapeTags(code)) {
			s.dayFormats[id] = true
		}
	case is("fonts", "font") && len(s.fonts) < maxStyles:
		s.fonts = append(s.fonts, fontLook{})
	case is("fonts", "color") && len(s.fonts) > 0:
		s.fonts[len(s.fonts)-1].white, s.fonts[len(s.fonts)-1].color = whiteColor(t), colorOf(t)
	case is("fonts", "sz") && len(s.fonts) > 0:
		s.fonts[len(s.fonts)-1].tiny = tooSmall(t, "val", 2)
	case is("fills", "fill") && len(s.fills) < maxStyles:
		s.fills = append(s.fills, fillLook{})
	case is("fills", "patternfill") && len(s.fills) > 0:
		pattern, _ := t.attr("patterntype")
		s.fills[len(s.fills)-1].filled = pattern != "" && pattern != "none"
	case is("fills", "gradientfill") && len(s.fills) > 0:
		s.fills[len(s.fills)-1].filled = true
	case is("fills", "fgcolor") && len(s.fills) > 0:
		s.fills[len(s.fills)-1].color = colorOf(t)
		if whiteColor(t) {
			s.fills[len(s.fills)-1].filled = false
		}
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
		if (s.unseen(font, fill) || s.formats[format]) && s.xf < maxStyles {
			s.hidden[s.xf] = true
		}
		if s.dayFormats[format] && s.xf < maxStyles {
			s.days[s.xf] = true
		}
		s.xf++
	}
}

// unseen reports whether a font shows nothing on a fill.
func (s *stylesFeed) unseen(font, fill int) bool {
	if font < 0 || font >= len(s.fonts) {
		return false
	}
	look, behind := s.fonts[font], fillLook{}
	if fill >= 0 && fill < len(s.fills) {
		behind = s.fills[fill]
	}
	return look.tiny || look.white && !behind.filled || behind.filled && look.color != "" && look.color == behind.color
}

// colorOf is a colour as the attributes that say it, "" for one that nobody knows.
func colorOf(t *tagToken) string {
	rgb, _ := t.attr("rgb")
	if rgb != "" {
		return strings.ToUpper(rgb[max(0, len(rgb)-6):])
	}
	theme, _ := t.attr("theme")
	tint, _ := t.attr("tint")
	if theme == "" {
		return ""
	}
	return theme + " " + tint
}

// whiteColor reports whether a colour is white, or so near to it that nobody sees it: by its value, by
// the palette of old (ECMA-376 part 1, 18.8.27), or the first of the theme, which is the background's,
// unless it is shaded.
func whiteColor(t *tagToken) bool {
	rgb, _ := t.attr("rgb")
	theme, _ := t.attr("theme")
	tint, tinted := t.attr("tint")
	indexed, _ := t.attr("indexed")
	return nearlyWhite(rgb) || indexed == "1" || indexed == "9" || theme == "0" && (!tinted || strings.HasPrefix(tint, "0.0") || tint == "0")
}

// nearlyWhite reports whether a colour of six hexadecimal digits, or of eight with the opacity first,
// hides a text on white.
func nearlyWhite(hex string) bool {
	if len(hex) != 6 && len(hex) != 8 {
		return false
	}
	n, err := strconv.ParseUint(hex[len(hex)-6:], 16, 32)
	const least = 0xf8
	return err == nil && n>>16 >= least && n>>8&0xff >= least && n&0xff >= least
}
