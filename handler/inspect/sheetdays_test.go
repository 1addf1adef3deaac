package inspect_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Workbooks hold days as numbers: their formats say so, and the rules about dates see dates.
func TestDaysOfWorkbooksAreDates(t *testing.T) {
	looks := `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="YYYY\-MM\-DD"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd hh:mm:ss"/><numFmt numFmtId="166" formatCode="[Red]0.00&quot;days&quot;"/><numFmt numFmtId="167" formatCode="General&quot;y&quot;"/></numFmts>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="2"/></cellXfs></styleSheet>`
	for _, c := range []struct {
		format, header string
		found          bool
	}{
		{"1", "dob", true}, {"2", "dob", true}, {"3", "x", true}, {"2", "x", true}, {"2", "published", false},
		{"0", "x", false}, {"4", "x", false}, {"5", "x", false}, {"6", "dob", false},
	} {
		dice := rand.New(rand.NewPCG(3, 8))
		var rows strings.Builder
		fmt.Fprintf(&rows, `<row r="1"><c r="A1" t="str"><v>%s</v></c><c r="B1" t="str"><v>sbp</v></c></row>`, c.header)
		for i := range 60 {
			fmt.Fprintf(&rows, `<row r="%d"><c r="A%d" s="%s"><v>%d</v></c><c r="B%d"><v>%d.5</v></c></row>`, i+2, i+2, c.format, 11_000+dice.IntN(25_000), i+2, 100+i)
		}
		r := report(t, "a.xlsx", zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/styles.xml", looks, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+rows.String()+"</sheetData></worksheet>"))
		require.Equal(t, c.found, strings.Contains(strings.Join(sure(r), " "), "pii.dob"), "format %s, header %s", c.format, c.header)
	}

	// Days of a region in the form of numbers would be those of people.
	var rows strings.Builder
	rows.WriteString(`<row r="1"><c r="A1" t="str"><v>date</v></c><c r="B1" t="str"><v>region</v></c><c r="C1" t="str"><v>admissions</v></c></row>`)
	start := time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC).Unix()/86400 + 25_569
	for i := range 90 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%d" s="1"><v>%d</v></c><c r="B%d" t="str"><v>%s</v></c><c r="C%d"><v>%d</v></c></row>`, i+2, i+2, start+int64(i/3), i+2, []string{"N", "S", "W"}[i%3], i+2, 20+5*(i%40))
	}
	require.Empty(t, sure(report(t, "a.xlsx", zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/styles.xml", looks, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+rows.String()+"</sheetData></worksheet>"))))
}
