package inspect_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// A large part of a document is left in the middle, and gone on with by somebody who knows its state alone.
func TestPartsOfDocumentsAreLeftAnywhere(t *testing.T) {
	defer inspect.HeldBytes(4 << 10)()
	repeat := func(n int, of func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(of(i))
		}
		return b.String()
	}
	types := []string{"[Content_Types].xml", "<Types/>"}
	const size = 20_000 // rows and paragraphs: a step takes 256 KiB
	sheet := repeat(size, func(i int) string {
		return fmt.Sprintf(`<row r="%d" hidden="%d"><c r="A%d" t="s"><v>%d</v></c><c r="B%d"><f>1+1</f><v>%d</v></c><c r="C%d" t="str" s="1"><v>ann%d@gmail.com</v></c></row>`,
			i+1, max(0, i-size+2), i+1, i%2, i+1, i%40, i+1, i)
	})
	words := repeat(size, func(i int) string {
		switch {
		case i == 40 || i == size-1:
			return "<w:p><w:r><w:vanish/><w:t>nobody sees this</w:t></w:r></w:p>"
		case i%1000 == 0:
			return "<w:p><w:ins/><w:t>and one</w:t></w:p>"
		}
		return fmt.Sprintf("<w:tbl><w:tr><w:tc><w:t>n%d</w:t></w:tc><w:tc><w:t>3</w:t></w:tc></w:tr></w:tbl><w:p><w:r><w:t>some words</w:t></w:r></w:p>", i)
	})
	shapes := repeat(size, func(i int) string {
		return fmt.Sprintf(`<p:grpSp><p:off x="%d" y="1"/></p:grpSp><p:sp><p:cNvPr hidden="%d"/><p:off x="-%d" y="0"/><a:t>text</a:t></p:sp>`, i, i/(size-1), i)
	})
	for name, content := range map[string][]byte{
		"a.xlsx": zipped(t, append(types, "xl/workbook.xml", "<workbook/>", "xl/sharedStrings.xml", "<sst><si><t>North</t></si><si><t>South</t></si></sst>",
			"xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+sheet+"</sheetData></worksheet>")...),
		"junk.xlsx": zipped(t, append(types, "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", "<worksheet>"+repeat(size, func(int) string { return "<conditionalFormatting/>" })+"</worksheet>")...),
		"a.docx":    zipped(t, append(types, "word/document.xml", "<w:document>"+words+"</w:document>")...),
		"a.pptx":    zipped(t, append(types, "ppt/presentation.xml", "<p/>", "ppt/slides/slide1.xml", "<p:sld>"+shapes+"</p:sld>")...),
		"a.ods":     zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<office:body>"+strings.ReplaceAll(words, "w:ins", "text:insertion")+"</office:body>"),
	} {
		whole, err := json.Marshal(report(t, name, content))
		require.NoError(t, err)
		r, steps, _ := inSteps(t, name, content, 1)
		pieces, err := json.Marshal(r)
		require.NoError(t, err)
		require.Equal(t, string(whole), string(pieces), name)
		require.Greater(t, steps, 3, name)
		t.Log(name, steps, rulesOf(r))
	}
}

// A flag that is left behind changes what is found in one cell of thousands.
func TestASheetIsLeftWithAllItsFlags(t *testing.T) {
	before, after, err := inspect.SheetFlags()
	require.NoError(t, err)
	require.NotContains(t, slices.Collect(maps.Values(before)), false, "a new flag has to be set here: %v", before)
	require.Equal(t, before, after)
}
