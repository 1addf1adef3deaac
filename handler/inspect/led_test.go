package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// related makes a package whose relations lead to its parts, other members behind them.
func related(t testing.TB, main string, parts []string, others ...string) []byte {
	t.Helper()
	folder, base, _ := strings.Cut(main, "/")
	links := ""
	for i := 0; i < len(parts); i += 2 {
		kind := strings.TrimRight(strings.TrimSuffix(parts[i][strings.LastIndex(parts[i], "/")+1:], ".xml"), "0123456789")
		if kind == "sheet" {
			kind = "worksheet"
		}
		if parts[i] != main {
			links += fmt.Sprintf(`<Relationship Id="rId%d" Type="http://x/%s" Target="/%s"/>`, i, kind, parts[i])
		}
	}
	return zipped(t, append(append([]string{"[Content_Types].xml", types, "_rels/.rels", `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="` + main + `"/></Relationships>`,
		folder + "/_rels/" + base + ".rels", `<Relationships>` + links + `</Relationships>`}, parts...), others...)...)
}

// A program shows what the relations of a document lead to, and what its main part lists. The rest goes out unseen.
func TestMembersThatNothingLeadsToAreFound(t *testing.T) {
	sheet := `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>words</t></is></c></row></sheetData></worksheet>`
	parts := []string{"xl/workbook.xml", `<workbook><sheets>` + shownSheet + `</sheets></workbook>`, "xl/worksheets/sheet1.xml", sheet}
	words := []string{"word/document.xml", fmt.Sprintf(document, ""), "word/media/image 1.xml", "<x/>"}
	deck := func(ids string) []string {
		return []string{"ppt/presentation.xml", `<p:presentation><p:sldIdLst>` + ids + `</p:sldIdLst><p14:sldIdLst><p14:sldId id="256"/></p14:sldIdLst></p:presentation>`,
			"ppt/slides/slide1.xml", "<p:sld/>", "ppt/slides/slide2.xml", "<p:sld/>"}
	}
	odf := func(listed string, others ...string) []byte {
		return zipped(t, append([]string{"mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<x/>", "META-INF/manifest.xml",
			`<manifest:manifest><manifest:file-entry manifest:full-path="/"/><manifest:file-entry manifest:full-path="content.xml"/>` + listed + `</manifest:manifest>`}, others...)...)
	}
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    []string
	}{
		"a workbook":              {"a.xlsx", related(t, "xl/workbook.xml", parts), []string{}},
		"a file beside":           {"a.xlsx", related(t, "xl/workbook.xml", parts, "notes.txt", "plain words"), []string{"hidden.embedded"}},
		"a sheet beside":          {"a.xlsx", related(t, "xl/workbook.xml", parts, "xl/worksheets/sheet2.xml", sheet), []string{"hidden.embedded"}},
		"a folder and a void":     {"a.xlsx", related(t, "xl/workbook.xml", parts, "xl/void/", "", "xl/void/a.bin", ""), []string{}},
		"a sheet of no list":      {"a.xlsx", related(t, "xl/workbook.xml", append(parts, "xl/worksheets/sheet2.xml", sheet)), []string{"hidden.sheet"}},
		"relations of no part":    {"a.xlsx", related(t, "xl/workbook.xml", parts, "x/_rels/a.xml.rels", `<Relationships><Relationship Target="b.txt"/></Relationships>`, "x/b.txt", "plain words"), []string{"hidden.embedded"}},
		"a part led to by itself": {"a.xlsx", related(t, "xl/workbook.xml", parts, "x/_rels/a.xml.rels", `<Relationships><Relationship Target="a.xml"/></Relationships>`, "x/a.xml", "<x/>"), []string{"hidden.embedded"}},
		"a document":              {"a.docx", related(t, "word/document.xml", words), []string{}},
		"words beside":            {"a.docx", related(t, "word/document.xml", words, "word/second.xml", "<x/>"), []string{"hidden.embedded"}},
		"no relations at all":     {"a.docx", zipped(t, "[Content_Types].xml", types, "word/document.xml", fmt.Sprintf(document, ""), "notes.txt", "plain words"), []string{"hidden.embedded"}},
		"slides":                  {"a.pptx", related(t, "ppt/presentation.xml", deck(`<p:sldId id="256" r:id="rId2"/><p:sldId id="257" r:id="rId4"/>`)), []string{}},
		"a slide of no list":      {"a.pptx", related(t, "ppt/presentation.xml", deck(`<p:sldId id="256" r:id="rId2"/>`)), []string{"hidden.text"}},
		"an OpenDocument":         {"a.odt", odf(`<manifest:file-entry manifest:full-path="Pictures/a b.txt"/>`, "Pictures/a b.txt", "plain words", "META-INF/signatures.xml", "<x/>"), []string{}},
		"a file of no manifest":   {"a.odt", odf("", "notes.txt", "plain words"), []string{"hidden.embedded"}},
	} {
		require.Equal(t, c.want, sure(report(t, c.file, c.content)), name)
	}
}
