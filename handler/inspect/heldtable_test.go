package inspect_test

import (
	"archive/zip"
	"bytes"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// heldNear is a file that tells how much memory is held when it was nearly read to its end.
type heldNear struct {
	inspect.Source
	held *uint64
}

func (h heldNear) ReadAt(b []byte, offset int64) (int, error) {
	if end := h.Size(); *h.held == 0 && offset > end*9/10 && offset < end*99/100 {
		*h.held = inUse()
	}
	return h.Source.ReadAt(b, offset)
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A table is held until it ends, however long its texts are and however many cells a row has.
func TestTablesOfDocumentsAreHeldWithinBounds(t *testing.T) {
	const most = 14 << 20
	long := strings.Repeat("some words ", 90)
	for name, c := range map[string]struct{ part, begin, again, end string }{
		"texts of a document": {"word/document.xml", `<w:document><w:tbl>`, `<w:tr>` + strings.Repeat(`<w:tc>`+long+`</w:tc>`, 20) + `</w:tr>`, `</w:tbl></w:document>`},
		"a row of a document": {"word/document.xml", `<w:document><w:tbl><w:tr>`, strings.Repeat(`<w:tc/>`, 1500), `</w:tr></w:tbl></w:document>`},
		"texts of a sheet":    {"xl/worksheets/sheet1.xml", `<worksheet><sheetData>`, `<row>` + strings.Repeat(`<c t="inlineStr"><is><t>`+long+`</t></is></c>`, 20) + `</row>`, `</sheetData></worksheet>`},
	} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		m, err := w.CreateHeader(&zip.FileHeader{Name: c.part, Method: zip.Store})
		require.NoError(t, err)
		_, err = io.WriteString(m, c.begin+strings.Repeat(c.again, 1000)+c.end)
		require.NoError(t, err)
		_, err = w.Create(map[bool]string{true: "xl/workbook.xml", false: "word/styles.xml"}[c.part[0] == 'x'])
		require.NoError(t, err)
		require.NoError(t, w.Close())

		before, held := inUse(), uint64(0)
		f := inspect.NewFile("a", int64(b.Len()), inspect.DefaultLimits())
		done, err := f.Step(heldNear{source(b.Bytes()), &held}, func() bool { return false })
		require.NoError(t, err)
		require.True(t, done)
		require.NotZero(t, held, name)
		require.Less(t, int64(held)-int64(before), int64(most), name)
	}
}

// Each inflater has buffers of 100 kB: archives of small members use the same ones.
func TestSmallMembersAreReadWithoutBuffersOfTheirOwn(t *testing.T) {
	members := make([]string, 0, 4000)
	for i := range 2000 {
		members = append(members, strconv.Itoa(i), "")
	}
	content := zipped(t, members...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	report(t, "a.zip", content)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2000*20<<10))
}
