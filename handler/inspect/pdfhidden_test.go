package inspect_test

import (
	"bytes"
	"encoding/ascii85"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// pdfOf writes a PDF of objects, the first of them a page of 595 by 842 points.
func pdfOf(objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.7\n1 0 obj\n<< /Type /Page /MediaBox [0 0 595.28 841.89] /Contents 2 0 R >>\nendobj\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+2, o)
	}
	return b.String() + "trailer\n<< /Root 1 0 R >>\n%%EOF\n"
}

// pdfStream is an object with a stream that is packed.
func pdfStream(t testing.TB, keys, content string) string {
	t.Helper()
	return "<< " + keys + " /Filter /FlateDecode >>\nstream\n" + string(zlibbed(t, content)) + "\nendstream"
}

func TestHiddenTextInPDFs(t *testing.T) {
	const (
		shown  = "BT /F1 12 Tf 72 700 Td (Table 1) Tj ET\n"
		ground = "0 0 0.5 rg 60 690 200 30 re f\n"
		white  = "1 1 1 rg " + shown
		clear  = "BT 3 Tr /F1 12 Tf 72 700 Td (x) Tj ET\n"
		scan   = "q 595 0 0 842 0 0 cm /Im0 Do Q\n"
		tiny   = "BT /F1 1 Tf 72 700 Td (x) Tj ET\n"
	)
	page := func(content string) string { return pdfOf(pdfStream(t, "/Length 9", content)) }
	layers := func(off string) string {
		return pdfOf("<< /Type /Catalog /OCProperties << /OCGs [5 0 R] /D << " + off + " >> >> >>")
	}
	remark := func(body string) string { return pdfOf("<< /Type /Annot " + body + " >>") }
	var printable bytes.Buffer
	a := ascii85.NewEncoder(&printable)
	fmt.Fprint(a, string(zlibbed(t, clear)))
	a.Close()
	const (
		sure     = inspect.Sure
		doubtful = inspect.Doubtful
		none     = inspect.Confidence("")
	)
	for name, c := range map[string]struct {
		content       string
		text, comment inspect.Confidence
	}{
		"text":                      {page(shown), none, none},
		"without paint":             {page(clear), sure, none},
		"without packing":           {pdfOf("<< /Length 9 >>\nstream\n" + clear + "endstream"), sure, none},
		"ASCII85":                   {pdfOf("<< /Filter [/ASCII85Decode /FlateDecode] >>\nstream\n" + printable.String() + "~>\nendstream"), sure, none},
		"digits":                    {pdfOf("<< /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n" + fmt.Sprintf("% X", zlibbed(t, clear)) + ">\nendstream"), sure, none},
		"claims to be a picture":    {pdfOf(pdfStream(t, "/Subtype /Image", clear)), sure, none},
		"in hexadecimal digits":     {page("BT 3 Tr /F1 12 Tf <0041> Tj ET"), sure, none},
		"in pieces":                 {page("BT 3 Tr /F1 12 Tf [(a) -20 (b)] TJ ET"), sure, none},
		"on the next line":          {page("BT 3 Tr /F1 12 Tf (a) ' ET"), sure, none},
		"blanks without paint":      {page("BT 3 Tr /F1 12 Tf ( ) Tj ET"), none, none},
		"restored":                  {page("q 3 Tr Q " + shown), none, none},
		"painted again":             {page("BT 3 Tr 0 Tr /F1 12 Tf (a) Tj ET"), none, none},
		"only words of it":          {page("BT /F1 12 Tf (3 Tr \\) (1 g) x) Tj ET % 3 Tr\n" + shown), none, none},
		"a scan with its text":      {page(scan + clear), doubtful, none},
		"text below its scan":       {page(clear + scan), doubtful, none},
		"beside a picture":          {page("q 50 0 0 50 0 0 cm /Im0 Do Q\n" + clear), sure, none},
		"a scan's text in a form":   {pdfOf(pdfStream(t, "/Subtype /Form", clear), pdfStream(t, "/Subtype /Image", "\x00\xff")), doubtful, none},
		"a form without a picture":  {pdfOf(pdfStream(t, "/Subtype /Form", clear)), sure, none},
		"after a picture's bytes":   {page("BI /W 1 ID \x01EI\x02 EI " + clear), sure, none},
		"clips":                     {page("BT 7 Tr /F1 12 Tf (a) Tj ET"), doubtful, none},
		"white":                     {page(white), sure, none},
		"white gray":                {page("1 g " + shown), sure, none},
		"no ink":                    {page("0 0 0 0 k " + shown), sure, none},
		"white of a space":          {page("/DeviceGray cs 1 sc " + shown), sure, none},
		"white of a profile":        {page("/CS0 cs 1 1 1 scn " + shown), sure, none},
		"nearly white":              {page("0.99 0.99 1 rg " + shown), sure, none},
		"all of an ink":             {page("/CS0 cs 1 scn " + shown), none, none},
		"a pattern":                 {page("/Pattern cs 1 1 1 /P0 scn " + shown), none, none},
		"light gray":                {page("0.9 g " + shown), none, none},
		"white with an outline":     {page("2 Tr 1 g " + shown), none, none},
		"white on a ground":         {page(ground + white), none, none},
		"white beside a ground":     {page("0 g 300 100 50 50 re f " + white), sure, none},
		"white on white":            {page("1 g 60 690 200 30 re f " + white), sure, none},
		"white on a picture":        {page(scan + white), none, none},
		"white on a shade":          {page("/S0 sh " + white), none, none},
		"white on a scaled ground":  {page("q 100 0 0 100 50 650 cm 0 g 0 0 1 1 re f Q " + white), none, none},
		"white in a form":           {pdfOf(pdfStream(t, "/Subtype /Form", white), pdfStream(t, "", ground)), doubtful, none},
		"ground in another stream":  {pdfOf("<< /Contents [4 0 R 5 0 R] >>", pdfStream(t, "", ground), pdfStream(t, "", white)), doubtful, none},
		"ground of another page":    {pdfOf(pdfStream(t, "", ground), pdfStream(t, "", white)), sure, none},
		"tiny":                      {page(tiny), sure, none},
		"tiny by a matrix":          {page("BT /F1 12 Tf 0.1 0 0 0.1 72 700 Tm (x) Tj ET"), sure, none},
		"tiny by the page's matrix": {page("0.01 0 0 0.01 0 0 cm " + shown), sure, none},
		"of its matrix's size":      {page("BT /F1 1 Tf 12 0 0 12 72 700 Tm (x) Tj ET"), none, none},
		"turned":                    {page("BT /F1 1 Tf 0 12 -12 0 72 700 Tm (x) Tj ET"), none, none},
		"size of drawn characters":  {pdfOf(pdfStream(t, "", tiny), "<< /Type /Font /Subtype /Type3 >>"), doubtful, none},
		"a drawn character":         {page("0 0 1 1 1 1 d1 " + tiny), none, none},
		"no font":                   {page("BT 1 g (x) Tj ET"), none, none},
		"beyond the page":           {page("BT /F1 12 Tf 700 100 Td (x) Tj ET"), sure, none},
		"below the page":            {page("BT /F1 12 Tf 1 0 0 1 10 -100 Tm (x) Tj ET"), sure, none},
		"moved onto the page":       {page("1 0 0 1 700 0 cm BT /F1 12 Tf -600 100 Td (x) Tj ET"), none, none},
		"at the edge":               {page("BT /F1 12 Tf -5 -5 Td (x) Tj ET"), none, none},
		"a layer that is off":       {layers("/OFF [5 0 R]"), sure, none},
		"a packed layer":            {pdfOf(pdfStream(t, "/Type /ObjStm", "<< /OCProperties << /D << /OFF[ 5 0 R ] >> >> >>")), sure, none},
		"layers that are on":        {layers("/ON [5 0 R] /OFF []"), none, none},
		"all but some are off":      {layers("/BaseState /OFF"), doubtful, none},
		"a remark":                  {remark("/Subtype /Text /Contents (ask Ann)"), none, sure},
		"a remark, text first":      {remark("/Contents <FEFF0041> /Subtype/FreeText"), none, sure},
		"an empty remark":           {remark("/Subtype /Popup /Contents ()"), none, none},
		"a link":                    {remark("/Subtype /Link /Contents (home)"), none, none},
		"a remark about nothing":    {pdfOf("<< /Subtype /Text >>", "<< /Contents (x) >>"), none, none},
		"too long to be held":       {pdfOf("<< >>\nstream\n" + clear + strings.Repeat("0 0 m\n", 60_000) + "endstream"), sure, none},
		"damaged":                   {pdfOf("<< >>\nstream\n" + string(zlibbed(t, clear+strings.Repeat("0 0 m\n", 9))[:40]) + "\nendstream"), sure, none},
	} {
		found := func(r inspect.Report, rule string) (best inspect.Confidence) {
			for _, f := range r.Findings {
				if f.Rule == rule && best != sure {
					best = f.Confidence
				}
			}
			return best
		}
		r := report(t, "a.pdf", []byte(c.content))
		require.Equal(t, c.text, found(r, "hidden.text"), name)
		require.Equal(t, c.comment, found(r, "hidden.comment"), name)
		require.Equal(t, r, inPieces(t, "a.pdf", []byte(c.content), rand.New(rand.NewPCG(1, 2))), name)
	}
}

