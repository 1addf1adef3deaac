package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"

	"example.org/airlock/handler/inspect"
)

// behind is a file with something behind its end.
type behind struct {
	inspect.Source
	tail string
}

func (b behind) Size() int64 { return b.Source.Size() + int64(len(b.tail)) }

func (b behind) ReadAt(p []byte, offset int64) (int, error) {
	n := 0
	if left := b.Source.Size() - offset; left > 0 {
		m := min(int64(len(p)), left)
		if _, err := b.Source.ReadAt(p[:m], offset); err != nil {
			return 0, err
		}
		n = int(m)
	}
	if n < len(p) {
		n += copy(p[n:], b.tail[offset+int64(n)-b.Source.Size():])
	}
	return n, nil
}

// directory is a zip of so many entries, each about the same bytes. claimed is the number of entries that it tells, and
// size is the unpacked size that each of them tells.
func directory(entries, claimed int64, size uint32) inspect.Source {
	const local = "PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00a"
	entry := []byte("PK\x01\x02" + strings.Repeat("\x00", 42) + "a")
	binary.LittleEndian.PutUint32(entry[24:], size)
	binary.LittleEndian.PutUint16(entry[28:], 1)
	length := entries * int64(len(entry))
	end := binary.LittleEndian.AppendUint64([]byte("PK\x06\x06"), 44) // of zip64 (APPNOTE 4.3.14)
	end = append(end, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, n := range []int64{claimed, claimed, length, int64(len(local))} {
		end = binary.LittleEndian.AppendUint64(end, uint64(n))
	}
	end = append(end, "PK\x06\x07\x00\x00\x00\x00"...) // its locator
	end = binary.LittleEndian.AppendUint64(end, uint64(int64(len(local))+length))
	end = append(end, 1, 0, 0, 0)
	end = append(end, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
	return behind{endless{local, string(entry), int64(len(local)) + length}, string(end)}
}

// bz2Zeros are 64 MiB of zeros.
const bz2Zeros = "425a68393141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a8097314159265359bc04b5c300a275c000c0000008200020a40836328a884d2a2a2138bb9229c2848500bb83e8"

// xzWindow is a text of seven bytes whose decoder is to take 64 MiB, as xz -9 writes it.
const xzWindow = "fd377a585a000004e6d6b446020021011c00000010cf58cc01000661206c696e650a00000d13b82b653e085200011f07162eb8731fb6f37d010000000004595a"

// zstdWindows are frames of one block that ask for windows by their codes, from one code to another (RFC 8878, 3.1.1.1.2).
func zstdWindows(from, to int, block string) string {
	var b strings.Builder
	step := 1
	if from > to {
		step = -1
	}
	for ; from != to; from += step {
		b.WriteString("\x28\xb5\x2f\xfd\x00" + string([]byte{byte(from)}) + block)
	}
	return b.String()
}

// peak watches the resident memory of this process's children, and of itself, until the returned function is called, which
// tells the most of each in MiB.
func peak(t *testing.T) func() (children, self int) {
	stop, told := make(chan bool), make(chan [2]int)
	go func() {
		most := [2]int{}
		for {
			kids, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", os.Getpid()))
			tasks, _ := os.ReadDir("/proc/self/task")
			for _, task := range tasks {
				more, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
				kids = append(append(kids, ' '), more...)
			}
			for i, pid := range append(strings.Fields(string(kids)), "self") {
				mib := resident(pid)
				if i == len(strings.Fields(string(kids))) {
					most[1] = max(most[1], mib)
				} else {
					most[0] = max(most[0], mib)
				}
			}
			select {
			case <-stop:
				told <- most
				return
			case <-time.After(3 * time.Millisecond):
			}
		}
	}()
	return func() (int, int) {
		close(stop)
		most := <-told
		return most[0], most[1]
	}
}

// resident is the resident memory of a process in MiB, 0 of one that has ended.
func resident(pid string) int {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kib)
	return n >> 10
}

// A hostile upload ends with its finding. The child stays within its limit, and its parent, which is the handler in the
// service, notices nothing: it holds one range of the file.
func TestHostileFilesEndWithTheirFinding(t *testing.T) {
	var member bytes.Buffer
	z := gzip.NewWriter(&member)
	_, err := z.Write(make([]byte, 1<<20))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	bzip2, err := hex.DecodeString(bz2Zeros)
	require.NoError(t, err)
	window, err := hex.DecodeString(xzWindow)
	require.NoError(t, err)
	var xzZeros bytes.Buffer
	x, err := xz.NewWriter(&xzZeros)
	require.NoError(t, err)
	_, err = x.Write(make([]byte, 8<<20))
	require.NoError(t, err)
	require.NoError(t, x.Close())
	laughs := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">`
	for i := 1; i < 30; i++ {
		laughs += fmt.Sprintf(`<!ENTITY a%d "&a%d;&a%d;&a%d;">`, i, i-1, i-1, i-1)
	}
	laughs += "]><a>&a29;</a>"
	sparse := make([]byte, 1024)
	copy(sparse, "zeros.csv")
	copy(sparse[124:], "00000000000\x00")
	copy(sparse[156:], "S")
	copy(sparse[257:], "ustar  \x00")
	copy(sparse[386:], "00000000000\x0077777777777\x00")
	copy(sparse[483:], "77777777777\x00")
	copy(sparse[148:], "        ")
	sum := 0
	for _, b := range sparse[:512] {
		sum += int(b)
	}
	copy(sparse[148:], fmt.Sprintf("%06o\x00 ", sum))
	const few, zeros = "\x19\x00\x00ab\n", "\x03\x00\x10\x00" // three bytes, and 128 KiB of a byte
	text := func(s string) inspect.Source { return bytes.NewReader([]byte(s)) }
	for name, c := range map[string]struct {
		file inspect.Source
		want string // a rule, "" for none that the file is given up for
	}{
		"two million.zip":     {directory(2_000_000, 2_000_000, 0), "archive.entries"},
		"fifty million.zip":   {directory(50_000_000, 50_000_000, 0), "archive.entries"},
		"says ten.zip":        {directory(2_000_000, 10, 0), "archive.overlap"},
		"overlap.zip":         {directory(9_000, 9_000, 1<<30), "archive.overlap"},
		"without end.zip":     {directory(3, 3, 0xffffffff), "archive.overlap"},
		"hundred GiB.txt.gz":  {endless{"", member.String(), 100 << 10 * int64(member.Len())}, "archive.bomb"},
		"zeros.csv.bz2":       {bytes.NewReader(bzip2), "archive.bomb"},
		"zeros of zeros.bz2":  {endless{"", string(bzip2), int64(len(bzip2)) << 12}, "archive.bomb"},
		"zeros.txt.xz":        {bytes.NewReader(xzZeros.Bytes()), "archive.bomb"},
		"windows.txt.xz":      {endless{"", string(window), int64(len(window)) * 100}, ""},
		"asks for all.xz":     {endless{"", string(window), int64(len(window)) * 300}, "uncheckable.type"},
		"windows.txt.zst":     {text(zstdWindows(56, 129, few)), "uncheckable.type"},
		"shrinking.txt.zst":   {text(zstdWindows(129, 56, few)), ""},
		"zeros.txt.zst":       {endless{"", zstdWindows(56, 57, zeros), 10 * 500}, "archive.bomb"},
		"sparse.tar":          {bytes.NewReader(sparse), "uncheckable.type"},
		"laughs.xml":          {text(laughs), ""},
		"laughs.svg":          {text(strings.Replace(laughs, "<a>", "<svg>", 1)), ""},
		"laughs.xlsx":         {bytes.NewReader(packed(t, "xl/workbook.xml", laughs, " ", 1<<20, "[Content_Types].xml", "<Types/>")), ""},
		"previous.pdf":        {text("%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\ntrailer\n<< /Prev 9 >>\nstartxref\n9\n%%EOF\n"), ""},
		"million objects.pdf": {endless{"%PDF-1.7\n", "1 0 obj\n<< /Prev 9 >>\nendobj\n", 28 << 20}, "uncheckable.corrupt"},
		"chunk.png":           {text("\x89PNG\r\n\x1a\n\x80\x00\x00\x00IHDR"), "uncheckable.corrupt"},
		"list.parquet":        {text("PAR1\x15\x04\x19\xfc\xff\xff\xff\xff\x0f\x0a\x00\x00\x00PAR1"), "hidden.dataset"},
		"endless line.txt":    {endless{"", "x", 64 << 20}, ""},
		"sectors.doc":         {endless{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 22) + "\x09\x00", "\x00\x00\x00\x00", 4 << 20}, "uncheckable.legacy"},
	} {
		began, most := time.Now(), peak(t)
		o, err := child(t, "good").Step(t.Context(), file(name), nil, c.file, time.Minute)
		children, self := most()
		require.NoError(t, err, name)
		require.True(t, o.Done, name)
		rules := []string{}
		for _, f := range o.Report.Findings {
			rules = append(rules, f.Rule)
		}
		if c.want == "" {
			require.NotContains(t, rules, "uncheckable.corrupt", name)
		} else {
			require.Contains(t, rules, c.want, name)
		}
		require.LessOrEqual(t, children, 160, "%s: MiB of the child", name)
		t.Logf("%s: %v, child %d MiB, parent %d MiB, %v", name, time.Since(began).Round(time.Millisecond), children, self, rules)
	}
}
