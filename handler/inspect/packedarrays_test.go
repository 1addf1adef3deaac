package inspect_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// Plotly 6 and Bokeh write the numbers behind a chart as Base64, which has hardly a number to be counted.
func TestPackedArraysOfChartsCountAsNumbers(t *testing.T) {
	array := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	plotly := func(dtype string, n int) string {
		return fmt.Sprintf(`{"x":{"dtype":"%s","bdata":"%s"},"type":"scatter"}`, dtype, array(n))
	}
	bokeh := func(n int) string {
		return fmt.Sprintf(`{"x":{"type":"ndarray","array":{"type":"bytes","data":"%s"},"shape":[9],"dtype":"float32"}}`, array(n))
	}
	for name, c := range map[string]struct {
		figure string
		want   bool
	}{
		"doubles":            {plotly("f8", 8*1100), true},
		"few doubles":        {plotly("f8", 8*900), false},
		"bytes":              {plotly("i1", 1100), true},
		"few bytes":          {plotly("i1", 900), false},
		"two arrays":         {plotly("f8", 8*600) + "," + plotly("i4", 4*600), true},
		"type behind":        {`{"x": {"bdata": "` + array(2*1100) + `", "dtype": "i2"}}`, true},
		"few, type behind":   {`{"x": {"bdata": "` + array(4*900) + `", "dtype": "f4"}}`, false},
		"type of another":    {plotly("i1", 90) + `,{"x": {"bdata": "` + array(8*900) + `"}}`, false},
		"longer than pieces": {plotly("f8", 8*90_000), true},
		"Bokeh":              {bokeh(4 * 1100), true},
		"few of Bokeh's":     {bokeh(4 * 900), false},
		"Bokeh 2":            {`{"x":{"__ndarray__":"` + array(8*1100) + `","dtype":"float64","shape":[9]}}`, true},
		"other bytes":        {`{"type":"font","data":"` + array(8*1100) + `"}`, false},
	} {
		for _, cut := range []int{256 << 10, 777} {
			restore := inspect.CutAt(cut)
			page := "<!DOCTYPE html><html><body><script>" + strings.Repeat("f(x);", 33) + "Plotly.newPlot('a', [" + c.figure + "])</script></body></html>"
			rules := sure(report(t, "a.html", []byte(page)))
			of := sure(report(t, "a.json", []byte(`{"data": [`+c.figure+`]}`)))
			restore()
			if c.want {
				require.Contains(t, rules, "hidden.html_data", name)
				require.Contains(t, of, "hidden.html_data", name)
			} else {
				require.NotContains(t, rules, "hidden.html_data", name)
				require.NotContains(t, of, "hidden.html_data", name)
			}
		}
	}
}
