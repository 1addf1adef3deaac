package inspect_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// inSteps inspects a file in steps that each ask so many times whether time is up, each in another process. It returns
// the report and what the longest step read.
func inSteps(t testing.TB, name string, content []byte, asks int) (r inspect.Report, steps int, most int64) {
	t.Helper()
	f := inspect.NewFile(name, int64(len(content)), inspect.DefaultLimits())
	for done := false; !done; steps++ {
		require.Less(t, steps, 50_000, name)
		src, asked := source(content), 0
		var err error
		done, err = f.Step(src, func() bool { asked++; return asked >= asks })
		require.NoError(t, err, name)
		most = max(most, src.read)
		kept, err := f.State()
		require.NoError(t, err, name)
		f, err = inspect.Resume(name, kept)
		require.NoError(t, err, name)
	}
	return f.Report(), steps, most
}

func TestAStepWithoutTimeGetsOn(t *testing.T) {
	for name, content := range samples(t) {
		whole, err := json.Marshal(report(t, name, content))
		require.NoError(t, err)
		r, _, _ := inSteps(t, name, content, 1)
		pieces, err := json.Marshal(r)
		require.NoError(t, err)
		require.Equal(t, string(whole), string(pieces), name)
	}
}

// A compressed table ends after as many steps as its size asks for, whatever its size, as each step begins where the last
// one ended: it reads its own share of the file, and a little for its key.
func TestCompressedTablesEndInBoundedSteps(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 9))
	var b strings.Builder
	b.WriteString("patient_id,sex,n_visits\n")
	for b.Len() < 3<<19 {
		fmt.Fprintf(&b, "%d,%s,%d\n", 700_000+dice.IntN(90_000), []string{"F", "M"}[dice.IntN(2)], dice.IntN(90))
	}
	table := b.String()
	const share = 512 << 10 // of the table in one step: two pieces
	for name, content := range map[string][]byte{
		"a.csv.gz":  gzipped(t, table),
		"a.zip":     zipped(t, "a.csv", table),
		"a.tar.gz":  gzipped(t, string(tarred(t, "a.csv", table))),
		"b.zip":     zipped(t, "a.csv.gz", string(gzipped(t, table))),
		"c.tgz":     gzipped(t, string(tarred(t, "a.txt", "text", "a.csv.gz", string(gzipped(t, table))))),
		"inner.zip": zipped(t, "a.zip", string(zipped(t, "a.csv", table))),
	} {
		r, steps, most := inSteps(t, name, content, share/(256<<10))
		require.Contains(t, rulesOf(r), "sdc.row_level", name)
		require.NotContains(t, rulesOf(r), "uncheckable.corrupt", name)
		require.LessOrEqual(t, steps, len(table)/share+3, name)
		if name != "inner.zip" { // which is held in memory, and read anew for that
			require.Less(t, most, int64(len(content))*share/int64(len(table))*5/4+(1<<19), name)
		}
	}
}

// endlessRows is a gzip file of one stream behind the other, as large as one likes.
type endlessRows struct {
	stream []byte
	n      int64
}

func (e endlessRows) Size() int64 { return int64(len(e.stream)) * e.n }

func (e endlessRows) ReadAt(b []byte, offset int64) (int, error) {
	if offset >= e.Size() {
		return 0, io.EOF
	}
	n := 0
	for n < len(b) && offset+int64(n) < e.Size() {
		n += copy(b[n:min(int64(len(b)), e.Size()-offset)], e.stream[(offset+int64(n))%int64(len(e.stream)):])
	}
	return n, nil
}

