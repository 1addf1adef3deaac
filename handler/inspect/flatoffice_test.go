package inspect_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A document of one file of XML hides what a packed one does, however long the file is and in whatever Unicode.
func TestFlatDocumentsAreLookedInto(t *testing.T) {
	workbook := func(row, state, others string) string {
		return `<?xml version="1.0"?><Workbook xmlns:ss="urn:x"><Worksheet ss:Name="a"><Table><Column ss:Width="50"/><Row` + row + `><Cell><Data ss:Type="String">words</Data></Cell>` + others +
			`</Row></Table><WorksheetOptions>` + state + `</WorksheetOptions></Worksheet></Workbook>`
	}
	sheet := func(style, row, cell string) string {
		return `<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><style:table-properties table:display="` + style + `"/>` +
			`<table:table><table:table-row` + row + `><table:table-cell>` + cell + `<text:p>words</text:p></table:table-cell></table:table-row></table:table></office:document>`
	}
	word := func(run string) string {
		return `<?xml version="1.0"?><w:wordDocument><w:styles><w:style><w:rPr><w:vanish/></w:rPr></w:style></w:styles><w:body><w:p><w:r>` + run + `<w:t>words</w:t></w:r></w:p></w:body></w:wordDocument>`
	}
	for name, c := range map[string]struct {
		file, content, want string
	}{
		"a workbook":          {"a.xml", workbook("", "<Visible>SheetVisible</Visible>", ""), ""},
		"a hidden sheet":      {"a.xml", workbook("", "<Visible>SheetHidden</Visible>", ""), "hidden.sheet"},
		"a very hidden sheet": {"a.xml", workbook("", "<Visible> SheetVeryHidden </Visible>", ""), "hidden.sheet"},
		"a hidden row":        {"a.xml", workbook(` ss:Hidden="1"`, "", ""), "hidden.sheet"},
		"a comment":           {"a.xml", workbook("", "", `<Cell><Comment><ss:Data>x</ss:Data></Comment></Cell>`), "hidden.comment"},
		"an exchange":         {"a.xml", workbook("", "", `<Cell ss:Formula="=cmd|'/c calc'!A1"/>`), "active.macro"},
		"a flat sheet":        {"a.fods", sheet("true", "", ""), ""},
		"one that is hidden":  {"a.fods", sheet("false", "", ""), "hidden.sheet"},
		"its hidden row":      {"a.fods", sheet("true", ` table:visibility="collapse"`, ""), "hidden.sheet"},
		"its comment":         {"a.fods", sheet("true", "", "<office:annotation/>"), "hidden.comment"},
		"undeclared":          {"a.fods", strings.TrimPrefix(sheet("false", "", ""), `<?xml version="1.0"?>`), "hidden.sheet"},
		"a flat document":     {"a.xml", word(""), ""},
		"its hidden text":     {"a.xml", word("<w:rPr><w:vanish/></w:rPr>"), "hidden.text"},
		"another's table":     {"a.xml", `<?xml version="1.0"?><document><table-row visibility="collapse"/><row hidden="1"/></document>`, ""},
	} {
		wide := "\xff\xfe"
		for _, b := range []byte(c.content) {
			wide += string([]byte{b, 0})
		}
		want := []string{}
		if c.want != "" {
			want = append(want, c.want)
		}
		head, rest, _ := strings.Cut(c.content, "?>")
		long := head + "?><!--" + strings.Repeat(" words of a comment\n", 20_000) + "-->" + rest
		require.Equal(t, want, sure(report(t, c.file, []byte(c.content))), name)
		require.Equal(t, want, sure(report(t, c.file, []byte(wide))), name)
		require.Equal(t, want, sure(inPieces(t, c.file, []byte(c.content), rand.New(rand.NewPCG(1, 2)))), name)
		if rest != "" {
			require.Equal(t, want, sure(report(t, c.file, []byte(long))), name)
		}
	}
	long := strings.Replace(workbook(` ss:Hidden="1"`, "<Visible>SheetVisible</Visible>", ""), "<Worksheet", "<!--"+strings.Repeat(" words of a comment\n", 20_000)+"--><Worksheet", 1)
	require.Equal(t, []string{"hidden.sheet"}, sure(inPieces(t, "a.xml", []byte(long), rand.New(rand.NewPCG(3, 4)))))
}
