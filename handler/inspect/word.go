package inspect

import (
	"io"
	"strings"
)

// looksAlone are parts of a document that say how text looks, and hold none of it.
var looksAlone = map[string]bool{"styles.xml": true, "styleswitheffects.xml": true, "numbering.xml": true, "fonttable.xml": true}

// wordText looks at the text of a document (ECMA-376 part 1, 17): changes that are tracked,
// text that nobody sees, and commands. It is no state: a part is read in one go.
type wordText struct {
	unseen map[string]bool // the styles that show nothing
	// paragraph and run say that the style, or the properties, of each hide its text.
	paragraph, run bool
	marks          bool // in the properties of a paragraph: those of its mark are no text's
	command, text  bool
	// faint says that the run is white, or too small to be read; shaded that something is behind the
	// paragraph's text, and around how many tables and text boxes it is in, which may have a colour.
	faint, shaded bool
	around        int
}

func (w *wordText) token(p *partFeed, in *input, t *tagToken) {
	switch t.kind {
	case 'o':
		w.opened(p, in, t)
	case 'c':
		switch t.name {
		case "p":
			w.paragraph = false
		case "r":
			w.run, w.faint = false, false
		case "tbl", "txbxcontent":
			w.around = max(0, w.around-1)
		case "ppr":
			w.marks = false
		case "instrtext":
			w.command = false
		case "t", "deltext":
			w.text = false
		}
	case 't':
		if w.text && (w.run || w.paragraph || w.faint && !w.shaded && w.around == 0) && len(strings.TrimSpace(string(t.text))) > 0 {
			p.found(in, "hidden.text")
		}
		if words := strings.Fields(strings.ToUpper(string(t.text))); w.command && len(words) > 0 && (words[0] == "DDE" || words[0] == "DDEAUTO") {
			p.found(in, "active.macro")
		}
	}
}

func (w *wordText) opened(p *partFeed, in *input, t *tagToken) {
	switch t.name {
	case "ins", "del", "movefrom", "moveto":
		p.found(in, "hidden.tracked_change")
	case "p":
		w.paragraph, w.shaded = w.unseen[""], false
	case "tbl", "txbxcontent":
		w.around++
	case "background", "shd", "highlight":
		w.shaded = true
	case "color":
		if value, _ := t.attr("val"); !w.marks && nearlyWhite(value) {
			w.faint = true
		}
	case "sz": // in half points
		if !w.marks && tooSmall(t, "val", 4) {
			w.faint = true
		}
	case "ppr":
		w.marks = true
	case "vanish":
		if !w.marks {
			w.run = on(t)
		}
	case "pstyle":
		style, _ := t.attr("val")
		w.paragraph = w.unseen[style]
	case "rstyle":
		if style, _ := t.attr("val"); !w.marks {
			w.run = w.unseen[style]
		}
	case "instrtext":
		w.command = true
	case "t", "deltext":
		w.text = true
	}
}

// on reports whether a property that is there by itself, or has a value, is set.
func on(t *tagToken) bool {
	value, _ := t.attr("val")
	return value != "0" && value != "false" && value != "off"
}

// unseenStyles reads which styles of a document show nothing of a text, by their ids; "" stands for
// text without a style. A style that is based on one of them is one too, unless it says otherwise.
func unseenStyles(in *input, r io.Reader) (map[string]bool, error) {
	f := &wordStyles{unseen: map[string]bool{}}
	return f.unseen, in.streamQuietly(f, r)
}

type wordStyles struct {
	scan   tagScan
	id     string
	unseen map[string]bool
}

func (s *wordStyles) feed(_ *input, b []byte, at int64, last bool) int {
	return s.scan.feed(b, at, last, func(t *tagToken) {
		switch {
		case t.kind == 'c' && t.name == "style":
			s.id = ""
		case t.kind != 'o' || len(s.unseen) >= maxStyles:
		case t.name == "style":
			s.id, _ = t.attr("styleid")
		case t.name == "basedon": // Word writes a style behind the one that it is based on
			parent, _ := t.attr("val")
			if s.unseen[parent] {
				s.unseen[s.id] = true
			}
		case t.name == "vanish" && on(t):
			s.unseen[s.id] = true
		case t.name == "vanish":
			delete(s.unseen, s.id)
		}
	})
}
