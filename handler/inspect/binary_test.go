package inspect_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// picture draws a small picture in a format.
func picture(t testing.TB, format string) []byte {
	var b bytes.Buffer
	img := image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{color.Black, color.White})
	switch format {
	case "png":
		require.NoError(t, png.Encode(&b, img))
	case "jpeg":
		require.NoError(t, jpeg.Encode(&b, img, nil))
	case "gif":
		require.NoError(t, gif.Encode(&b, img, nil))
	}
	return b.Bytes()
}

// exif is Exif data with, or without, the place where a picture was taken.
func exif(place bool) string {
	tag := uint16(0x10f)
	if place {
		tag = 0x8825
	}
	b := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01"), 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0)
	binary.BigEndian.PutUint16(b[10:], tag)
	return string(b)
}

func pngChunk(kind, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

func TestPicturesAreLookedInto(t *testing.T) {
	drawn := picture(t, "png")
	with := func(chunk string) string { return string(drawn[:33]) + chunk + string(drawn[33:]) }
	photo := picture(t, "jpeg")
	segment := func(marker byte, data string) string {
		return string(photo[:2]) + string([]byte{0xff, marker, byte((len(data) + 2) >> 8), byte(len(data) + 2)}) + data + string(photo[2:])
	}
	webp := "RIFF" + "\x0e\x00\x00\x00" + "WEBPVP8 \x02\x00\x00\x00ab"
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"plain.png":      {string(drawn), []string{}},
		"text.png":       {with(pngChunk("tEXt", "Title\x00words")), []string{"hidden.image_meta"}},
		"gps.png":        {with(pngChunk("eXIf", exif(true))), []string{"hidden.image_gps", "hidden.image_meta"}},
		"large.png":      {with(pngChunk("tEXt", strings.Repeat("x", 20_000))), []string{"hidden.embedded", "hidden.image_meta"}},
		"private.png":    {with(pngChunk("daTa", strings.Repeat("41,F,3\n", 200))), []string{"hidden.embedded"}},
		"unheard.png":    {with(pngChunk("dATA", strings.Repeat("41,F,3\n", 200))), []string{"hidden.embedded"}},
		"pieces.png":     {with(strings.Repeat(pngChunk("daTa", strings.Repeat("41,F,3\n", 20)), 10)), []string{"hidden.embedded"}},
		"small.png":      {with(pngChunk("vpAg", "123456789")), []string{}},
		"palettes.png":   {with(pngChunk("sPLT", strings.Repeat("x", 4000))), []string{}},
		"frames.png":     {with(pngChunk("acTL", "\x00\x00\x00\x02\x00\x00\x00\x00") + pngChunk("fdAT", "\x00\x00\x00\x01x")), []string{"hidden.embedded"}},
		"trailing.png":   {string(drawn) + "rows of data", []string{"hidden.trailing"}},
		"cut.png":        {string(drawn[:40]), []string{"uncheckable.corrupt"}},
		"lying.png":      {with("\x7f\xff\xff\xffabcd"), []string{"uncheckable.corrupt"}},
		"polyglot.png":   {string(drawn) + string(zipped(t, "a.csv", "a,b\n")), []string{"hidden.trailing"}},
		"plain.jpg":      {string(photo), []string{}},
		"gps.jpg":        {segment(0xe1, "Exif\x00\x00"+exif(true)), []string{"hidden.image_gps", "hidden.image_meta"}},
		"camera.jpg":     {segment(0xe1, "Exif\x00\x00"+exif(false)), []string{"hidden.image_meta"}},
		"comment.jpg":    {segment(0xfe, "words"), []string{"hidden.image_meta"}},
		"trailing.jpg":   {string(photo) + "rows of data", []string{"hidden.trailing"}},
		"padded.jpg":     {string(photo) + "\x00\x00\r\n", []string{}},
		"cut.jpg":        {string(photo[:len(photo)-10]), []string{"uncheckable.corrupt"}},
		"plain.gif":      {string(picture(t, "gif")), []string{}},
		"trailing.gif":   {string(picture(t, "gif")) + "rows", []string{"hidden.trailing"}},
		"plain.webp":     {webp, []string{}},
		"trailing.webp":  {webp + "rows", []string{"hidden.trailing"}},
		"really.png":     {string(photo), []string{"type.mismatch"}},
		"inside.csv":     {string(drawn), []string{"type.mismatch"}},
		"gps.tif":        {exif(true), []string{"hidden.image_gps", "hidden.image_meta"}},
		"no-metadata.md": {"# Words\n", []string{}},
	} {
		require.Equal(t, c.want, sure(report(t, name, []byte(c.content))), name)
	}
}

