package inspect_test

import (
	"archive/zip"
	"bytes"
	stdbzip2 "compress/bzip2"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What programs pack members with is looked into as files of these formats are (APPNOTE 4.4.5).
func TestMembersOfAllMethodsAreLookedInto(t *testing.T) {
	bzip2, err := os.ReadFile("testdata/samples/rows.csv.bz2")
	require.NoError(t, err)
	bzip2 = bytes.TrimSuffix(bzip2, []byte("rows behind"))
	rows, err := io.ReadAll(stdbzip2.NewReader(bytes.NewReader(bzip2)))
	require.NoError(t, err)
	small := []string{"sdc.small_count 3-4"}
	zeros := strings.Repeat("0", 8<<20)
	for name, c := range map[string]struct {
		method uint16
		packed []byte
		text   string
		want   []string
	}{
		"deflate64":        {9, deflated(t, smallCounts), smallCounts, small},
		"zstd":             {93, zstded(t, smallCounts), smallCounts, small},
		"zstd, old":        {20, zstded(t, smallCounts), smallCounts, small},
		"xz":               {95, xzed(t, smallCounts), smallCounts, small},
		"changed":          {93, zstded(t, smallCounts), strings.Replace(smallCounts, "3", "4", 1), []string{"sdc.small_count 3-4", "uncheckable.corrupt"}},
		"bzip2":            {12, bzip2, string(rows), []string{"pii.id_column", "sdc.row_level", "sdc.too_many_rows"}},
		"cut":              {95, xzed(t, smallCounts)[:60], smallCounts, []string{"uncheckable.corrupt"}},
		"not one":          {95, []byte(smallCounts), smallCounts, []string{"hidden.trailing", "uncheckable.corrupt"}},
		"trailing":         {93, append(zstded(t, "text"), "rows of data"...), "text", []string{"hidden.trailing"}},
		"zstd, bomb":       {93, zstded(t, zeros), zeros, []string{"archive.bomb"}},
		"large window":     {95, withWindow(t, 40), smallCounts, []string{"uncheckable.type"}},
		"lzma":             {14, []byte("text"), "text", []string{"uncheckable.type"}},
		"bzip2, not one":   {12, []byte(smallCounts), smallCounts, []string{"uncheckable.corrupt"}},
		"bzip2, cut":       {12, bzip2[:100], smallCounts, []string{"uncheckable.corrupt"}},
		"deflate64, other": {9, []byte("\x07"), smallCounts, []string{"uncheckable.corrupt"}},
	} {
		content := claiming(t, "a.csv", c.method, c.packed, c.text)
		require.Equal(t, c.want, sure(report(t, "a.zip", content)), name)
		r, _, _ := inSteps(t, "a.zip", content, 1)
		require.Equal(t, c.want, sure(r), name)
	}
}

// A part of a document whose stream cannot even be begun is a damaged one.
func TestPartsOfDocumentsMayBePackedByAnyMethod(t *testing.T) {
	const types, book = "<Types/>", "<workbook/>"
	styles := `<styleSheet><cellXfs><xf/></cellXfs></styleSheet>`
	for name, c := range map[string]struct {
		packed []byte
		want   []string
	}{
		"whole":   {xzed(t, styles), []string{}},
		"no xz":   {[]byte("\xfd7zXZ\x00\x00\x09"), []string{"uncheckable.corrupt"}},
		"too far": {withWindow(t, 40), []string{"uncheckable.type"}},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, part := range []struct {
			name   string
			method uint16
			packed []byte
			text   string
		}{{"[Content_Types].xml", zip.Store, []byte(types), types}, {"xl/workbook.xml", zip.Store, []byte(book), book}, {"xl/styles.xml", 95, c.packed, styles}} {
			w, err := z.CreateRaw(&zip.FileHeader{Name: part.name, Method: part.method, CRC32: crc32.ChecksumIEEE([]byte(part.text)),
				CompressedSize64: uint64(len(part.packed)), UncompressedSize64: uint64(len(part.text))})
			require.NoError(t, err)
			_, err = w.Write(part.packed)
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		require.Equal(t, c.want, rulesOf(report(t, "a.xlsx", b.Bytes())), name)
	}
}
