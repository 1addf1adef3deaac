package inspect_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"
)

const smallCounts = "region,patients\nNorth,120\nSouth,3\n"

// zstded compresses texts, each in a frame of its own.
func zstded(t testing.TB, frames ...string) []byte {
	var b bytes.Buffer
	for _, text := range frames {
		w, err := zstd.NewWriter(&b)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return b.Bytes()
}

// xzed compresses texts, each in a stream of its own.
func xzed(t testing.TB, streams ...string) []byte {
	var b bytes.Buffer
	for _, text := range streams {
		w, err := xz.NewWriter(&b)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return b.Bytes()
}

// skippable is a frame of Zstandard that decoders leave out.
func skippable(magic uint32, text string) string {
	b := binary.LittleEndian.AppendUint32(nil, magic)
	return string(binary.LittleEndian.AppendUint32(b, uint32(len(text)))) + text
}

func fromBase64(t testing.TB, text string) []byte {
	b, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return b
}

// Written by the tools of the formats' owners, from smallCounts.
const (
	xzSHA256      = "/Td6WFoAAArh+wyhAgAhARYAAAB0L+WjAQAPcmVnaW9uLHBhdGllbnRzCgCE0Dx/AI83y28xeKAhSORrErWMT15GC3yYAlZBlWB77gIAIQEWAAAAdC/lowEAD05vcnRoLDEyMApTb3V0aCwAWvJbNBc2MD9IqvMUI5IpiJVzfjFhhR5DPBKJa9NDffYCACEBFgAAAHQv5aMBAAEzCgAAABEhz8zVkT8KY/7ECm/9ROpk+dwTXGZjS6AB0QvPQwKiAANAEEAQMgIKlj6/tunfHAIAAAAAClla" // xz 5.4.1 --check=sha256 --block-size=16
	xzLargeWindow = "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAhcmVnaW9uLHBhdGllbnRzCk5vcnRoLDEyMApTb3V0aCwzCgAAAM68iJEwc5ppAAE6IrYqT9AftvN9AQAAAAAEWVo="                                                                                                                                                                     // xz -9
	xzProgram     = "/Td6WFoAAATm1rRGAgEEACEBFgANhjUfAQAhcmVnaW9uLHBhdGllbnRzCk5vcnRoLDEyMApTb3V0aCwzCgAAAM68iJEwc5ppAAE6IrYqT9AftvN9AQAAAAAEWVo="                                                                                                                                                                     // xz --x86 --lzma2
	pzstd         = "UCpNGAQAAAAvAAAAKLUv/QRYEQEAcmVnaW9uLHBhdGllbnRzCk5vcnRoLDEyMApTb3V0aCwzCt30/0g="                                                                                                                                                                                                                 // pzstd -p 2
)

func TestStreamsOfXZAndZstandardAreLookedInto(t *testing.T) {
	small := []string{"sdc.small_count 3-4"}
	tables := string(tarred(t, "a.csv", smallCounts))
	zeros := strings.Repeat("0", 8<<20)
	seekable := binary.LittleEndian.AppendUint32(nil, 0)
	seekable = binary.LittleEndian.AppendUint32(seekable, uint32(len(smallCounts)))
	seekable = append(binary.LittleEndian.AppendUint32(seekable, 1), 0)
	seekable = binary.LittleEndian.AppendUint32(seekable, 0x8f92eab1)
	deepXZ, deepZstd := []byte("text"), []byte("text")
	for range 8 {
		deepXZ, deepZstd = xzed(t, string(deepXZ)), zstded(t, string(deepZstd))
	}
	flipped := bytes.Clone(fromBase64(t, xzLargeWindow))
	flipped[bytes.Index(flipped, []byte("North"))]++
	changed := bytes.Clone(fromBase64(t, pzstd))
	changed[bytes.Index(changed, []byte("North"))]++
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"a.csv.zst":       {zstded(t, smallCounts), small},
		"frames.csv.zst":  {zstded(t, smallCounts[:20], smallCounts[20:], ""), small},
		"parallel.zst":    {fromBase64(t, pzstd), small},
		"seekable.zst":    {slices.Concat(zstded(t, smallCounts), []byte(skippable(0x184d2a5e, string(seekable)))), small},
		"a.tzst":          {zstded(t, tables), small},
		"a.tar.zst":       {zstded(t, tables), small},
		"nest.zst":        {deepZstd, []string{"archive.depth"}},
		"bomb.txt.zst":    {zstded(t, zeros), []string{"archive.bomb"}},
		"bombs.txt.zst":   {zstded(t, zeros[:4<<20], zeros[:4<<20]), []string{"archive.bomb"}},
		"trailing.zst":    {slices.Concat(zstded(t, "text"), []byte("rows of data behind")), []string{"hidden.trailing"}},
		"tail.zst":        {slices.Concat(zstded(t, "text"), []byte("xy")), []string{"hidden.trailing"}},
		"skipped.zst":     {[]byte(skippable(0x184d2a53, "rows of data that no decoder shows") + string(zstded(t, "text"))), []string{"hidden.trailing"}},
		"lying.zst":       {slices.Concat(zstded(t, "text"), []byte(skippable(0x184d2a5e, strings.Repeat("x", 12)+"\x01\x00\x00\x00\x00rows"))), []string{"hidden.trailing"}},
		"cut.zst":         {zstded(t, smallCounts)[:30], []string{"uncheckable.corrupt"}},
		"changed.zst":     {changed, []string{"uncheckable.corrupt"}},
		"window.zst":      {[]byte("\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00"), []string{"uncheckable.type"}},
		"dictionary.zst":  {[]byte("\x28\xb5\x2f\xfd\x21\x07\x00\x01\x00\x00"), []string{"uncheckable.type"}},
		"only.zst":        {[]byte(skippable(0x184d2a50, "rows of data")), []string{"hidden.trailing"}},
		"endless.zst":     {[]byte("\x50\x2a\x4d\x18\xff\xff\xff\xff"), []string{"hidden.trailing", "uncheckable.corrupt"}},
		"a.lz4":           {[]byte("\x04\x22\x4d\x18\x60\x40\x82\x00\x00\x00\x00"), []string{"uncheckable.type"}},
		"skipped.lz4":     {[]byte(skippable(0x184d2a50, "abcd") + "\x04\x22\x4d\x18\x60\x40\x82\x00\x00\x00\x00"), []string{"uncheckable.type"}},
		"a.csv.xz":        {xzed(t, smallCounts), small},
		"streams.csv.xz":  {slices.Concat(xzed(t, smallCounts[:20]), make([]byte, 8), xzed(t, smallCounts[20:])), small},
		"blocks.csv.xz":   {fromBase64(t, xzSHA256), small},
		"large.csv.xz":    {fromBase64(t, xzLargeWindow), small},
		"two.csv.xz":      {slices.Concat(fromBase64(t, xzLargeWindow), xzed(t, "East,4\n")), []string{"sdc.small_count 3-4"}},
		"program.csv.xz":  {fromBase64(t, xzProgram), []string{"uncheckable.type"}},
		"a.txz":           {xzed(t, tables), small},
		"a.tar.xz":        {xzed(t, tables), small},
		"mixed.tar.xz":    {xzed(t, string(tarred(t, "a.csv.zst", string(zstded(t, smallCounts))))), small},
		"deep.xz":         {xzed(t, string(fromBase64(t, xzLargeWindow))), small},
		"too deep.xz.xz":  {largeInLarge(t), []string{"uncheckable.type"}},
		"nest.xz":         {deepXZ, []string{"archive.depth"}},
		"bomb.txt.xz":     {xzed(t, zeros), []string{"archive.bomb"}},
		"trailing.xz":     {slices.Concat(xzed(t, "text"), []byte("rows of data behind")), []string{"hidden.trailing"}},
		"cut.xz":          {xzed(t, smallCounts)[:60], []string{"uncheckable.corrupt"}},
		"changed.csv.xz":  {flipped, []string{"uncheckable.corrupt"}},
		"dictionary.xz":   {withWindow(t, 40), []string{"uncheckable.type"}},
		"b.rds":           {xzed(t, rHead+rVector(1)), []string{"hidden.r_object"}},
		"archive.zip":     {zipped(t, "a.csv.xz", string(xzed(t, smallCounts)), "b.csv.zst", string(zstded(t, smallCounts))), []string{"sdc.small_count 3-4"}},
		"table.csv":       {xzed(t, smallCounts), []string{"sdc.small_count 3-4", "type.mismatch"}},
		"program.txt.zst": {zstded(t, "\x7fELF\x00"), []string{"active.executable", "type.mismatch"}},
	} {
		require.Equal(t, c.want, sure(report(t, name, c.content)), name)
	}
}

// withWindow is xzLargeWindow with another size of the dictionary (The .xz File Format, 5.3.1).
func withWindow(t testing.TB, code byte) []byte {
	b := bytes.Clone(fromBase64(t, xzLargeWindow))
	b[16] = code
	binary.LittleEndian.PutUint32(b[20:], crc32.ChecksumIEEE(b[12:20]))
	return b
}

// largeInLarge is a stream with a window of 64 MiB in another one.
func largeInLarge(t testing.TB) []byte {
	var b bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 64 << 20}.NewWriter(&b)
	require.NoError(t, err)
	_, err = w.Write(fromBase64(t, xzLargeWindow))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func FuzzXZAndZstandard(f *testing.F) {
	f.Add(true, fromBase64(f, xzSHA256))
	f.Add(true, xzed(f, smallCounts, "more"))
	f.Add(true, fromBase64(f, xzProgram))
	f.Add(false, zstded(f, smallCounts, "more"))
	f.Add(false, fromBase64(f, pzstd))
	f.Fuzz(func(t *testing.T, isXZ bool, content []byte) {
		if len(content) > 32<<10 {
			return
		}
		name, magic := "a.txt.zst", "\x28\xb5\x2f\xfd"
		if isXZ {
			name, magic = "a.txt.xz", "\xfd7zXZ\x00"
		}
		report(t, name, append([]byte(magic), content...))
		report(t, name, content)
	})
}
