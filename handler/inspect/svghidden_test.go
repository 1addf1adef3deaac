package inspect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// Texts that a drawing holds and does not show are found, and those that drawings of clean charts have are not.
func TestTextsThatADrawingDoesNotShowAreFound(t *testing.T) {
	rows := strings.Repeat("41 F 3 ", 12)
	text := func(attributes string) string { return "<text x='1' y='2' " + attributes + ">" + rows + "</text>" }
	each := func(attributes string) string {
		return strings.Repeat("<text "+attributes+">41</text>", 25)
	}
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"shown":                {text("fill='black'"), nil},
		"display":              {text("display='none'"), []string{"hidden.text"}},
		"display, style":       {text("style='fill: red; Display : None !important'"), []string{"hidden.text"}},
		"display, group":       {"<g display='none'><g><text>1</text></g>" + each("") + "</g>", []string{"hidden.text"}},
		"behind the group":     {"<g display='none'><g/></g>" + each(""), nil},
		"visibility":           {text("visibility='hidden'"), []string{"hidden.text"}},
		"opacity":              {text("style='opacity:0.0'"), []string{"hidden.text"}},
		"half opacity":         {text("opacity='0.5'"), nil},
		"tiny":                 {text("font-size='0.01px'"), []string{"hidden.text"}},
		"tiny, number":         {text("font-size='0'"), []string{"hidden.text"}},
		"relative size":        {text("style='font-size:0.8em'"), nil},
		"never used":           {"<defs>" + text("") + "</defs>", []string{"hidden.text"}},
		"never used, named":    {"<defs><symbol id='a'>" + text("") + "</symbol></defs>", []string{"hidden.text"}},
		"used":                 {"<defs><symbol id='a'>" + text("") + "</symbol></defs><use href='#a'/>", nil},
		"beside what is used":  {"<defs><path id='a'/>" + text("") + "</defs><use href='#a'/>", []string{"hidden.text"}},
		"style in defs":        {"<defs><style>.a{font:12px/1.2 x;fill:#123;margin:" + rows + "}</style></defs>", nil},
		"white":                {text("fill='#fff'"), []string{"hidden.text"}},
		"white, group":         {"<rect fill='white' width='9' height='9'/><g style='fill:white'>" + each("") + "</g>", []string{"hidden.text"}},
		"white in a heat map":  {"<rect fill='#203060' width='9' height='9'/>" + each("fill='white'"), nil},
		"white, hidden ground": {"<g display='none'><rect fill='#203060'/></g>" + each("fill='white'"), []string{"hidden.text"}},
		"outside":              {"<text x='1' y='900'>" + rows + "</text>", []string{"hidden.text"}},
		"outside, left":        {"<text x='-90px' y='2'>" + rows + "</text>", []string{"hidden.text"}},
		"at the edge":          {"<text x='9.5' y='10'>" + rows + "</text>", nil},
		"moved back":           {"<g transform='translate(0 -900)'><text x='1' y='900'>" + rows + "</text></g>", nil},
		"in a drawing inside":  {"<svg viewBox='0 0 999 999'><text x='1' y='900'>" + rows + "</text></svg>", nil},
		"metadata":             {"<metadata>" + rows + "</metadata>", []string{"hidden.text"}},
		"description":          {"<desc>" + rows + "</desc>", []string{"hidden.text"}},
		"title":                {"<g><title>" + rows + "</title></g>", []string{"hidden.text"}},
		"titles of nodes":      {strings.Repeat("<g><title>node 1</title></g>", 60), nil},
		"who made it":          {"<metadata><dc:date>2026-11-29T01:02:03.456789</dc:date><dc:title>Matplotlib v3.11.2, https://matplotlib.org/</dc:title></metadata>", nil},
		"comment":              {"<!-- " + rows + " -->", []string{"hidden.comment"}},
		"comments of letters":  {strings.Repeat("<!-- 0.25 -->", 60), nil},
		"a hidden menu":        {"<g visibility='hidden'><text>Value: 12</text></g>", nil},
	} {
		for _, cut := range []int{256 << 10, 97} {
			restore := inspect.CutAt(cut)
			found := sure(report(t, "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">`+c.body+`</svg>`)))
			restore()
			require.ElementsMatch(t, c.want, found, name)
		}
	}
}

// Numbers that are none would be in the way of a state that is kept.
func TestADrawingWithoutASizeIsResumed(t *testing.T) {
	for _, size := range []string{"viewBox='nan 0 9 9'", "viewBox='0 0 inf 9'", "viewBox='0 0 9'", "width='NaN' height='-inf'", "width='100%' height='9'"} {
		r, steps, _ := inSteps(t, "a.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg' "+size+"><text x='1' y='900'>"+strings.Repeat("41 ", 200_000)+"</text></svg>"), 1)
		require.Greater(t, steps, 1)
		require.Empty(t, sure(r), size)
	}
}
