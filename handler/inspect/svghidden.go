package inspect

import (
	"bytes"
	"strconv"
	"strings"
)

// unseen looks for texts of a drawing that nobody sees: those of elements that are not drawn, far
// outside of what is shown, or white where nothing dark is drawn, and those of its metadata. It is state.
type unseen struct {
	Hidden  region `json:"hidden"` // not drawn
	Kept    region `json:"kept"`   // definitions: what has an id there is drawn where something uses it
	Named   region `json:"named"`  // in definitions, and has an id
	About   region `json:"about"`  // metadata, titles and descriptions
	White   region `json:"white"`  // texts in white
	Canvas  canvas `json:"canvas"`
	Style   bool   `json:"style,omitempty"`
	Numbers int64  `json:"numbers,omitempty"` // in what is not drawn
	Unused  int64  `json:"unused,omitempty"`  // in definitions that have an id
	Used    bool   `json:"used,omitempty"`    // something uses one
	Pale    int64  `json:"pale,omitempty"`    // in white texts
	Ground  bool   `json:"ground,omitempty"`  // something dark is drawn, or a picture
	First   Place  `json:"first"`             // a hidden text
	FirstIn Place  `json:"first_in"`          // a white text
}

// region is an element that is open, by its name: it ends where as many of that name are closed.
type region struct {
	Name  string `json:"name,omitempty"`
	Depth int    `json:"depth,omitempty"`
	N     int64  `json:"n,omitempty"` // numbers in it so far
}

func (r *region) opened(name string, begins bool) {
	switch {
	case r.Name == "" && begins:
		*r = region{Name: name, Depth: 1}
	case r.Name != "" && r.Name == name:
		r.Depth++
	}
}

func (r *region) closed(name string) {
	if r.Name != "" && r.Name == name {
		if r.Depth--; r.Depth == 0 {
			*r = region{}
		}
	}
}

// token takes a token of a drawing, whose place is given for findings.
func (u *unseen) token(in *input, t *tagToken, place func(from, to int) Place) {
	switch t.kind {
	case 'o':
		u.opened(t)
	case 'c':
		u.Hidden.closed(t.name)
		u.Kept.closed(t.name)
		u.Named.closed(t.name)
		u.Canvas.closed(t.name)
		u.About.closed(t.name)
		u.White.closed(t.name)
		u.Style = u.Style && t.name != "style"
	case 'x':
		if numbersIn(t.text) >= fewNumbers { // programs say in one comment each which letters they draw
			in.found.note(Finding{Rule: "hidden.comment"}, in.at(place(0, len(t.text))))
		}
	case 't':
		if !u.Style {
			u.text(in, t, place)
		}
	}
}

func (u *unseen) opened(t *tagToken) {
	look := lookOf(t)
	u.Style = t.name == "style"
	u.Hidden.opened(t.name, look.hidden)
	u.Named.opened(t.name, u.Kept.Name != "" && look.id)
	u.Kept.opened(t.name, t.name == "defs")
	u.Canvas.opened(t)
	u.About.opened(t.name, t.name == "metadata" || t.name == "desc" || t.name == "title")
	u.White.opened(t.name, look.fill == pale && drawsText[t.name])
	switch t.name {
	case "image":
		u.Ground = true
	case "use":
		u.Ground, u.Used = true, true
	case "rect", "path", "circle", "ellipse", "polygon":
		u.Ground = u.Ground || u.Hidden.Name == "" && u.Kept.Name == "" && look.fill != pale && look.fill != unfilled
	case "svg":
		u.Ground = u.Ground || look.ground
	}
}

// drawsText are the elements that give texts their colour.
var drawsText = map[string]bool{"g": true, "text": true, "tspan": true, "textpath": true}

func (u *unseen) text(in *input, t *tagToken, place func(from, to int) Place) {
	n := numbersIn(t.text)
	switch {
	case n == 0:
	case u.About.Name != "":
		if before := u.About.N; before < fewNumbers && before+n >= fewNumbers {
			in.found.note(Finding{Rule: "hidden.text"}, in.at(place(0, len(t.text))))
		}
		u.About.N += n
	case u.Hidden.Name != "", u.Kept.Name != "", u.Canvas.Outside.Name != "":
		if u.Hidden.Name == "" && u.Named.Name != "" {
			u.Unused += n
		} else {
			u.Numbers += n
		}
		if u.First.Line == 0 {
			u.First = place(0, len(t.text))
		}
	case u.White.Name != "":
		if u.Pale += n; u.FirstIn.Line == 0 {
			u.FirstIn = place(0, len(t.text))
		}
	}
}

// end reports what only the whole drawing shows.
func (u *unseen) end(in *input) {
	if !u.Used {
		u.Numbers += u.Unused
	}
	if u.Numbers >= fewNumbers {
		in.found.note(Finding{Rule: "hidden.text"}, in.at(u.First))
	}
	if u.Pale >= fewNumbers && !u.Ground {
		in.found.note(Finding{Rule: "hidden.text"}, in.at(u.FirstIn))
	}
}

// fill is how an element is filled.
type fill byte

const (
	inherited fill = iota
	dark           // any colour but white
	pale           // white
	unfilled
)

// look is how an element looks, by its own attributes and style.
type look struct {
	hidden bool
	id     bool
	ground bool // it has a background of its own
	fill   fill
}

func lookOf(t *tagToken) (l look) {
	for name, value := range t.attributes {
		switch name {
		case "id", "fill", "display", "visibility", "opacity", "font-size":
			l.property(name, string(value))
			continue
		case "style":
		default: // paths are long
			continue
		}
		for declaration := range bytes.SplitSeq(value, []byte(";")) {
			property, value, _ := strings.Cut(string(declaration), ":")
			l.property(strings.ToLower(strings.TrimSpace(property)), value)
		}
	}
	return l
}

func (l *look) property(name, value string) {
	switch name {
	case "id":
		l.id = true
	case "fill":
		l.fill = fillOf(value)
	case "background", "background-color":
		l.ground = l.ground || fillOf(value) == dark
	default:
		l.hidden = l.hidden || hides(name, value)
	}
}

// hides reports whether a property of CSS hides an element's text.
func hides(property, value string) bool {
	value = strings.TrimSpace(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(value)), "!important"))
	switch property {
	case "display":
		return value == "none"
	case "visibility":
		return value == "hidden" || value == "collapse"
	case "opacity":
		n, err := strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64)
		return err == nil && n < 0.02
	case "font-size":
		size := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz%")
		n, err := strconv.ParseFloat(size, 64)
		switch unit := value[len(size):]; unit {
		case "px", "pt":
			return err == nil && n < 1
		default: // without a unit, those of the drawing, which may be large
			return err == nil && (n == 0 || unit == "" && n <= 0.1)
		}
	}
	return false
}

// fillOf says what a colour is.
func fillOf(value string) fill {
	switch value = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(value)), " ", ""); value {
	case "", "inherit", "currentcolor":
		return inherited
	case "none", "transparent":
		return unfilled
	case "white", "#fff", "#ffffff", "rgb(255,255,255)", "rgb(100%,100%,100%)", "snow", "ivory", "#fefefe":
		return pale
	}
	return dark
}
