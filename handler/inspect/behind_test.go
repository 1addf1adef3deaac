package inspect_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const counts = "region,n\nnorth,30\nsouth,45\neast,100\nwest,120\n"

func deflated(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	require.NoError(t, err)
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// withEntry is an archive of one entry, whose compressed bytes are those given.
func withEntry(t *testing.T, name, text string, packed []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(text)),
		CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(text))})
	require.NoError(t, err)
	_, err = w.Write(packed)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func withHead(t *testing.T, h gzip.Header, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Header = h
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// What no program shows is found wherever the format has room for it: behind a stream, behind an
// archive, in the padding, and in the head.
func TestWhatNoProgramShowsIsFound(t *testing.T) {
	hidden := strings.Repeat("100001,John Smith,1970-01-02\n", 20)
	tar := tarred(t, "a.csv", counts)
	padded := bytes.Clone(tar)
	copy(padded[512+len(counts):1024], hidden)
	extra := append([]byte{'X', 'X'}, binary.LittleEndian.AppendUint16(nil, uint16(len(hidden)))...)
	extra = append(extra, hidden...)
	for name, c := range map[string]struct {
		content []byte
		rule    string // "" for none
	}{
		"a.bin":         {zlibbed(t, counts), ""},
		"b.bin":         {append(zlibbed(t, counts), hidden...), "hidden.trailing"},
		"c.csv.gz":      {append(gzipped(t, counts), gzipped(t, counts)...), ""},
		"d.zip":         {withEntry(t, "a.csv", counts, deflated(t, counts)), ""},
		"e.zip":         {withEntry(t, "a.csv", counts, append(deflated(t, counts), hidden...)), "hidden.trailing"},
		"f.zip":         {withEntry(t, "a.csv", counts, append(deflated(t, counts), 0)), "hidden.trailing"},
		"g.tar":         {tar, ""},
		"h.tar":         {append(bytes.Clone(tar), hidden...), "hidden.trailing"},
		"i.tar.gz":      {gzipped(t, string(append(bytes.Clone(tar), hidden...))), "hidden.trailing"},
		"j.tar":         {append(bytes.Clone(tar), make([]byte, 20<<10)...), ""},
		"k.tar":         {padded, "hidden.trailing"},
		"l.tar.gz":      {gzipped(t, string(padded)), "hidden.trailing"},
		"m.csv.gz":      {withHead(t, gzip.Header{Name: "m.csv", Extra: []byte{'B', 'C', 2, 0, 60, 0}}, counts), ""},
		"n.csv.gz":      {withHead(t, gzip.Header{Comment: "John Smith"}, counts), "hidden.comment"},
		"o.csv.gz":      {withHead(t, gzip.Header{Extra: extra}, counts), "hidden.comment"},
		"p.csv.gz":      {withHead(t, gzip.Header{Name: strings.ReplaceAll(hidden, "\n", ";")}, counts), "hidden.comment"},
		"in/q.csv.gz":   {append(gzipped(t, counts), withHead(t, gzip.Header{Comment: "John Smith"}, "")...), "hidden.comment"},
		"in/archive.gz": {gzipped(t, string(append(zlibbed(t, counts), hidden...))), "hidden.trailing"},
	} {
		rules := rulesOf(report(t, name, c.content))
		if c.rule != "" {
			require.Contains(t, rules, c.rule, name)
			continue
		}
		require.NotContains(t, rules, "hidden.trailing", name)
		require.NotContains(t, rules, "hidden.comment", name)
	}
}
