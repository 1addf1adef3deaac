package inspect_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A document has room for values that no page shows. What programs keep there is no finding.
func TestValuesThatNobodySeesInADocument(t *testing.T) {
	rows := strings.Repeat("100001;ward 7;", 200)
	names := func(value string) []byte {
		return zipped(t, "[Content_Types].xml", types, "xl/workbook.xml", `<workbook><sheets>`+shownSheet+`</sheets><definedNames><definedName name="a">`+value+`</definedName></definedNames></workbook>`)
	}
	doc := func(others ...string) []byte {
		return zipped(t, append([]string{"[Content_Types].xml", types, "word/document.xml", fmt.Sprintf(document, "")}, others...)...)
	}
	variable := func(name, value string) []byte {
		return doc("word/settings.xml", `<w:settings><w:docVars><w:docVar w:name="`+name+`" w:val="`+value+`"/></w:docVars></w:settings>`)
	}
	property := func(name, value string) []byte {
		return doc("docProps/custom.xml", `<Properties><property name="`+name+`"><vt:lpwstr>`+value+`</vt:lpwstr></property></Properties>`)
	}
	item := func(content string) []byte { return doc("customXml/item1.xml", content) }
	wide := "\xff\xfe"
	for _, c := range `<?xml version="1.0" encoding="utf-16"?><DataMashup>` + strings.Repeat("UEsDBBQA", 300) + `</DataMashup>` {
		wide += string([]byte{byte(c), 0})
	}
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"a reference":            {names(strings.Repeat("Data!$A$1,", 100)), []string{}},
		"a call":                 {names(`LAMBDA(x,` + strings.Repeat("x+", 500) + `1)`), []string{}},
		"a short value":          {names(`"2026-11-28"`), []string{}},
		"a long value":           {names(`&quot;` + rows + `&quot;`), []string{"hidden.text"}},
		"an array":               {names(`={` + rows + `}`), []string{"hidden.text"}},
		"many values":            {names(strings.Repeat(`"100001"</definedName><definedName name="b">`, 50)), []string{"hidden.text"}},
		"a variable":             {variable("a", "yes"), []string{}},
		"a long variable":        {variable("a", rows), []string{"hidden.text"}},
		"EndNote's variable":     {variable("EN.Layout", strings.Repeat("&lt;x&gt;", 200)), []string{}},
		"a variable by its name": {variable("EN.Layout", rows+rows+rows+rows), []string{"hidden.text"}},
		"a property":             {property("Status", "final"), []string{}},
		"a long property":        {property("Status", rows), []string{"hidden.text"}},
		"Zotero's property":      {property("ZOTERO_PREF_1", rows), []string{}},
		"an item":                {item(`<root xmlns="http://x"><a b="c">d</a></root>`), []string{}},
		"a long item":            {item(`<root>` + rows + `</root>`), []string{"hidden.embedded"}},
		"an item of attributes":  {item(`<root>` + strings.Repeat(`<r id="100001" ward="seven and eight"/>`, 200) + `</root>`), []string{"hidden.embedded"}},
		"a schema":               {item(`<ct:contentTypeSchema>` + strings.Repeat(`<xsd:element name="a long name of an element" minOccurs="0"/>`, 200) + `</ct:contentTypeSchema>`), []string{}},
		"a mashup":               {item(`<DataMashup>UEsDBBQA</DataMashup>`), []string{"hidden.embedded"}},
		"a mashup in UTF-16":     {item(wide), []string{"hidden.embedded"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a", c.content)), name)
	}
}

// A text that no cell has is shown on no sheet. A few are left behind by programs.
func TestSharedTextsThatNoCellHasAreFound(t *testing.T) {
	texts := func(n, used int) []byte {
		shared, cells := "", ""
		for i := range n {
			shared += fmt.Sprintf("<si><t>words of the ward %d</t></si>", i)
			if i < used {
				cells += fmt.Sprintf(`<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>`, i+1, i+1, i)
			}
		}
		return zipped(t, "[Content_Types].xml", types, "xl/workbook.xml", `<workbook><sheets>`+shownSheet+`</sheets></workbook>`,
			"xl/sharedStrings.xml", `<sst>`+shared+`</sst>`, "xl/worksheets/data.xml", `<worksheet><sheetData>`+cells+`</sheetData></worksheet>`)
	}
	for _, c := range []struct {
		texts, used int
		want        []string
	}{{100, 100, []string{}}, {100, 95, []string{}}, {100, 20, []string{"hidden.text"}}, {100, 0, []string{"hidden.text"}}} {
		content := texts(c.texts, c.used)
		require.Equal(t, c.want, sure(report(t, "a.xlsx", content)), c)
		require.Equal(t, c.want, sure(inPieces(t, "a.xlsx", content, rand.New(rand.NewPCG(5, 6)))), c)
	}
}