// What a policy lets be looked at is looked at; the rest of a stream is told to be unread, and is no bomb.
func TestStreamsAreReadUpToTheLimit(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	dice := rand.New(rand.NewPCG(9, 9))
	for range 4000 {
		_, err := fmt.Fprintf(w, "%d some words and %d more\n", dice.IntN(1000), dice.IntN(1000))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	src := endlessRows{z.Bytes(), 200} // 20 MiB
	for limit, want := range map[int64][]string{1 << 20: {"uncheckable.size"}, 30 << 20: {}} {
		f := inspect.NewFile("a.txt.gz", src.Size(), inspect.DefaultLimits().UpTo(limit))
		done, err := f.Step(src, func() bool { return false })
		require.NoError(t, err)
		require.True(t, done)
		require.Equal(t, want, rulesOf(f.Report()), limit)
	}
	limits := inspect.DefaultLimits()
	limits.Inflated = 4 << 20
	f := inspect.NewFile("a.txt.gz", src.Size(), limits)
	_, err := f.Step(src, func() bool { return false })
	require.NoError(t, err)
	require.Equal(t, []string{"uncheckable.size"}, rulesOf(f.Report()), "of all streams together")
}

// A state opens with its own file alone.
func TestAStateIsOfItsFileAlone(t *testing.T) {
	content := []byte(strings.Repeat("region,patients\nNorth,20\n", 60_000))
	f := inspect.NewFile("a.csv", int64(len(content)), inspect.DefaultLimits())
	done, err := f.Step(source(content), func() bool { return true })
	require.NoError(t, err)
	require.False(t, done)
	kept, err := f.State()
	require.NoError(t, err)
	other := bytes.Clone(content)
	other[len(other)/2]++
	f, err = inspect.Resume("a.csv", kept)
	require.NoError(t, err)
	_, err = f.Step(source(other), func() bool { return true })
	require.ErrorIs(t, err, inspect.ErrState)
	_, err = f.Step(source(content), func() bool { return true })
	require.NoError(t, err, "the step may be repeated")
}

// Range reads are at most one for 3 MiB, and 40, and one for each entry of an archive.
func TestRangeReadsAreFew(t *testing.T) {
	big := strings.Repeat("12345,some words,2024-01-02,F\n", 1<<19)
	noise := make([]byte, 8<<20)
	dice := rand.New(rand.NewPCG(9, 9))
	for i := range noise {
		noise[i] = byte(dice.Uint32())
	}
	members, entries := make([]string, 0, 2000), 1000
	for i := range entries {
		members = append(members, fmt.Sprintf("%d.txt", i), string(noise[i*8_000:(i+1)*8_000]))
	}
	files := samples(t)
	for name, content := range map[string][]byte{"large.csv": []byte(big), "large.json": []byte(`["` + big + `"]`), "noise.gz": gzipped(t, string(noise)), "noise.zip": zipped(t, members...), "one.zip": zipped(t, "a.bin", string(noise)),
		"noise.tar": tarred(t, members...), "noise.bin": noise, "noise.tgz": gzipped(t, string(tarred(t, members...)))} {
		files[name] = content
	}
	for name, content := range files {
		for _, asks := range []int{1 << 30, 40} { // in one step, and in a few
			counting := source(content)
			f := inspect.NewFile(name, int64(len(content)), inspect.DefaultLimits())
			steps := -1
			for done := false; !done; steps++ {
				asked := 0
				var err error
				done, err = f.Step(inspect.Cached(counting), func() bool { asked++; return asked > asks })
				require.NoError(t, err)
			}
			allowed := len(content)/(3<<20) + 40 + 6*steps // three for the key, at the end of a step and at the beginning of the next
			if strings.HasSuffix(name, ".zip") {
				allowed += entries
			}
			require.LessOrEqual(t, counting.reads, allowed, "%s, %d", name, asks)
		}
	}
}

// Streams that hold nothing give no byte to stop at. A step ends in the midst of them.
func TestAStepEndsAmongEmptyStreams(t *testing.T) {
	empty := []byte("BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00")
	for name, content := range map[string][]byte{
		"a.csv.bz2": bytes.Repeat(empty, 3<<20/len(empty)),
		"a.csv.gz":  bytes.Repeat(gzipped(t, ""), 100),
	} {
		f := inspect.NewFile(name, int64(len(content)), inspect.DefaultLimits())
		done, err := f.Step(source(content), func() bool { return true })
		require.NoError(t, err)
		require.False(t, done, name)
		r, steps, _ := inSteps(t, name, content, 2)
		require.Greater(t, steps, 1, name)
		require.Empty(t, r.Findings, name)
	}
}

// Streams of xz and Zstandard are read anew in each step. A step ends where they go on for long, and they end where they
// go on for long and give nothing.
func TestAStepEndsAmongFramesThatHoldNothing(t *testing.T) {
	const most = 3 << 19 // read by a step, with the bytes for its key
	empty := []byte("\x28\xb5\x2f\xfd\x00\x00\x01\x00\x00")
	none := fromBase64(t, "/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=") // xz 5.4.1 of nothing
	noise := make([]byte, 3<<19)
	dice := rand.New(rand.NewPCG(9, 9))
	for i := range noise {
		noise[i] = byte(dice.Uint32())
	}
	lengthy := []byte("\x28\xb5\x2f\xfd\x00\x00" + strings.Repeat("\x00\x00\x00", 1<<20) + "\x01\x00\x00")
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"frames.csv.zst":  {bytes.Repeat(empty, 3<<20/len(empty)), []string{"uncheckable.size"}},
		"blocks.csv.zst":  {lengthy, []string{"uncheckable.size"}},
		"skipped.csv.zst": {[]byte(strings.Repeat(skippable(0x184d2a50, "1234"), 3<<20/12)), []string{"uncheckable.size"}},
		"long.csv.zst":    {[]byte(skippable(0x184d2a50, strings.Repeat(" ", 3<<20))), []string{"hidden.trailing", "uncheckable.size"}},
		"behind.txt.zst":  {append(zstded(t, "text"), make([]byte, 3<<20)...), []string{"hidden.trailing"}},
		"streams.csv.xz":  {bytes.Repeat(none, 3<<20/len(none)), []string{"uncheckable.size"}},
		"padding.txt.xz":  {append(xzed(t, "text"), make([]byte, 3<<20)...), []string{"uncheckable.size"}},
		"behind.txt.xz":   {append(xzed(t, "text"), noise...), []string{"hidden.trailing"}},
	} {
		src := source(c.content)
		f := inspect.NewFile(name, int64(len(c.content)), inspect.DefaultLimits())
		done, err := f.Step(src, func() bool { return false })
		require.NoError(t, err, name)
		require.True(t, done, name)
		require.Less(t, src.read, int64(most), name)
		require.Equal(t, c.want, rulesOf(f.Report()), name)
		for _, asks := range []int{1, 2} {
			r, _, read := inSteps(t, name, c.content, asks)
			require.Equal(t, f.Report(), r, name)
			require.Less(t, read, int64(most), name)
		}
	}
	inner := string(xzed(t, string(noise)))
	for name, content := range map[string][]byte{
		"a.bin.xz":     []byte(inner),
		"a.bin.zst":    zstded(t, string(noise)),
		"a.bin.xz.zst": zstded(t, inner),
		"a.bin.xz.xz":  xzed(t, inner),
		"a.bin.xz.gz":  slices.Concat(gzipped(t, inner[:100_000]), gzipped(t, ""), gzipped(t, ""), gzipped(t, inner[100_000:])),
	} {
		whole := report(t, name, content)
		r, steps, _ := inSteps(t, name, content, 1)
		require.Equal(t, []string{"uncheckable.unknown"}, rulesOf(whole), name)
		require.Equal(t, whole, r, name)
		require.Greater(t, steps, 5, name)
	}
}

