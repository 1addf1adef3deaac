package inspect

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

func init() { scanners["tar"] = func() scanner { return &tarScanner{} } }

// tarScanner walks a tar archive (POSIX pax and GNU).
type tarScanner struct {
	// Next is the offset of the Source where the archive goes on.
	Next    int64 `json:"next"`
	Ordinal int   `json:"ordinal"`
	// Names are hashes of the members' names, so that a second one is noticed.
	Names []uint64 `json:"names,omitempty"`
	Entry *tarBody `json:"entry,omitempty"` // under way
	Ended bool     `json:"ended,omitempty"` // only bytes behind the archive are left
	// Cut is set where the archive is not looked at to its end, Trailing where something
	// follows it.
	Cut      bool `json:"cut,omitempty"`
	Trailing bool `json:"trailing,omitempty"`
}

// tarBody is what is left of an entry.
type tarBody struct {
	Name string `json:"name"`
	Left int64  `json:"left"` // of its data
	Pad  int64  `json:"pad"`  // behind them
	// Content is nil once there is nothing more to look at.
	Content *member `json:"content,omitempty"`
}

// tarEntry is one entry.
type tarEntry struct {
	name string
	size int64
	kind byte
}

func (t *tarScanner) step(in *input) (bool, error) {
	r := &section{src: in.src, offset: t.Next, end: in.src.Size()}
	done, err := t.walk(in, r)
	t.Next = r.offset
	return done, err
}

// walk walks an archive. It reads on behind the archive's end: no program unpacks what is
// there, and in a stream a bomb shows only then.
func (t *tarScanner) walk(in *input, r tape) (bool, error) {
	if !t.Ended {
		if done, err := t.entries(in, r); !done || err != nil {
			return false, err
		}
		t.Ended = true
	}
	return t.rest(in, r)
}

// rest reads what is behind the archive: programs fill their last block with zeros.
func (t *tarScanner) rest(in *input, r tape) (done bool, err error) {
	_, file := r.(*section)
	b := make([]byte, chunkBytes)
	for !file || !t.Cut && !t.Trailing {
		n, err := r.Read(b)
		if !t.Cut && !t.Trailing && !zero(b[:n]) {
			t.Trailing = true
			in.note("hidden.trailing")
		}
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, err //nolint:wrapcheck // a tape's
		case in.late():
			return false, nil
		}
	}
	return true, nil
}

// zero reports whether there is nothing but zeros.
func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// discard reads a stream to its end.
func discard(in *input, r io.Reader) (done bool, err error) {
	b := make([]byte, chunkBytes)
	for {
		switch _, err := r.Read(b); {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, err //nolint:wrapcheck // a tape's
		case in.late():
			return false, nil
		}
	}
}

// entries walks from entry to entry.
func (t *tarScanner) entries(in *input, r tape) (done bool, err error) {
	for begun := t.Ordinal; ; {
		if t.Ordinal > begun && in.late() { // a step gets on by one entry at least, or by a piece of one
			return false, nil
		}
		if t.Entry == nil {
			if done, err := t.begin(in, r); done || err != nil {
				return done, err
			}
		}
		if done, err := t.Entry.walk(in, t.Ordinal, r); !done || err != nil {
			return false, err
		}
		t.Ordinal, t.Entry = t.Ordinal+1, nil
	}
}

const tarBlock = 512

// maxTarHeader bounds the records in front of an entry.
const maxTarHeader = 1 << 20

// begin reads the head of an entry, and reports whether the archive has ended.
func (t *tarScanner) begin(in *input, r io.Reader) (done bool, err error) {
	var e, longer tarEntry
	longer.size = -1
	for {
		var ok bool
		if e, ok, err = tarHeader(r); !ok || err != nil {
			return true, err
		}
		if strings.IndexByte("LKxg", e.kind) < 0 {
			break
		}
		text, err := tarText(r, e.size)
		if err != nil {
			return false, err
		}
		switch e.kind {
		case 'L':
			longer.name = strings.TrimRight(text, "\x00")
		case 'x':
			paxRecords(text, &longer)
		}
	}
	if longer.name != "" {
		e.name = longer.name
	}
	if longer.size >= 0 {
		e.size = longer.size
	}
	if in.spent.Entries++; in.spent.Entries > in.limits.Entries {
		in.note("archive.entries")
		t.Cut = true
		return true, nil
	}
	t.checkEntry(in, e)
	t.Entry = &tarBody{Name: path.Base(e.name), Left: e.size, Pad: (tarBlock - e.size%tarBlock) % tarBlock}
	if e.kind == 0 || e.kind == '0' || e.kind == '7' {
		t.Entry.Content = &member{}
	}
	return false, nil
}

