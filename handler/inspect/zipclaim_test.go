package inspect_test

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// claiming is an archive of one entry, whose directory says that it is another text.
func claiming(t *testing.T, name string, method uint16, packed []byte, other string) []byte {
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