// What is read into memory at once has an end, however many streams without a byte are in it.
func TestMembersHeldInMemoryAreOfBoundedStreams(t *testing.T) {
	src := endlessRows{gzipped(t, ""), 100 << 20 / 23}
	head := gzipped(t, string(zipped(t, "a.txt", "text"))[:40])
	content := headed{head, src}
	f := inspect.NewFile("a.zip.gz", content.Size(), inspect.DefaultLimits())
	read := int64(0)
	done, err := f.Step(metered{content, &read}, func() bool { return false })
	require.NoError(t, err)
	require.True(t, done)
	require.Less(t, read, int64(20<<20))
	require.Equal(t, []string{"uncheckable.size"}, rulesOf(f.Report()))
}

// headed is a file with something before it.
type headed struct {
	head []byte
	rest endlessRows
}

func (h headed) Size() int64 { return int64(len(h.head)) + h.rest.Size() }

func (h headed) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	if offset < int64(len(h.head)) {
		n = copy(b, h.head[offset:])
	}
	if n == len(b) {
		return n, nil
	}
	k, err := h.rest.ReadAt(b[n:], offset+int64(n)-int64(len(h.head)))
	return n + k, err
}

// metered counts what is read of a Source.
type metered struct {
	inspect.Source
	read *int64
}

func (m metered) ReadAt(b []byte, offset int64) (int, error) {
	n, err := m.Source.ReadAt(b, offset)
	*m.read += int64(n)
	return n, err //nolint:wrapcheck // as it is
}
