package hostile

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"

	"github.com/ulikunitz/xz"
)

// packed is a zip of others, name and content in turn, and of one member that is a text over and over.
func packed(name, head, again string, size int, others ...string) *bytes.Reader {
	var b bytes.Buffer // it takes everything, so that nothing fails
	w := zip.NewWriter(&b)
	for i := 0; i < len(others); i += 2 {
		m, _ := w.Create(others[i])
		_, _ = io.WriteString(m, others[i+1])
	}
	m, _ := w.Create(name)
	_, _ = io.Copy(m, io.NewSectionReader(endless{head, again, int64(size)}, 0, int64(size)))
	_ = w.Close()
	return bytes.NewReader(b.Bytes())
}

// gzipZeros are so many of them, as gzip packs them.
func gzipZeros(size int64) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.Copy(w, io.NewSectionReader(endless{"", "\x00", size}, 0, size))
	_ = w.Close()
	return b.String()
}

// xzZeros are so many of them, as xz packs them.
func xzZeros(size int64) string {
	var b bytes.Buffer
	if w, err := xz.NewWriter(&b); err == nil {
		_, _ = io.Copy(w, io.NewSectionReader(endless{"", "\x00", size}, 0, size))
		_ = w.Close()
	}
	return b.String()
}

// nest is a zip in a zip in a zip, so many of them.
func nest(depth int) Source {
	inner := []byte("a,b\n1,2\n")
	name := "a.csv"
	for range depth {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		m, _ := w.Create(name)
		_, _ = m.Write(inner)
		_ = w.Close()
		inner, name = b.Bytes(), "inside.zip"
	}
	return bytes.NewReader(inner)
}

// beyond is a zip whose directory is said to begin at the last byte that a file can have.
func beyond() Source {
	const local = "PK\x03\x04"
	return bytes.NewReader(append([]byte(local), end64(1, 1<<63-1, 1<<63-1, int64(len(local)))...))
}

// end64 is the end of a zip64 (APPNOTE 4.3.14 to 4.3.16): so many entries, whose directory has that length and lies at that
// place; and its own place.
func end64(entries, length, directory, own int64) string {
	end := binary.LittleEndian.AppendUint64([]byte("PK\x06\x06"), 44)
	end = append(end, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, n := range []int64{entries, entries, length, directory} {
		end = binary.LittleEndian.AppendUint64(end, uint64(n))
	}
	end = append(end, "PK\x06\x07\x00\x00\x00\x00"...) // its locator
	end = binary.LittleEndian.AppendUint64(end, uint64(own))
	end = append(end, 1, 0, 0, 0)
	return string(append(end, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...))
}

// bytesOf is what hexadecimal digits stand for.
func bytesOf(digits string) string {
	b, _ := hex.DecodeString(digits)
	return string(b)
}

// directory is a zip of so many entries, each about the same bytes. claimed is the number of entries that it tells, and
// size is the unpacked size that each of them tells.
func directory(entries, claimed int64, size uint32) Source {
	const local = "PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00a"
	entry := []byte("PK\x01\x02" + strings.Repeat("\x00", 42) + "a")
	binary.LittleEndian.PutUint32(entry[24:], size)
	binary.LittleEndian.PutUint16(entry[28:], 1)
	length := entries * int64(len(entry))
	begin := int64(len(local))
	return behind{endless{local, string(entry), begin + length}, end64(claimed, length, begin, begin+length)}
}

// bz2Zeros are 64 MiB of zeros.
const bz2Zeros = "425a68393141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a8097314159265359bc04b5c300a275c000c0000008200020a40836328a884d2a2a2138bb9229c2848500bb83e8"

// rHead begins an R object, and rSequence is a vector of as many numbers as it says.
const (
	rHead     = "X\n\x00\x00\x00\x02\x00\x04\x03\x00\x00\x02\x03\x00"
	rSequence = "\x00\x00\x00\xee\x00\x00\x00\xfe\x00\x00\x00\x0e\x00\x00\x00\x03\x40\xb3\x88\x00\x00\x00\x00\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x00\x00\x00\xfe"
)

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

// xzStored is an xz stream of so many pieces of 64 KiB that are not compressed, without an end (The .xz File Format 1.2.1, 5.3.1).
func xzStored(pieces int64) Source {
	piece := "\x01\xff\xff" + strings.Repeat("\x00\x01\x02\x03", 16<<10)
	head := bytesOf(xzWindow)[:24] // of the stream and of its block
	return endless{head, piece, int64(len(head)) + pieces*int64(len(piece))}
}
