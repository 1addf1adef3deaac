package inspect_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// marker stands for data that nobody may see but who may see the file.
const marker = "Zebedee"

// planted are files with the marker in every place that a format has for a text.
func planted(t testing.TB) map[string][]byte {
	m := func(format string) []byte { return []byte(strings.ReplaceAll(format, "%", marker)) }
	sheet := `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%</t></is></c><c r="B1" t="inlineStr"><is><t>count</t></is></c></row>` +
		strings.Repeat(`<row><c t="inlineStr"><is><t>% %</t></is></c><c><v>3</v></c></row>`, 30) + `</sheetData></worksheet>`
	properties := string(m(`<cp:coreProperties><dc:creator>%</dc:creator><dc:title>%@nhs.net</dc:title></cp:coreProperties>`))
	document := `<w:document><w:body><w:p><w:ins w:author="%"><w:r><w:rPr><w:vanish/></w:rPr><w:t>%@nhs.net</w:t></w:r></w:ins></w:p></w:body></w:document>`
	return map[string][]byte{
		"a.csv":     m("surname,NHS number,%\n%,999 000 0018,%@nhs.net\n"),
		"b.csv":     m("surname,patients,%\n" + strings.Repeat("%,3,%@nhs.net\n", 12_000)),
		"c.csv":     m("%,count\n\"% \"\"%\",3\n\"%\n%\",4\n"),
		"wide.csv":  utf16le(string(m("%,count\n" + strings.Repeat("%,3\n", 20_000)))),
		"a.tsv":     m("%\tcount\n%\t3\nother\t20\n"),
		"a.txt":     m("%  count\n%  3\n%  4\n%@nhs.net\nDf Residuals: 3 %\npassword=ghp_%abcdefghijklmnopqrstuvwxyz0123\n"),
		"a.md":      m("| % | count |\n|---|---|\n| % | 3 |\n"),
		"a.py":      m("# % %@nhs.net\nkey = '-----BEGIN RSA PRIVATE KEY-----'\n"),
		"a.json":    m(`{"%": "%@nhs.net", "rows": [{"%": "%", "n": 3}, {"%": "%", "n": 30}]}`),
		"b.json":    m(`[` + strings.Repeat(`{"%": "%@nhs.net"},`, 10_000)),
		"a.geojson": m(`{"type": "FeatureCollection", "%": "%@nhs.net", "features": [{"properties": {"%": "%"}, "geometry": {"coordinates": [1.23456, 52.34567]}}]}`),
		"a.ipynb":   m(`{"nbformat": 4, "metadata": {"%": "%"}, "cells": [{"%": "%", "attachments": {"%": {}}, "outputs": [{"%": "%@nhs.net", "data": {"text/html": "<table><tr><td>%</td></tr></table>"}}]}]}`),
		"a.html":    m("<html><div hidden id='%' %='%'>" + strings.Repeat("% 12 ", 50_000) + "</div><%>%@nhs.net</%></html>"),
		"t.html":    m("<html><table><tr><th>%<th>count<tr><td>%<td>3<tr><td>%<td>4</table>%@nhs.net</html>"),
		"a.svg":     m("<svg><% %='%'/><script>%</script>%@nhs.net</svg>"),
		"a.pdf":     append([]byte("%PDF-1.7\n"), m("/% /JS (%) /Author (%) /Type /EmbeddedFile /F (%)\n")...),
		"a.pkl":     m("\x80\x02c%\n%\nU\x07%R."),
		"b.pkl":     m("\x80\x04\x8c\x07%\x94\x8c\x07%\x94\x93\x8c\x07%\x94R."),
		"a.zip":     zipped(t, "../"+marker, marker, marker+".csv", string(m("%,n\n%,3\n")), marker+"/"+marker+".zip", string(zipped(t, "../"+marker+".csv", "x"))),
		"a.tar":     tarred(t, "../"+marker, marker, marker, "-> "+marker, strings.Repeat(marker+"/", 40)+"x", "long name"),
		"a.csv.gz":  gzipped(t, string(m("%,count\n%,3\n"))),
		"a.tgz":     gzipped(t, string(tarred(t, "../"+marker, string(m("%,n\n%,3\n"))))),
		"a.xlsx":    book(t, `<sheet name="`+marker+`" state="hidden"/>`, string(m(sheet)), "xl/comments1.xml", string(m(`<comments><comment ref="A1" a="%"><t>%@nhs.net</t></comment></comments>`)), "docProps/core.xml", properties),
		"shared.xlsx": book(t, `<sheet name="`+marker+`"/>`, strings.ReplaceAll(countSheet, "North", marker), "xl/sharedStrings.xml", string(m(`<sst><si><t>%</t></si></sst>`)),
			"xl/externalLinks/externalLink1.xml", string(m(`<externalLink target="%"/>`)), "xl/pivotCache/pivotCacheRecords1.xml", string(m(`<r><s v="%"/></r>`))),
		"a.docx":    zipped(t, "[Content_Types].xml", "<Types/>", "word/document.xml", string(m(document)), "docProps/core.xml", properties, "word/comments.xml", string(m("<w:comment>%</w:comment>"))),
		"a.pptx":    zipped(t, "[Content_Types].xml", "<Types/>", "ppt/presentation.xml", "<p/>", "ppt/notesSlides/"+marker+".xml", string(m("<p>%@nhs.net</p>")), "ppt/embeddings/"+marker+".xlsx", string(book(t, `<sheet name="`+marker+`" state="hidden"/>`, string(m(sheet))))),
		"a.rds":     gzipped(t, rHead+rFrame(1, []string{marker, "n"}, rStrings(marker), rVector(3))),
		"b.rds":     []byte(rHead + rInts(19, 3) + rFrame(1, []string{marker, "n"}, rStrings(string(m("%@nhs.net"))), rVector(3)) + rInts(24, 200_000) + strings.Repeat("x", 200_000) + rSymbol(marker)),
		"a.rda":     []byte("RDX3\n" + rHead + rPairs(marker, rFrame(1, []string{marker, "n"}, rStrings(marker), rVector(3)), ".First", rFunction())),
		"a.parquet": parquetOf("\x59\x1c\x18" + string(rune(len(marker))) + marker + "\x18" + string(rune(len(marker))) + marker + "\x00"),
		"a.csv.xz":  xzed(t, string(m("%,count\n%,3\n"))),
		"a.csv.zst": zstded(t, string(m("%,count\n%,3\n"))),
		"a.png":     append(append([]byte(nil), picture(t, "png")...), m("%@nhs.net")...),
		"a.jpg":     append(append([]byte(nil), picture(t, "jpeg")...), m("%@nhs.net")...),
		"a.doc":     append(compound("Root Entry", marker, "VBA"), marker...),
		"a.dta":     m("<stata_dta><header><release>118</release><label>%</label></header>"),
		"a.sav":     m("$FL2@(#) % %"),
		"a.db":      m("SQLite format 3\x00CREATE TABLE % (%)"),
		"a.npy":     m("\x93NUMPY\x01\x00%"),
		"a.bin":     m("\x00\x01\x02%"),
		"a.xml":     m(`<?xml version="1.0"?><% %="%"><r %="%" n="3"/><r %="%" n="40"/></%>`),
		"a.rtf":     m(`{\rtf1 \trowd %\cell n\cell\row\trowd %\cell 3\cell\row}`),
		"a.yaml":    m("- %: %\n  n: 3\n- %: %\n  n: 40\n"),
		"acro.json": m(`{"version": "%", "tool": "%", "results": {"%": {"uid": "%", "status": "fail", "type": "%", "properties": {"mitigation": "%"}, "files": [{"name": "%", "sdc": {"summary": {"%": 1}, "cells": {"%": [[1, 0]]}}}, "%"],
			"outcome": {"%": {"%": "ok", "('%', '%')": "%"}}, "command": "%", "summary": "%", "exception": "%", "comments": ["%"]}}}`),
		"bad.zip": append(zipped(t, marker, marker), m("% behind")...),
	}
}

