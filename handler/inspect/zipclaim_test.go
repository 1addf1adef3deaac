package inspect_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// claiming is an archive of one entry, whose directory says that it is another text.
func claiming(t testing.TB, name string, method uint16, packed []byte, other string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: method, CRC32: crc32.ChecksumIEEE([]byte(other)),
		CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(other))})
	require.NoError(t, err)
	_, err = w.Write(packed)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// Programs refuse an entry that is not the one of the directory, or show another one: it is corrupt, however it is read.
func TestAnEntryIsTheOneOfTheDirectory(t *testing.T) {
	text := strings.Repeat("The mean age was higher in the north.\n", 15_000)
	changed := strings.Replace(text, "north", "south", 1)
	dice := rand.New(rand.NewPCG(3, 4))
	for name, c := range map[string]struct {
		method uint16
		packed []byte
		other  string
		want   []string
	}{
		"same.zip":           {zip.Deflate, deflated(t, text), text, []string{}},
		"stored.zip":         {zip.Store, []byte(text), text, []string{}},
		"changed.zip":        {zip.Deflate, deflated(t, text), changed, []string{"uncheckable.corrupt"}},
		"changed stored.zip": {zip.Store, []byte(text), changed, []string{"uncheckable.corrupt"}},
		"longer.zip":         {zip.Deflate, deflated(t, text), text[:100], []string{"uncheckable.corrupt"}},
		"shorter.zip":        {zip.Deflate, deflated(t, text), text + "more", []string{"uncheckable.corrupt"}},
	} {
		content := claiming(t, "a.txt", c.method, c.packed, c.other)
		require.Equal(t, c.want, rulesOf(report(t, name, content)), name)
		require.Equal(t, c.want, rulesOf(inPieces(t, name, content, dice)), name)
		r, steps, _ := inSteps(t, name, content, 1)
		require.Equal(t, c.want, rulesOf(r), name)
		require.Greater(t, steps, 1, name)
	}
}

// Nothing stands in an archive where programs show it to nobody, and no two programs unpack two things.
func TestArchivesSayOneThingToAllPrograms(t *testing.T) {
	write := func(comment string, h zip.FileHeader) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		h.Name, h.Method = "a.txt", zip.Store
		h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc32.ChecksumIEEE([]byte("text")), 4, 4
		w, err := z.CreateRaw(&h)
		require.NoError(t, err)
		_, err = w.Write([]byte("text"))
		require.NoError(t, err)
		require.NoError(t, z.SetComment(comment))
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	extra := func(n int, with string) []byte {
		field := binary.LittleEndian.AppendUint16([]byte("ai"), uint16(n))
		return append(field, strings.Repeat(with, n)...)
	}
	whole := write("", zip.FileHeader{})
	changed := func(from string, at int, to string) []byte {
		b := bytes.Clone(whole)
		copy(b[bytes.Index(b, []byte(from))+at:], to)
		return b
	}
	streamed := write("", zip.FileHeader{Flags: 8})
	// The end of a zip64 before that of the zip, as some programs always write it (APPNOTE 4.3.14 and 4.3.15).
	end := bytes.Index(whole, []byte("PK\x05\x06"))
	directory := bytes.Index(whole, []byte("PK\x01\x02"))
	wide := func(entries, length, offset int) []byte {
		b := append([]byte("PK\x06\x06\x2c"), make([]byte, 19)...)
		for _, n := range []int{entries, entries, length, offset} {
			b = binary.LittleEndian.AppendUint64(b, uint64(n))
		}
		b = binary.LittleEndian.AppendUint64(append(b, "PK\x06\x07\x00\x00\x00\x00"...), uint64(end))
		return slices.Concat(whole[:end], b, []byte{1, 0, 0, 0}, whole[end:])
	}
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"plain":               {whole, []string{}},
		"streamed":            {streamed, []string{}},
		"times and owners":    {write("", zip.FileHeader{Extra: extra(100, "x")}), []string{}},
		"room to grow":        {write("", zip.FileHeader{Extra: extra(2000, "\x00")}), []string{}},
		"packed by git":       {write(strings.Repeat("0123456789", 4), zip.FileHeader{}), []string{}},
		"comment":             {write("North,3", zip.FileHeader{}), []string{"hidden.comment"}},
		"member's comment":    {write("", zip.FileHeader{Comment: "North,3"}), []string{"hidden.comment"}},
		"extra":               {write("", zip.FileHeader{Extra: extra(2000, "x")}), []string{"hidden.trailing"}},
		"local method":        {changed("PK\x03\x04", 8, "\x08"), []string{"uncheckable.corrupt"}},
		"local sum":           {changed("PK\x03\x04", 14, "abcd"), []string{"uncheckable.corrupt"}},
		"local size":          {changed("PK\x03\x04", 22, "\x09"), []string{"uncheckable.corrupt"}},
		"local length":        {changed("PK\x03\x04", 18, "\x09"), []string{"uncheckable.corrupt"}},
		"cut comment":         {changed("PK\x05\x06", 20, "\x09"), []string{"uncheckable.corrupt"}},
		"two ends":            {wide(1, end-directory, directory), []string{}},
		"other entries":       {wide(2, end-directory, directory), []string{"uncheckable.corrupt"}},
		"without its members": {wide(0, 0, end), []string{"hidden.trailing", "uncheckable.corrupt"}},
	} {
		require.Equal(t, c.want, rulesOf(report(t, "a.zip", c.content)), name)
	}
}
