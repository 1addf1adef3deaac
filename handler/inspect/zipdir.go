package inspect

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path"
	"regexp"
	"strings"
)

// zipEntry is one entry of a zip's directory.
type zipEntry struct {
	name          string
	method, flags uint16
	claimed
	compressed int64
	header     int64 // offset of the local header in the file
	mode       uint32
	unix       bool
	remark     bool // somebody wrote a comment to it
	padded     bool // more stands beside it than programs keep there
}

func (e zipEntry) encrypted() bool { return e.flags&1 != 0 || e.flags&(1<<6) != 0 || e.method == 99 }
func (e zipEntry) symlink() bool   { return e.unix && e.mode>>16&0o170000 == 0o120000 }
func (e zipEntry) dir() bool       { return strings.HasSuffix(e.name, "/") }

// clip is a number of the file as one of ours: a larger one lies beyond any file.
func clip(n uint64) int64 {
	if n > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}

// zipDirectory is where a zip's directory is and how many entries it claims.
type zipDirectory struct {
	start, end int64 // of the central directory
	entries    uint64
	shift      int64 // bytes before the archive: offsets count from there
	tail       int64 // bytes after the end record and its comment; below 0 where the comment is cut
	remark     bool  // somebody wrote a comment to the archive
	doubtful   bool  // the two end records of a zip64 say different things, and programs believe one or the other
}

// commit is the comment of what git packs: an id.
var commit = regexp.MustCompile("^[0-9a-f]{40}$")

// findZipDirectory reads the end record, the zip64 one included (PKWARE APPNOTE
// 4.3.14 to 4.3.16). It returns errShort where there is none.
func findZipDirectory(src Source) (zipDirectory, error) {
	const longest = 22 + 65535
	n := min(src.Size(), longest)
	b := make([]byte, n)
	if err := readAt(src, b, src.Size()-n); err != nil {
		return zipDirectory{}, err
	}
	at := bytes.LastIndex(b, []byte("PK\x05\x06"))
	if at < 0 || len(b)-at < 22 {
		return zipDirectory{}, errShort
	}
	r := b[at:]
	d := zipDirectory{entries: uint64(binary.LittleEndian.Uint16(r[10:]))}
	size, offset := uint64(binary.LittleEndian.Uint32(r[12:])), uint64(binary.LittleEndian.Uint32(r[16:]))
	record := src.Size() - n + int64(at)
	d.end = record
	comment := r[22:min(len(r), 22+int(binary.LittleEndian.Uint16(r[20:])))]
	d.tail = int64(len(r)-22) - int64(binary.LittleEndian.Uint16(r[20:]))
	d.remark = len(comment) > 0 && !commit.Match(comment)
	locator, z := make([]byte, 20), make([]byte, 56)
	if record >= 20 && readAt(src, locator, record-20) == nil && bytes.HasPrefix(locator, []byte("PK\x06\x07")) {
		where := clip(binary.LittleEndian.Uint64(locator[8:]))
		if where > record || readAt(src, z, where) != nil || !bytes.HasPrefix(z, []byte("PK\x06\x06")) {
			return zipDirectory{}, errShort
		}
		for i, short := range []struct {
			value *uint64
			full  uint64
		}{{&d.entries, 0xffff}, {&size, 0xffffffff}, {&offset, 0xffffffff}} {
			n := binary.LittleEndian.Uint64(z[32+8*i:])
			d.doubtful = d.doubtful || *short.value != short.full && *short.value != n
			*short.value = n
		}
		d.end = where
	}
	if clip(size) > d.end || clip(offset) > d.end-clip(size) {
		return zipDirectory{}, errShort
	}
	d.start = d.end - clip(size)
	d.shift = d.start - clip(offset)
	return d, nil
}

// zipWalk reads a directory entry by entry.
type zipWalk struct {
	src    Source
	at     int64
	end    int64
	shift  int64
	buffer []byte // a window of the directory that begins at base
	base   int64
}

func (w *zipWalk) bytes(n int) ([]byte, error) {
	if w.at+int64(n) > w.end {
		return nil, errShort
	}
	if w.at < w.base || w.at+int64(n) > w.base+int64(len(w.buffer)) {
		size := min(int64(max(n, 128<<10)), w.end-w.at)
		if int64(cap(w.buffer)) < size {
			w.buffer = make([]byte, size)
		}
		w.buffer, w.base = w.buffer[:size], w.at
		if err := readAt(w.src, w.buffer, w.at); err != nil {
			w.buffer = w.buffer[:0]
			return nil, err
		}
	}
	b := w.buffer[w.at-w.base:][:n]
	w.at += int64(n)
	return b, nil
}