// Neither findings nor the state between two steps hold anything of the file: not its texts, its headers, its
// keys, or the names of its sheets and members.
func TestFindingsHoldNoData(t *testing.T) {
	for name, content := range planted(t) {
		f := inspect.NewFile(marker+"/"+marker+name, int64(len(content)), inspect.DefaultLimits())
		for done := false; !done; {
			var err error
			done, err = f.Step(source(content), func() bool { return true })
			require.NoError(t, err)
			kept, err := f.State()
			require.NoError(t, err)
			holdsNoMarker(t, name, kept)
			require.NotContains(t, string(kept), "999 000", name)
		}
		told, err := json.Marshal(f.Report())
		require.NoError(t, err)
		holdsNoMarker(t, name, told)
		require.NotEmpty(t, f.Report().Findings, name)
		require.True(t, f.Report().Plausible(), name)
	}
}

// holdsNoMarker looks for the marker as it is, in hexadecimal digits, in two bytes a letter, and in base64.
func holdsNoMarker(t testing.TB, name string, kept []byte) {
	t.Helper()
	texts := [][]byte{kept}
	for part := range strings.SplitSeq(string(kept), `"`) { // JSON writes bytes as base64
		if plain, err := base64.StdEncoding.DecodeString(part); err == nil {
			texts = append(texts, plain)
		}
	}
	for _, text := range texts {
		text = bytes.ToLower(bytes.ReplaceAll(text, []byte{0}, nil))
		require.NotContains(t, string(text), strings.ToLower(marker), name)
		require.NotContains(t, string(text), hex.EncodeToString([]byte(marker)), name)
	}
}
