package inspect_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// bytesSource is a file in memory that counts the bytes read.
type bytesSource struct {
	*bytes.Reader
	reads int
	read  int64
}

func source(b []byte) *bytesSource { return &bytesSource{Reader: bytes.NewReader(b)} }

func (s *bytesSource) ReadAt(b []byte, offset int64) (int, error) {
	s.reads++
	s.read += int64(len(b))
	return s.Reader.ReadAt(b, offset)
}

// report inspects a file in one go.
func report(t testing.TB, name string, content []byte) inspect.Report {
	t.Helper()
	f := inspect.NewFile(name, int64(len(content)), inspect.DefaultLimits())
	done, err := f.Step(source(content), func() bool { return false })
	require.NoError(t, err)
	require.True(t, done)
	require.True(t, f.Report().Plausible())
	return f.Report()
}

// inPieces inspects a file in steps that are cut at random, each in another process.
func inPieces(t testing.TB, name string, content []byte, dice *rand.Rand) inspect.Report {
	t.Helper()
	defer inspect.CutAt(1 + dice.IntN(200))()
	f := inspect.NewFile(name, int64(len(content)), inspect.DefaultLimits())
	for steps := 0; ; steps++ {
		require.Less(t, steps, 100_000)
		done, err := f.Step(source(content), func() bool { return dice.IntN(20) == 0 })
		require.NoError(t, err)
		kept, err := f.State()
		require.NoError(t, err)
		f, err = inspect.Resume(name, kept)
		require.NoError(t, err)
		if done {
			return f.Report()
		}
	}
}

// rulesOf are the rules of the findings, with their counts if above one.
func rulesOf(r inspect.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		text := f.Rule
		if f.Bucket != "" {
			text += " " + f.Bucket
		}
		if f.Count > 1 {
			text += fmt.Sprintf(" ×%d", f.Count)
		}
		out = append(out, text)
	}
	return out
}

