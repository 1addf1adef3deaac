package inspect

import "strings"

func init() {
	scanners["svg"] = func() scanner { return &sequential[*svgFeed]{To: &svgFeed{}} }
}

// manyPoints is how many drawn points may be people: OpenSAFELY and ACRO ask for
// pictures that nobody can take the points out of.
const manyPoints = 500

// svgFeed looks at a drawing: active parts, the number of points, and texts that nobody sees.
type svgFeed struct {
	Scan    tagScan `json:"scan"`
	Line    int64   `json:"line"`
	Points  int64   `json:"points,omitempty"`
	First   Place   `json:"first"`
	Anchors anchors `json:"anchors"`
	Unseen  unseen  `json:"unseen"`
}

func (s *svgFeed) feed(in *input, b []byte, at int64, last bool) int {
	counted := 0
	n := s.Scan.feed(b, at, last, func(t *tagToken) {
		from := int(t.at - at)
		s.Line += lines(b[counted:from])
		counted = from
		s.token(in, t)
	})
	s.Line += lines(b[counted:n])
	if last {
		s.Anchors.end(in)
		s.Unseen.end(in)
		if s.Points > manyPoints {
			in.found.note(Finding{Rule: "hidden.svg_points", Count: s.Points}, in.at(s.First))
		}
	}
	return n
}

func (s *svgFeed) token(in *input, t *tagToken) {
	place := func(from, to int) Place {
		return Place{Line: s.Line + 1, Offset: t.at + int64(from), Length: int64(to - from)}
	}
	s.Unseen.token(in, t, place)
	switch t.kind {
	case 't', 'x':
		s.Anchors.secrets(in, t.text, place)
		s.Anchors.personal(in, t.text, place)
	case 'd':
		if strings.Contains(strings.ToUpper(string(t.text)), "<!ENTITY") || strings.Contains(strings.ToUpper(string(t.text)), "!ENTITY") {
			in.found.note(Finding{Rule: "active.svg"}, in.at(place(0, len(t.text))))
		}
	case 'o':
		if runs(t) {
			in.found.note(Finding{Rule: "active.svg"}, in.at(place(0, len(t.attrs))))
		}
		for _, value := range t.attributes {
			if embedsData(value) {
				in.found.note(Finding{Rule: "hidden.embedded"}, in.at(place(0, len(t.attrs))))
			}
		}
		if point(t) {
			if s.Points++; s.First.Line == 0 {
				s.First = place(0, len(t.attrs))
			}
		}
	}
}

// runs reports whether an element runs something or fetches something.
func runs(t *tagToken) bool {
	switch t.name {
	case "script", "foreignobject", "iframe", "embed", "object", "handler", "listener":
		return true
	}
	active := false
	for name, text := range t.attributes {
		if strings.HasPrefix(name, "on") && len(name) > 4 {
			return true
		}
		if name != "href" && name != "src" {
			continue
		}
		switch value := strings.ToLower(strings.TrimSpace(string(text))); {
		case value == "", value[0] == '#', strings.HasPrefix(value, "data:"):
			active = active || strings.HasPrefix(value, "data:text/html") || strings.HasPrefix(value, "data:image/svg")
		case t.name == "a" && (strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://")):
		default:
			active = true
		}
	}
	return active
}

// point reports whether an element draws one point. Programs that draw letters by
// use elements name these glyphs.
func point(t *tagToken) bool {
	switch t.name {
	case "circle", "ellipse":
		return true
	case "use":
		href, _ := t.attr("href")
		return !strings.Contains(href, "glyph") && !strings.Contains(href, "-")
	}
	return false
}
