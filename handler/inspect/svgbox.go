package inspect

import (
	"math"
	"strconv"
	"strings"
)

// canvas is the part of a drawing's plane that is shown, and the text that stands far outside of it. It is state.
type canvas struct {
	Begun   bool       `json:"begun,omitempty"` // the drawing's own element was met
	Box     [4]float64 `json:"box"`             // left, top, width and height; no width where none is known
	Moved   region     `json:"moved"`           // an element that moves what is in it
	Outside region     `json:"outside"`         // a text
}

// opened takes an element. One that is moved is not judged, since where it ends up is not worked out.
func (c *canvas) opened(t *tagToken) {
	if t.name == "svg" && !c.Begun {
		c.Begun, c.Box = true, boxOf(t)
		return
	}
	_, moved := t.attr("transform")
	c.Moved.opened(t.name, moved || t.name == "svg" || t.name == "symbol" || t.name == "marker" || t.name == "pattern")
	c.Outside.opened(t.name, t.name == "text" && c.Moved.Name == "" && c.Box[2] > 0 && c.far(t))
}

func (c *canvas) closed(name string) {
	c.Moved.closed(name)
	c.Outside.closed(name)
}

// far reports whether a text begins further outside than labels do that a program has put too near the edge.
func (c *canvas) far(t *tagToken) bool {
	for i, name := range []string{"x", "y"} {
		value, _ := t.attr(name)
		at, ok := length(value)
		from, size := c.Box[i], c.Box[i+2]
		if ok && (at < from-size/2 || at > from+size*3/2) {
			return true
		}
	}
	return false
}

// boxOf is the part of the plane that an outermost element shows.
func boxOf(t *tagToken) (box [4]float64) {
	if text, ok := t.attr("viewbox"); ok {
		parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
		for i, part := range parts[:min(len(parts), 4)] {
			n, ok := length(part)
			if !ok {
				return [4]float64{}
			}
			box[i] = n
		}
	} else {
		width, _ := t.attr("width")
		height, _ := t.attr("height")
		box[2], _ = length(width)
		box[3], _ = length(height)
	}
	if !(box[2] > 0 && box[3] > 0) {
		return [4]float64{}
	}
	return box
}

// length is a length in the drawing's own units. What is no finite number is none: a state could not hold it.
func length(text string) (float64, bool) {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseFloat(strings.TrimSuffix(first, "px"), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, false
	}
	return n, true
}