// zipped packs members, given as name, content, name, content …
func zipped(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i])
		require.NoError(t, err)
		_, err = io.WriteString(m, members[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestCutsChangeNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for name, content := range samples(t) {
		whole, err := json.Marshal(report(t, name, content))
		require.NoError(t, err)
		for range max(2, 20_000/(len(content)+1000)) {
			pieces, err := json.Marshal(inPieces(t, name, content, dice))
			require.NoError(t, err)
			require.Equal(t, string(whole), string(pieces), name)
		}
	}
}

// samples are files with something to be found in each.
func samples(t testing.TB) map[string][]byte {
	rows := people(3500, "patient_id,nhs_number,sex,n_visits", func(i int) string {
		return fmt.Sprintf("%d,%s,%s,%d", 700_000+i*37, nhsNumber(i), []string{"F", "M"}[i%2], i%30)
	})
	return map[string][]byte{
		"a.zip":       zipped(t, "a.txt", "text", "../b.txt", "text", "A.TXT", "text", ".git/config", "x", "c.csv", "PK\x03\x04"),
		"empty.csv":   {},
		"far.zip":     claiming(t, "a.csv", 9, deflated(t, smallCounts), smallCounts),
		"zstd.zip":    claiming(t, "a.csv", 93, zstded(t, smallCounts), smallCounts),
		"xz.zip":      claiming(t, "a.csv", 95, xzed(t, smallCounts), smallCounts),
		"a.tar":       tarred(t, "a.csv", "region,n\nA,3\n", "b/../../c.txt", "text", "l", "-> /x", "A.csv", "more"),
		"a.tgz":       gzipped(t, string(tarred(t, "a.csv", "region,n\nA,3\n")), "more"),
		"a.txz":       xzed(t, string(tarred(t, "a.csv", "region,n\nA,3\n")), ""),
		"a.tzst":      zstded(t, string(tarred(t, "a.csv", "region,n\nA,3\n")), ""),
		"a.parquet":   withHidden(sample(t, "people.parquet"), "rows that no column has"),
		"a.feather":   sample(t, "people.feather"),
		"big.tgz":     gzipped(t, string(tarred(t, "../a.csv", rows, "b.csv.gz", string(gzipped(t, rows)), "c.zip", string(zipped(t, "d.csv", rows, "e.zip", string(zipped(t, "f.csv", rows)))), "g.exe", "\x7fELF"+rows)), "behind"),
		"big.zip":     zipped(t, "a.csv", rows, "b.csv.gz", string(gzipped(t, rows)), "c.tar", string(tarred(t, "d.csv", rows, "a.csv", rows))),
		"big.tar":     tarred(t, "a.csv", rows, "b.zip", string(zipped(t, "c.csv", rows))),
		"big.gz":      append(gzipped(t, rows[:1000], rows[1000:]), "rows behind"...),
		"cut.gz":      gzipped(t, rows)[:20_000],
		"big.csv.bz2": sample(t, "rows.csv.bz2"),
		"a.pdf":       []byte("%PDF-1.7\n" + strings.Repeat("1 0 obj << /S /Java#53cript /Length 3 >>\nstream\nx/JS\nendstream endobj\n", 1000) + "%%EOF\n%%EOF\nrows of data behind the end"),
		"a.pkl":       []byte("\x80\x04" + strings.Repeat("\x8c\x05posix\x94\x8c\x06system\x94\x93B\x00\x02\x00\x00"+strings.Repeat("x", 512), 500) + "."),
		"a.png":       append(picture(t, "png"), "rows"...),
		"a.doc":       compound("Root Entry", "VBA"),
		"a.xlsx":      book(t, shownSheet+`<sheet name="b" state="hidden"/>`, countSheet),
		"a.ipynb":     []byte(`{"cells": [{"outputs": [{"text": "` + strings.Repeat(`\"ann.lee`+`@gmail.com `, 11_000) + `"}]}], "nbformat": 4}`),
		"a.json":      []byte(`[` + strings.Repeat(`{"a": [1.5, "ann.lee`+`@gmail.com"]},`+"\n", 7500) + `]`),
		"a.html":      []byte("<!DOCTYPE html><script>x([" + strings.Repeat("1,2,", 30_000) + "])</script><div hidden>" + strings.Repeat("12 <b>3</b><!-- 4 5 -->", 2000) + "</div><p title='" + strings.Repeat("x", 70_000) + "'>"),
		"a.svg":       []byte("<svg>" + strings.Repeat("<circle r='1'/><![CDATA[ x ]]>", 2000)),
		"a.rds":       []byte(rHead + rCounts + "more"),
		"b.rds":       []byte(rHead + rInts(19, 3) + rInts(24, 200_000) + strings.Repeat("x", 200_000) + rLarge() + rPromised()),
		"c.rds":       []byte("A\n2\n0\n0\n19\n4\n16\n2\n9\n5000\n" + strings.Repeat("x\\n\\101", 5000/3) + "yz\n9\n2\nab\n14\n50000\n" + strings.Repeat("1.5\n", 50_000) + "24\n3000\n" + strings.Repeat("0f\n", 3000) + "15\n1\nNA\nInf\n"),
		"big.csv": []byte(people(6000, "patient_id,nhs_number,sex,n_visits,note", func(i int) string {
			return fmt.Sprintf("%d,%s,%s,%d,\"a\"\"b,\nc\"", 700_000+i*37, nhsNumber(i), []string{"F", "M"}[i%2], i%30)
		})),
		"open.csv":     []byte("a,b\n\"" + strings.Repeat("x,y\n", 60_000)),
		"long.txt":     []byte(strings.Repeat("ann.lee"+"@gmail.com and bob"+"@nhs.net ", 6500)),
		"wide.csv":     utf16le("region,patients\nNørth,120\nSøuth,3\n𝄞,4\n" + strings.Repeat("Wést,20\n", 13_000)),
		"results.json": []byte(session(t, "1.0.2")["results.json"]),
		"config.json":  []byte(strings.Replace(session(t, "1.0.2")["config.json"], "10", "5", 1)),
		"b.exe":        append([]byte("\x7fELF"), make([]byte, 100)...),
	}
}

// utf16le writes a text as Windows programs do.
func utf16le(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func TestArchivesAreLookedInto(t *testing.T) {
	require.Equal(t, []string{"archive.duplicate", "archive.traversal", "hidden.git", "type.mismatch", "uncheckable.corrupt"}, rulesOf(report(t, "a.zip", samples(t)["a.zip"])))
	require.Empty(t, rulesOf(report(t, "good.zip", zipped(t, "a.txt", "text", "b/c.txt", "more"))))
	r := report(t, "a.zip", zipped(t, "a.txt", "text", "inner.zip", string(zipped(t, "x.txt", "y", "prog.txt", "\x7fELF\x00\x00"))))
	require.Equal(t, []string{"active.executable", "type.mismatch"}, rulesOf(r))
	require.Equal(t, []inspect.Place{{Members: []int{1, 1}}}, r.Findings[0].Places, "the second member of the second member")
}

// nest wraps a member n times.
func nest(t testing.TB, n int) []byte {
	b := []byte("text")
	name := "a.txt"
	for range n {
		b, name = zipped(t, name, string(b)), "inner.zip"
	}
	return b
}

func TestHostileArchivesEndWithTheirFinding(t *testing.T) {
	bomb := zipped(t, "zeros.txt", strings.Repeat("0", 8<<20))
	overlap := zipped(t, "a.txt", strings.Repeat("x", 1000))
	entry := overlap[bytes.Index(overlap, []byte("PK\x01\x02")):bytes.Index(overlap, []byte("PK\x05\x06"))]
	doubled := append(append([]byte{}, overlap[:len(overlap)-22]...), entry...)
	end := append([]byte{}, overlap[len(overlap)-22:]...)
	binary.LittleEndian.PutUint16(end[10:], 2)
	binary.LittleEndian.PutUint32(end[12:], uint32(2*len(entry)))
	doubled = append(doubled, end...)
	many := make([]string, 0, 24_000)
	for i := range 12_000 {
		many = append(many, fmt.Sprint(i), "")
	}
	encrypted := zipped(t, "a.txt", "secret")
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	plain := zipped(t, "a.txt", "text")
	directory := bytes.Index(plain, []byte("PK\x01\x02"))
	renamed := bytes.Clone(plain)
	copy(renamed[30:], "b.txt")
	hidden := slices.Concat(plain[:directory], []byte("rows of data that no entry names"), plain[directory:])
	binary.LittleEndian.PutUint32(hidden[len(hidden)-6:], uint32(directory+32))
	far := bytes.Clone(plain) // a directory that lies beyond the file
	binary.LittleEndian.PutUint32(far[len(far)-6:], 1<<30)
	lying := bytes.Clone(plain) // a member of 2⁶³ bytes
	binary.LittleEndian.PutUint32(lying[directory+20:], 0xfffffffe)
	twice := append(bytes.Clone(plain), plain[len(plain)-22:]...)
	for name, c := range map[string]struct {
		content []byte
		rules   []string
	}{
		"two names": {renamed, []string{"archive.local_name"}},
		"gap":       {hidden, []string{"hidden.trailing"}},
		"far":       {far, []string{"uncheckable.corrupt"}},
		"lying":     {lying, []string{"uncheckable.corrupt"}},
		"two ends":  {twice, []string{"archive.leading", "uncheckable.corrupt"}},
		"bomb":      {bomb, []string{"archive.bomb"}},
		"overlap":   {doubled, []string{"archive.duplicate", "archive.overlap"}},
		"entries":   {zipped(t, many...), []string{"archive.entries"}},
		"nested":    {nest(t, 8), []string{"archive.depth"}},
		"encrypted": {encrypted, []string{"archive.encrypted"}},
		"trailing":  {append(zipped(t, "a.txt", "text"), "hidden data behind"...), []string{"hidden.trailing"}},
		"leading":   {append([]byte("PK\x03\x04 something else"), zipped(t, "a.txt", "text")...), []string{"archive.leading"}},
		"cut":       {overlap[:len(overlap)-10], []string{"uncheckable.corrupt"}},
		"empty":     {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), []string{}},
	} {
		require.Equal(t, c.rules, rulesOf(report(t, name+".zip", c.content)), name)
	}
}

func FuzzNothingBreaksTheInspection(f *testing.F) {
	for name, content := range samples(f) {
		if len(content) < 8<<10 { // mutations of large ones take long, and say little more
			f.Add(name, content)
		}
	}
	for _, small := range []string{"a.csv|region,n\nA,3\nB,*\n", "a.json|[{\"a\": 1.5}, {\"a\": \"x\"}]", "a.ipynb|{\"nbformat\": 4, \"cells\": [{\"outputs\": [{}]}]}", "a.html|<html><script>1</script><table><tr><td>n<td>3</table>",
		"a.svg|<svg><!-- x --><circle a='b'/></svg>", "a.pdf|%PDF-1.7\n/J#53 << >> stream\nx\nendstream %%EOF", "a.pkl|\x80\x02cos\nsystem\nU\x02lsR.", "a.txt|a  b\nc  3\nd  4\nann@nhs.net 999 000 0018"} {
		name, content, _ := strings.Cut(small, "|")
		f.Add(name, []byte(content))
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if len(content) > 32<<10 {
			return
		}
		whole, err := json.Marshal(report(t, name, content))
		require.NoError(t, err)
		dice := rand.New(rand.NewPCG(uint64(len(content)), 7))
		pieces, err := json.Marshal(inPieces(t, name, content, dice))
		require.NoError(t, err)
		require.Equal(t, string(whole), string(pieces))
	})
}