// Content that is packed tighter than operators can be is not looked at as a whole, and the report says so.
func TestContentOfAPDFIsBounded(t *testing.T) {
	r := report(t, "a.pdf", []byte(pdfOf(pdfStream(t, "", strings.Repeat(" ", 8<<20)+"BT 3 Tr /F1 12 Tf (x) Tj ET"))))
	require.Len(t, r.Findings, 1)
	require.Equal(t, "uncheckable.nested", r.Findings[0].Rule)
	require.Equal(t, inspect.Doubtful, r.Findings[0].Confidence)

	long := strings.Repeat("0 0 m\n", 60_000)
	for content, want := range map[string]int{"BT /F1 12 Tf 9 9 Td (x) Tj ET " + long: 1, long: 0, "(x) ' " + long: 0} {
		require.Len(t, report(t, "a.pdf", []byte(pdfOf("<< >>\nstream\n"+content+"\nendstream"))).Findings, want)
	}

	for _, hostile := range []string{strings.Repeat("q ", 100_000), strings.Repeat("(", 100_000), "\\", "<", "(\\", "BI ID", "1e999 1e999 1e999 1e999 1e999 1e999 cm 0 0 9 9 re f BT /F 1 Tf (x) Tj", "BT /F nan Tf (x) Tj ET"} {
		report(t, "a.pdf", []byte(pdfOf(pdfStream(t, "", hostile))))
	}
}
