package inspect

import (
	"io"
	"strings"
)

// looksAlone are parts of a document that say how text looks, and hold none of it.
var looksAlone = map[string]bool{"styles.xml": true, "styleswitheffects.xml": true, "numbering.xml": true, "fonttable.xml": true}

// wordText looks at the text of a document (ECMA-376 part 1, 17): changes that are tracked,
// text that nobody sees, and commands. It is state.
type wordText struct {
	unseen map[string]bool // the styles that show nothing
	// Paragraph and Run say that the style, or the properties, of each hide its text.
	Paragraph bool `json:"paragraph,omitempty"`
	Run       bool `json:"run,omitempty"`
	Marks     bool `json:"marks,omitempty"` // in the properties of a paragraph: those of its mark are no text's
	Command   bool `json:"command,omitempty"`
	Text      bool `json:"text,omitempty"`
	// Faint says that the run is white, or too small to be read; Shaded that something is behind the
	// paragraph's text, and Around how many tables and text boxes it is in, which may have a colour.
	Faint  bool `json:"faint,omitempty"`
	Shaded bool `json:"shaded,omitempty"`
	Around int  `json:"around,omitempty"`
}

func (w *wordText) token(p *partFeed, in *input, t *tagToken) {
	switch t.kind {
	case 'o':
		w.opened(p, in, t)
	case 'c':
		switch t.name {
		case "p":
			w.Paragraph = false
		case "r":
			w.Run, w.Faint = false, false
		case "tbl", "txbxcontent":
			w.Around = max(0, w.Around-1)
		case "ppr":
			w.Marks = false
		case "instrtext":
			w.Command = false
		case "t", "deltext":
			w.Text = false
		}
	case 't':
		if w.Text && (w.Run || w.Paragraph || w.Faint && !w.Shaded && w.Around == 0) && len(strings.TrimSpace(string(t.text))) > 0 {
			p.found(in, "hidden.text")
		}
		if words := strings.Fields(strings.ToUpper(string(t.text))); w.Command && len(words) > 0 && (words[0] == "DDE" || words[0] == "DDEAUTO") {
			p.found(in, "active.macro")
		}
	}
}

func (w *wordText) opened(p *partFeed, in *input, t *tagToken) {
	switch t.name {
	case "ins", "del", "movefrom", "moveto":
		p.found(in, "hidden.tracked_change")
	case "p":
		w.Paragraph, w.Shaded = w.unseen[""], false
	case "tbl", "txbxcontent":
		w.Around++
	case "background", "shd", "highlight":
		w.Shaded = true
	case "color":
		if value, _ := t.attr("val"); !w.Marks && nearlyWhite(value) {
			w.Faint = true
		}
	case "sz": // in half points
		if !w.Marks && tooSmall(t, "val", 4) {
			w.Faint = true
		}
	case "ppr":
		w.Marks = true
	case "vanish":
		if !w.Marks {
			w.Run = on(t)
		}
	case "pstyle":
		style, _ := t.attr("val")
		w.Paragraph = w.unseen[style]
	case "rstyle":
		if style, _ := t.attr("val"); !w.Marks {
			w.Run = w.unseen[style]
		}
	case "instrtext":
		w.Command = true
	case "t", "deltext":
		w.Text = true
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