func TestFilesAreReadInBlocks(t *testing.T) {
	content := append([]byte("%PDF-1.7\nstream\n"), bytes.Repeat([]byte("x"), 9<<20)...)
	src := source(content)
	f := inspect.NewFile("a.pdf", int64(len(content)), inspect.DefaultLimits())
	done, err := f.Step(inspect.Cached(src), func() bool { return false })
	require.NoError(t, err)
	require.True(t, done)
	require.LessOrEqual(t, src.reads, 4)
	members := make([]string, 0, 2000)
	for i := range 1000 {
		members = append(members, fmt.Sprintf("%d.txt", i), "some words\n")
	}
	src = source(zipped(t, members...))
	f = inspect.NewFile("a.zip", src.Size(), inspect.DefaultLimits())
	_, err = f.Step(inspect.Cached(src), func() bool { return false })
	require.NoError(t, err)
	require.Equal(t, 1, src.reads)
	require.Empty(t, f.Report().Findings)
}

func TestFilesBeyondTheLimitAreReadInPart(t *testing.T) {
	content := []byte("region,patients\n" + strings.Repeat("A,1000\n", 100_000))
	limits := inspect.DefaultLimits()
	limits.Bytes = 300_000
	f := inspect.NewFile("a.csv", int64(len(content)), limits)
	done, err := f.Step(source(content), func() bool { return false })
	require.NoError(t, err)
	require.True(t, done)
	require.Contains(t, rulesOf(f.Report()), "uncheckable.size")
	require.Equal(t, int64(300_000), f.Report().Read)
}

func TestTheStateStaysSmall(t *testing.T) {
	var header, line strings.Builder
	for i := range 600 {
		fmt.Fprintf(&header, "n_%d,", i)
		fmt.Fprintf(&line, "%d,", 1+i%20)
	}
	// Secrets of many kinds fill the findings, small counts the table.
	content := []byte(header.String() + "\n" + strings.Repeat(line.String()+"AKIA"+"QWERTYUIOPASDFG2,=cmd(),a"+"@gmail.com\n", 200))
	f := inspect.NewFile("a.csv", int64(len(content)), inspect.DefaultLimits())
	steps, largest := 0, 0
	for done := false; !done; steps++ {
		var err error
		done, err = f.Step(source(content), func() bool { return true })
		require.NoError(t, err)
		kept, err := f.State()
		require.NoError(t, err)
		largest = max(largest, len(kept))
	}
	require.GreaterOrEqual(t, steps, 2)
	require.Less(t, largest, 1<<20)
	t.Logf("largest state: %d bytes", largest)
}