// next returns the next entry, and io.EOF after the last.
func (w *zipWalk) next() (zipEntry, error) {
	if w.at >= w.end {
		return zipEntry{}, io.EOF
	}
	h, err := w.bytes(46)
	if err != nil {
		return zipEntry{}, err
	}
	if !bytes.HasPrefix(h, []byte("PK\x01\x02")) {
		return zipEntry{}, errShort
	}
	compressed, size := uint64(binary.LittleEndian.Uint32(h[20:])), uint64(binary.LittleEndian.Uint32(h[24:]))
	e := zipEntry{flags: binary.LittleEndian.Uint16(h[8:]), method: binary.LittleEndian.Uint16(h[10:]), unix: h[5] == 3 || h[5] == 19, mode: binary.LittleEndian.Uint32(h[38:])}
	name, extra, comment := int(binary.LittleEndian.Uint16(h[28:])), int(binary.LittleEndian.Uint16(h[30:])), int(binary.LittleEndian.Uint16(h[32:]))
	offset := uint64(binary.LittleEndian.Uint32(h[42:]))
	rest, err := w.bytes(name + extra + comment)
	if err != nil {
		return zipEntry{}, err
	}
	e.name = string(rest[:name])
	e.remark, e.padded = comment > 0, padded(rest[name:name+extra])
	zip64(rest[name:name+extra], &size, &compressed, &offset)
	e.size, e.sum, e.compressed = clip(size), binary.LittleEndian.Uint32(h[16:]), clip(compressed)
	if clip(offset) > w.end {
		return zipEntry{}, errShort
	}
	e.header = clip(offset) + w.shift
	return e, nil
}

// zip64 takes sizes that do not fit into 32 bits from the extra field (APPNOTE 4.5.3).
func zip64(extra []byte, numbers ...*uint64) {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if n > len(extra)-4 {
			return
		}
		field := extra[4 : 4+n]
		extra = extra[4+n:]
		if id != 1 {
			continue
		}
		for _, v := range numbers {
			if *v == 0xffffffff && len(field) >= 8 {
				*v, field = binary.LittleEndian.Uint64(field), field[8:]
			}
		}
		return
	}
}

// padded reports whether an extra field holds more than programs keep there: times, owners, long sizes, and zeros for
// documents to grow into.
func padded(extra []byte) bool {
	const usual = 256
	return len(extra)-bytes.Count(extra, []byte{0}) > usual
}

// zipLocal is what an entry's local header says.
type zipLocal struct {
	offset int64 // of the entry's bytes
	name   string
	padded bool // as of a zipEntry
	other  bool // it is not the directory's entry, so that programs that begin here unpack something else
}

// local reads the header before an entry's bytes (APPNOTE 4.3.7).
func (e zipEntry) local(src Source) (zipLocal, error) {
	h := make([]byte, 30)
	if err := readAt(src, h, e.header); err != nil {
		return zipLocal{}, err
	}
	if !bytes.HasPrefix(h, []byte("PK\x03\x04")) {
		return zipLocal{}, errShort
	}
	name, extra := int(binary.LittleEndian.Uint16(h[26:])), int(binary.LittleEndian.Uint16(h[28:]))
	b := make([]byte, name+extra)
	if err := readAt(src, b, e.header+30); err != nil {
		return zipLocal{}, err
	}
	l := zipLocal{offset: e.header + int64(len(h)+len(b)), name: string(b[:name]), padded: padded(b[name:])}
	l.other = binary.LittleEndian.Uint16(h[8:]) != e.method
	later := binary.LittleEndian.Uint16(h[6:])&8 != 0 // sum and sizes follow the bytes
	size, compressed := uint64(binary.LittleEndian.Uint32(h[22:])), uint64(binary.LittleEndian.Uint32(h[18:]))
	zip64(b[name:], &size, &compressed)
	for _, n := range [][2]int64{{int64(binary.LittleEndian.Uint32(h[14:])), int64(e.sum)}, {clip(compressed), e.compressed}, {clip(size), e.size}} {
		l.other = l.other || n[0] != n[1] && (!later || n[0] != 0)
	}
	return l, nil
}

// zipKind says which format of the zip family a file is, by the names of its
// first entries. A directory that cannot be read leaves it "zip".
func zipKind(src Source) (string, error) {
	d, err := findZipDirectory(src)
	if isShort(err) {
		return "zip", nil
	}
	if err != nil {
		return "", err
	}
	w := &zipWalk{src: src, at: d.start, end: d.end, shift: d.shift}
	types := false
	for range 1000 {
		e, err := w.next()
		if err != nil {
			if isShort(err) || err == io.EOF { //nolint:errorlint // next returns it bare
				break
			}
			return "", err
		}
		switch name := e.name; {
		case name == "[Content_Types].xml":
			types = true
		case strings.HasPrefix(name, "xl/workbook."):
			return "xlsx", nil
		case name == "word/document.xml":
			return "docx", nil
		case name == "ppt/presentation.xml":
			return "pptx", nil
		case name == "META-INF/MANIFEST.MF":
			return "jar", nil
		case name == "content.xml" && !types:
			return "odf", nil
		case path.Base(name) == "data.pkl":
			return "torch", nil
		}
	}
	return "zip", nil
}
