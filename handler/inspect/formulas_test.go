package inspect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Programs that do not calculate store no values of formulas, or zeros, which are no counts.
func TestFormulasThatNobodyCalculated(t *testing.T) {
	const (
		later  = shownSheet + `</sheets><calcPr calcId="124519" fullCalcOnLoad="1"/><sheets>` // XlsxWriter, openpyxl, openxlsx
		office = shownSheet + `</sheets><calcPr iterateCount="100" refMode="A1" iterate="false" iterateDelta="0.001"/><sheets>`
		excel  = shownSheet + `</sheets><calcPr calcId="191029"/><sheets>`
		chain  = `<calcChain><c r="B3" i="1"/></calcChain>`
	)
	sheet := func(cell string) string {
		out := strings.Replace(countSheet, `<c r="B3"><v>3</v></c>`, cell, 1)
		require.NotEqual(t, countSheet, out)
		return out
	}
	formula := sheet(`<c r="B3"><f>SUM(C1:C2)</f><v>0</v></c>`)
	for name, c := range map[string]struct {
		content []byte
		want    string // rule
	}{
		"a zero of XlsxWriter's":      {book(t, later, formula), "uncheckable.formula"},
		"a zero with a point":         {book(t, later, sheet(`<c r="B3"><f>SUM(C1:C2)</f><v>0.0</v></c>`)), "uncheckable.formula"},
		"nothing of openpyxl's":       {book(t, later, sheet(`<c r="B3"><f>SUM(C1:C2)</f><v></v></c>`)), "uncheckable.formula"},
		"an empty value":              {book(t, later, sheet(`<c r="B3"><f>SUM(C1:C2)</f><v /></c>`)), "uncheckable.formula"},
		"no value":                    {book(t, shownSheet, sheet(`<c r="B3"><f>SUM(C1:C2)</f></c>`)), "uncheckable.formula"},
		"no value in Excel's book":    {book(t, excel, sheet(`<c r="B3"><f>SUM(C1:C2)</f></c>`), "xl/calcChain.xml", chain), "uncheckable.formula"},
		"a shared formula":            {book(t, later, sheet(`<c r="B3"><f t="shared" si="0"/><v>0</v></c>`)), "uncheckable.formula"},
		"a text of no value":          {book(t, later, sheet(`<c r="B3" t="str"><f>A1</f><v></v></c>`)), "uncheckable.formula"},
		"a zero without a word on it": {book(t, shownSheet, formula), "uncheckable.formula"},
		"a zero of Excel's":           {book(t, excel, formula, "xl/calcChain.xml", chain), "sdc.zero_count"},
		"a chain alone":               {book(t, later, formula, "xl/calcChain.xml", chain), "sdc.zero_count"},
		"a zero of LibreOffice's":     {book(t, office, formula), "sdc.zero_count"},
		"a zero that is no formula":   {book(t, later, sheet(`<c r="B3"><v>0</v></c>`)), "sdc.zero_count"},
		"a count that was given":      {book(t, later, sheet(`<c r="B3"><f>SUM(C1:C2)</f><v>3</v></c>`)), "sdc.small_count"},
	} {
		r := report(t, "a.xlsx", c.content)
		require.Len(t, r.Findings, 1, name)
		require.Equal(t, c.want, r.Findings[0].Rule, name)
		require.Equal(t, int64(3), r.Findings[0].Places[0].Line, name)
	}
}