func TestPDFsAreLookedInto(t *testing.T) {
	pdf := func(body string) string {
		return "%PDF-1.7\n1 0 obj\n<< " + body + " >>\nendobj\ntrailer\n<<>>\n%%EOF\n"
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	fmt.Fprint(z, "1 0 << /S /JavaScript >>")
	z.Close()
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"plain":           {pdf("/Type /Catalog"), []string{}},
		"opens at a page": {pdf("/OpenAction [3 0 R /Fit]"), []string{}},
		"script":          {pdf("/OpenAction << /S /JavaScript /JS (x) >>"), []string{"active.pdf"}},
		"hidden script":   {pdf("/S /J#61vaScript"), []string{"active.pdf"}},
		"launch":          {pdf("/S /Launch"), []string{"active.pdf"}},
		"packed script":   {pdf("/Type /ObjStm /Filter /FlateDecode /Length 99 >>\nstream\n" + packed.String() + "\nendstream << "), []string{"active.pdf"}},
		"attachment":      {pdf("/Type /EmbeddedFile"), []string{"hidden.pdf_attachment"}},
		"encrypted":       {pdf("/Encrypt 3 0 R"), []string{"uncheckable.encrypted"}},
		"revisions":       {pdf("") + "2 0 obj\nendobj\n%%EOF\n", []string{"hidden.pdf_revision"}},
		"for the web":     {pdf("/Linearized 1") + "2 0 obj\nendobj\n%%EOF\n", []string{}},
		"trailing":        {pdf("") + "rows of data behind the end", []string{"hidden.trailing"}},
		"not at once":     {"\x00\x01words\n" + strings.Replace(pdf(""), "1.7", "2.0", 1), []string{}},
		"bits behind":     {pdf("") + strings.Repeat("\x01\x02", 20), []string{"hidden.trailing"}},
		"cut":             {"%PDF-1.7\n1 0 obj\n<<", []string{"uncheckable.corrupt"}},
		"in a picture":    {pdf(">>\nstream\n/JavaScript \nendstream <<"), []string{}},
		"an endless one":  {pdf(">>\nstream\n" + strings.Repeat("x", 500_000)), []string{"uncheckable.corrupt"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.pdf", []byte(c.content))), name)
	}
}

func TestPicklesAreWalked(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"values":                    {"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94(K\x01K\x02e.", []string{"hidden.pickle_data"}},
		"a command":                 {"\x80\x02cos\nsystem\nU\x02lsR.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"a stacked command":         {"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x8c\x02ls\x85R.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"from the memo":             {"\x80\x04\x8c\x08builtins\x94\x8c\x04eval\x940" + "h\x00h\x01\x93\x8c\x011\x85R.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"a frame":                   {"\x80\x04\x8c\x11pandas.core.frame\x94\x8c\x09DataFrame\x94\x93)\x81.", []string{"hidden.pickle_data"}},
		"an array":                  {"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85U\x01bR.", []string{"hidden.pickle_data"}},
		"a set":                     {"\x80\x02c__builtin__\nset\nq\x00]\x85R.", []string{"hidden.pickle_data"}},
		"a way around":              {"\x80\x04\x8c\x05numpy\x94\x8c\x11f2py.diagnose.run\x94\x93)R.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"getattr":                   {"\x80\x02cbuiltins\ngetattr\n.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"an extension":              {"\x80\x02\x82\x01.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"protocol 0":                {"cos\nsystem\n(S'ls'\ntR.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"cut":                       {"\x80\x04]\x94(K", []string{"hidden.pickle_data", "uncheckable.corrupt"}},
		"claims too much":           {"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc", []string{"hidden.pickle_data", "uncheckable.corrupt"}},
		"a command behind an array": {"\x80\x04\x8c\x13joblib.numpy_pickle\x94\x8c\x11NumpyArrayWrapper\x94\x93)\x81}b\xff\xff\x00\x01\x02\x94\x8c\x05posix\x94\x8c\x06system\x94\x93\x8c\x02ls\x85R.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"values behind an array":    {"\x80\x04\x8c\x13joblib.numpy_pickle\x94\x8c\x11NumpyArrayWrapper\x94\x93)\x81}b\xff\xff\x00\x01\x02\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x8c\x02ls\x85R.", []string{"hidden.pickle_data"}},
		"a second pickle":           {"\x80\x04K\x01.\x80\x02cos\nsystem\nU\x02lsR.", []string{"active.pickle_code", "hidden.pickle_data"}},
		"a table behind":            {"\x80\x04K\x01.id,name\n1,somebody\n", []string{"hidden.pickle_data", "hidden.trailing"}},
		"many memos":                {"\x80\x04" + strings.Repeat("\x8c\x05numpy\x94", 50_000) + ".", []string{"hidden.pickle_data"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.pkl", []byte(c.content))), name)
	}
}

// A pickle of protocol 0 is made of letters, and any name may be on it.
func TestPicklesThatPassForText(t *testing.T) {
	for name, content := range map[string]string{
		"a call": "cos\nsystem\n(S'ls'\ntR.", "as Python writes it": "cposix\nsystem\np0\n(Vid\np1\ntp2\nRp3\n.", "a nested call": "c__builtin__\nmap\n(cos\nsystem\n(lp0\ntR.",
	} {
		require.Equal(t, []string{"active.pickle_code", "hidden.pickle_data", "type.mismatch"}, sure(report(t, "notes.txt", []byte(content))), name)
	}
	require.Contains(t, sure(report(t, "a.bin", []byte("cposix\nsystem\nq\x00(X\x02\x00\x00\x00idtR."))), "active.pickle_code", "protocol 1")
	require.Contains(t, sure(report(t, "a.csv", []byte("(lp0\nI1\naI2\na."))), "hidden.pickle_data")
	for _, text := range []string{"cases\nalpha\n(see the notes)\n", "cat\ndog\n(In all 12).", "(list)\na\n"} {
		require.Empty(t, sure(report(t, "a.txt", []byte(text))), text)
	}
}

// Data sets of programs are known by their marks, wherever these stand.
func TestDataSetsByTheirMarks(t *testing.T) {
	for name, content := range map[string]string{
		"a.avro": "Obj\x01\x04\x14avro.codec\x08null", "a.orc": "ORC\n\x06\x12\x04\x08\x32", "a.mdb": "\x00\x01\x00\x00Standard Jet DB\x00\x01", "a.accdb": "\x00\x01\x00\x00Standard ACE DB\x00\x02",
		"a.dcm": strings.Repeat("\x00", 128) + "DICM\x02\x00", "a.por": strings.Repeat(strings.Repeat(" ", 78)+"\r\n", 5) + strings.Repeat("0", 66) + "SPSSPORT", "b.por": strings.Repeat("ASCII SPSS PORT FILE    ", 19) + "SPSSPORT",
		"a.dbf": "\x03\x7a\x01\x01\x02\x00\x00\x00\x41\x00\x15\x00" + strings.Repeat("\x00", 20) + "NAME\x00\x00\x00\x00\x00\x00\x00C" + strings.Repeat("\x00", 20) + "\r John Smith",
	} {
		require.Contains(t, sure(report(t, name, []byte(content))), "hidden.dataset", name)
	}
	require.NotContains(t, sure(report(t, "a.txt", []byte("ORC\nObject 1\n"+strings.Repeat("words ", 30)))), "hidden.dataset", "ORCs in a text")
	require.Contains(t, sure(report(t, "a.csv", []byte("group,n\nA,210\n\uff1dcmd|' /C calc'!A0,90\n"))), "active.formula")
}

// An array of objects is a pickle, and NumPy loads it as one.
func TestArraysOfObjectsArePickles(t *testing.T) {
	header := func(kind string) string {
		text := "{'descr': '" + kind + "', 'fortran_order': False, 'shape': (1,), }\n"
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(text)), 0}) + text
	}
	require.Equal(t, []string{"hidden.dataset"}, sure(report(t, "a.npy", []byte(header("<f8")+"\x80\x02cos\nsystem\n."))))
	objects := header("|O") + "\x80\x02cos\nsystem\nU\x02lsR."
	require.Equal(t, []string{"active.pickle_code", "hidden.dataset", "hidden.pickle_data"}, sure(report(t, "a.npy", []byte(objects))))
	require.Contains(t, sure(report(t, "a.joblib", zlibbedAt(t, 3, "\x80\x02cos\nsystem\n."))), "active.pickle_code", "joblib's usual level")
}

// zlibbedAt compresses a text as RFC 1950 says, at a level of its own.
func zlibbedAt(t testing.TB, level int, text string) []byte {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	require.NoError(t, err)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// gzipped compresses members, one behind the other.
func gzipped(t testing.TB, members ...string) []byte {
	var b bytes.Buffer
	for _, m := range members {
		w := gzip.NewWriter(&b)
		_, err := w.Write([]byte(m))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return b.Bytes()
}

func zlibbed(t testing.TB, text string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// tarred packs members, given as name, content …; a content "-> x" makes a link.
func tarred(t testing.TB, members ...string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		h := &tar.Header{Name: members[i], Size: int64(len(members[i+1])), Mode: 0o600}
		if target, ok := strings.CutPrefix(members[i+1], "-> "); ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		}
		require.NoError(t, w.WriteHeader(h))
		if h.Size > 0 {
			_, err := w.Write([]byte(members[i+1]))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestCompressedFilesAreLookedInto(t *testing.T) {
	counts := "region,patients\nNorth,120\nSouth,3\n"
	zeros := strings.Repeat("0", 8<<20)
	many := make([]string, 2000)
	for i := range many {
		many[i] = "line\n"
	}
	nested := []byte("text")
	for range 8 {
		nested = gzipped(t, string(nested))
	}
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"a.csv.gz":       {gzipped(t, counts), []string{"sdc.small_count 3-4"}},
		"b.csv.gz":       {gzipped(t, counts[:20], counts[20:]), []string{"sdc.small_count 3-4"}},
		"many.txt.gz":    {gzipped(t, many...), []string{}},
		"bomb.txt.gz":    {gzipped(t, zeros), []string{"archive.bomb"}},
		"nest.gz":        {nested, []string{"archive.depth"}},
		"trailing.gz":    {append(gzipped(t, "text"), "rows of data behind"...), []string{"hidden.trailing"}},
		"cut.gz":         {gzipped(t, counts)[:40], []string{"uncheckable.corrupt"}},
		"a.rds":          {gzipped(t, rHead+rVector(1)), []string{"hidden.r_object"}},
		"a.rda":          {[]byte("RDX3\n" + rHead + rInts(254)), []string{"hidden.r_object"}},
		"b.rds":          {[]byte("\xfd7zXZ\x00\x00\x04"), []string{"uncheckable.corrupt"}},
		"a.joblib":       {zlibbed(t, "\x80\x02cos\nsystem\n."), []string{"active.pickle_code", "hidden.pickle_data"}},
		"a.tar":          {tarred(t, "a.csv", counts, "b.txt", "text"), []string{"sdc.small_count 3-4"}},
		"a.tgz":          {gzipped(t, string(tarred(t, "a.csv", counts))), []string{"sdc.small_count 3-4"}},
		"up.tar":         {tarred(t, "../a.txt", "text"), []string{"archive.traversal"}},
		"link.tar":       {tarred(t, "a", "-> /etc/passwd"), []string{"archive.symlink"}},
		"twice.tar":      {tarred(t, "a.txt", "1", "A.TXT", "2"), []string{"archive.duplicate"}},
		"git.tar":        {tarred(t, ".git/config", "x"), []string{"hidden.git"}},
		"long.tar":       {tarred(t, strings.Repeat("d/", 100)+"../a.txt", "text"), []string{"archive.traversal"}},
		"cut.tar":        {tarred(t, "a.txt", strings.Repeat("text\n", 300))[:1200], []string{"uncheckable.corrupt"}},
		"program.tar.gz": {gzipped(t, string(tarred(t, "run.txt", "\x7fELF\x00"))), []string{"active.executable", "type.mismatch"}},
		"inner.zip":      {zipped(t, "a.tar.gz", string(gzipped(t, string(tarred(t, "a.csv", counts))))), []string{"sdc.small_count 3-4"}},
	} {
		require.Equal(t, c.want, sure(report(t, name, c.content)), name)
	}
}

func TestWhatATypeIsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"a.sh":           {"#!/bin/sh\necho\n", []string{"active.executable"}},
		"a.bat":          {"echo off\n", []string{"active.executable"}},
		"a.py":           {"print(1)\n", []string{}},
		"a.parquet":      {"PAR1\x00\x01\x00\x00\x00PAR1", []string{"hidden.dataset"}},
		"a.npy":          {"\x93NUMPY\x01\x00", []string{"hidden.dataset"}},
		"a.sqlite":       {"SQLite format 3\x00", []string{"hidden.dataset"}},
		"a.safetensors":  {"\x10\x00\x00\x00\x00\x00\x00\x00{\"a\": 1}", []string{"uncheckable.model"}},
		"a.bundle":       {"# v2 git bundle\n", []string{"hidden.git"}},
		"a.7z":           {"7z\xbc\xaf\x27\x1c\x00\x04", []string{"uncheckable.type"}},
		"locked.7z":      {"7z\xbc\xaf\x27\x1c\x00\x04" + strings.Repeat("\x00", 24) + "\x17\x06\xf1\x07\x01", []string{"archive.encrypted"}},
		"locked.rar":     {"Rar!\x1a\x07\x01\x00crc4\x0a\x04" + strings.Repeat("\x00", 40), []string{"archive.encrypted"}},
		"plain.rar":      {"Rar!\x1a\x07\x01\x00crc4\x0a\x01" + strings.Repeat("\x00", 40), []string{"uncheckable.type"}},
		"a.bin":          {"\x01\x02\x03\x04\x00\x05", []string{"uncheckable.unknown"}},
		"LICENSE":        {"Terms\n", []string{"license.present"}},
		"x-DONT_RELEASE": {"words\n", []string{"acro.do_not_release"}},
		"model.pt":       {string(zipped(t, "archive/data.pkl", "\x80\x02cos\nsystem\n.")), []string{"active.pickle_code", "hidden.pickle_data", "uncheckable.model"}},
		"a.jar":          {string(zipped(t, "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")), []string{"active.executable"}},
		"a.txt":          {"words\n" + strings.Repeat("x", 70_000) + "\x00\x01", []string{"uncheckable.unknown"}},
	} {
		require.Equal(t, c.want, sure(report(t, name, []byte(c.content))), name)
	}
}

// compound makes a compound file whose directory holds names.
func compound(names ...string) []byte {
	b := make([]byte, 512*3)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	b[30] = 9
	binary.LittleEndian.PutUint32(b[48:], 1) // the directory is in sector 1
	binary.LittleEndian.PutUint32(b[76:], 0) // the allocation table in sector 0
	binary.LittleEndian.PutUint32(b[80:], ^uint32(0))
	binary.LittleEndian.PutUint32(b[512+4:], 0xfffffffe)
	for i, name := range names {
		e := b[1024+128*i:]
		for k, r := range name {
			binary.LittleEndian.PutUint16(e[2*k:], uint16(r))
		}
		e[64], e[66] = byte(2*len(name)+2), 1
	}
	return b
}

func TestCompoundFilesAreLookedInto(t *testing.T) {
	require.Equal(t, []string{"uncheckable.legacy"}, sure(report(t, "a.doc", compound("Root Entry", "WordDocument"))))
	require.Equal(t, []string{"active.macro", "uncheckable.legacy"}, sure(report(t, "a.xls", compound("Root Entry", "Workbook", "VBA"))))
	require.Equal(t, []string{"uncheckable.encrypted"}, sure(report(t, "a.doc", compound("Root Entry", "EncryptedPackage"))))
	sheet := "\x85\x00\x0b\x00\x00\x00\x00\x00%s\x03\x00abc"
	require.Equal(t, []string{"hidden.sheet", "uncheckable.legacy"}, sure(report(t, "a.xls", append(compound("Root Entry", "Workbook"), fmt.Sprintf(sheet, "\x02\x00")...))))
	require.Equal(t, []string{"active.macro", "uncheckable.legacy"}, sure(report(t, "a.xls", append(compound("Root Entry", "Workbook"), fmt.Sprintf(sheet, "\x00\x01")...))))
	require.Equal(t, []string{"uncheckable.encrypted"}, sure(report(t, "a.docx", compound("Root Entry", "EncryptedPackage"))))
	require.Equal(t, []string{"type.mismatch", "uncheckable.legacy"}, sure(report(t, "a.docx", compound("Root Entry", "WordDocument"))))
	circle := compound("Root Entry", "WordDocument", "a", "b")
	binary.LittleEndian.PutUint32(circle[512+4:], 1)
	require.Equal(t, []string{"uncheckable.legacy"}, sure(report(t, "a.doc", circle)), "a chain that comes back to itself ends")
}