// walk looks inside an entry, and passes over what is left of it and its padding.
func (b *tarBody) walk(in *input, ordinal int, r tape) (done bool, err error) {
	body := &limited{r: r, left: b.Left}
	if b.Content != nil {
		done, err := b.Content.walk(in.inside(b.Name, ordinal), body)
		b.Left = body.left
		if !done || err != nil {
			return false, err
		}
		b.Content = nil
	}
	if s, ok := r.(*section); ok {
		if s.end-s.offset < b.Left {
			return false, errShort
		}
		s.skip(b.Left)
		body.left = 0
	}
	done, err = discard(in, body)
	if b.Left = body.left; !done || err != nil {
		return false, err
	}
	if b.Left > 0 {
		return false, errShort
	}
	pad := make([]byte, b.Pad)
	if _, err = io.ReadFull(r, pad); err != nil {
		return true, shortened(err)
	}
	if !zero(pad) {
		in.inside(b.Name, ordinal).note("hidden.trailing")
	}
	return true, nil
}

func (t *tarScanner) checkEntry(in *input, e tarEntry) {
	at := in.at(Place{})
	at.Members = append(append([]int{}, in.within.Members...), t.Ordinal)
	found := func(rule string) { in.found.note(Finding{Rule: rule}, at) }
	switch e.kind {
	case '1', '2', '3', '4', '6':
		found("archive.symlink")
	case 'S':
		found("uncheckable.type")
	}
	if escapes(e.name) {
		found("archive.traversal")
	}
	if isGit(e.name) {
		found("hidden.git")
	}
	name := strings.ToLower(strings.TrimPrefix(path.Clean("/"+e.name), "/"))
	h := hashOf(name)
	for _, other := range t.Names {
		if other == h && e.kind != '5' {
			found("archive.duplicate")
			break
		}
	}
	t.Names = append(t.Names, h)
}

// shortened turns the end of a stream inside a structure into errShort.
func shortened(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errShort
	}
	return fmt.Errorf("inspect: tar: %w", err)
}

// tarHeader reads a header block; ok is false at the end of the archive.
func tarHeader(r io.Reader) (e tarEntry, ok bool, err error) {
	b := make([]byte, tarBlock)
	if _, err := io.ReadFull(r, b); err != nil {
		if err == io.EOF { // no block at all: some programs leave the last ones out
			return e, false, nil
		}
		return e, false, shortened(err)
	}
	if strings.Trim(string(b), "\x00") == "" {
		return e, false, nil
	}
	if e.size, ok = tarNumber(b[124:136]); !ok || !tarSum(b) {
		return e, false, errShort
	}
	e.kind = b[156]
	e.name = cString(b[:100])
	if prefix := cString(b[345:500]); prefix != "" && string(b[257:263]) == "ustar\x00" {
		e.name = prefix + "/" + e.name
	}
	if strings.IndexByte("123456", e.kind) >= 0 {
		e.size = 0
	}
	return e, true, nil
}

func cString(b []byte) string {
	text, _, _ := strings.Cut(string(b), "\x00")
	return text
}

// tarNumber reads a number: octal digits, or big-endian bytes (GNU).
func tarNumber(b []byte) (int64, bool) {
	if b[0]&0x80 != 0 {
		n := int64(b[0] & 0x3f)
		for _, c := range b[1:] {
			if n > 1<<50 {
				return 0, false
			}
			n = n<<8 | int64(c)
		}
		return n, b[0]&0x40 == 0
	}
	text := strings.Trim(cString(b), " ")
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 8, 64)
	return n, err == nil && n >= 0
}

// tarSum checks a header's sum.
func tarSum(b []byte) bool {
	want, ok := tarNumber(b[148:156])
	sum := int64(0)
	for i, c := range b {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return ok && sum == want
}

func tarText(r io.Reader, size int64) (string, error) {
	if size > maxTarHeader {
		return "", errShort
	}
	b := make([]byte, (size+tarBlock-1)/tarBlock*tarBlock)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", shortened(err)
	}
	return string(b[:size]), nil
}

// paxRecords reads "length key=value" records.
func paxRecords(text string, e *tarEntry) {
	for text != "" {
		length, _, ok := strings.Cut(text, " ")
		n, err := strconv.Atoi(length)
		if !ok || err != nil || n <= len(length)+1 || n > len(text) {
			return
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(text[len(length)+1:n], "\n"), "=")
		text = text[n:]
		switch key {
		case "path":
			e.name = value
		case "size":
			if size, err := strconv.ParseInt(value, 10, 64); err == nil && size >= 0 && size < 1<<50 {
				e.size = size
			}
		}
	}
}
