package inspect

import (
	"bufio"
	"io"
)

// thrift reads Thrift's compact protocol from a stream of known length (Apache Thrift,
// doc/specs/thrift-compact-protocol.md). It allocates nothing by what the stream claims. After a
// fault every call returns nothing, so that callers ask once, at the end.
type thrift struct {
	r    *bufio.Reader
	left int64 // bytes until the end
	err  error
}

// Types of fields and elements.
const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftI8     = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
	thriftUUID   = 13
)

func newThrift(r io.Reader, size int64) *thrift {
	return &thrift{r: bufio.NewReaderSize(r, 64<<10), left: size}
}

// fail keeps the first fault. The end of the stream inside a structure is errShort.
func (t *thrift) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *thrift) byte() byte {
	if t.err != nil || t.left <= 0 {
		t.fail(errShort)
		return 0
	}
	c, err := t.r.ReadByte()
	if err != nil {
		t.fail(endless(err))
		return 0
	}
	t.left--
	return c
}

// endless is the error of a stream that had to go on.
func endless(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF { //nolint:errorlint // readers return them bare
		return errShort
	}
	return err
}

// unsigned reads a number in groups of seven bits.
func (t *thrift) unsigned() uint64 {
	n := uint64(0)
	for i := range 10 {
		c := t.byte()
		n |= uint64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			return n
		}
	}
	t.fail(errShort)
	return 0
}

// signed reads a number whose sign is in its lowest bit.
func (t *thrift) signed() int64 {
	n := t.unsigned()
	return int64(n>>1) ^ -int64(n&1)
}

// skip passes over n bytes.
func (t *thrift) skip(n uint64) {
	if t.err != nil || n > uint64(t.left) { //nolint:gosec // not negative
		t.fail(errShort)
		return
	}
	t.left -= int64(n)                                             //nolint:gosec // at most left
	if _, err := io.CopyN(io.Discard, t.r, int64(n)); err != nil { //nolint:gosec // at most left
		t.fail(endless(err))
	}
}

// text reads a binary value, its first bytes at most, and tells its length.
func (t *thrift) text(most int) (text string, length int64) {
	n := t.unsigned()
	if t.err != nil || n > uint64(t.left) { //nolint:gosec // not negative
		t.fail(errShort)
		return "", 0
	}
	b := make([]byte, min(n, uint64(most))) //nolint:gosec // not negative
	for i := range b {
		b[i] = t.byte()
	}
	t.skip(n - uint64(len(b)))
	return string(b), int64(n) //nolint:gosec // at most left
}

// fields calls to for each field of a struct, which has to read or skip its value.
func (t *thrift) fields(to func(id int64, kind byte)) {
	id := int64(0)
	for t.err == nil {
		b := t.byte()
		kind := b & 0xf
		if kind == thriftStop {
			return
		}
		if delta := int64(b >> 4); delta > 0 {
			id += delta
		} else {
			id = t.signed()
		}
		to(id, kind)
	}
}

// structs calls to for each element of a list of structs, which has to read or skip it.
func (t *thrift) structs(to func(i int)) {
	n, element := t.list()
	if element != thriftStruct && n > 0 {
		t.fail(errShort)
		return
	}
	for i := 0; uint64(i) < n && t.err == nil; i++ {
		to(i)
	}
}

// list reads the head of a list or set.
func (t *thrift) list() (n uint64, element byte) {
	b := t.byte()
	if n = uint64(b >> 4); n == 15 {
		n = t.unsigned()
	}
	return n, b & 0xf
}

// maxThriftDepth bounds how deep values that are passed over lie in each other.
const maxThriftDepth = 64

// thriftOpen is a struct, list or map that is passed over.
type thriftOpen struct {
	kinds [2]byte // of elements, of keys and values; a struct has none
	left  uint64  // elements
}

// value passes over a value of any kind, which is a field of a struct.
func (t *thrift) value(kind byte) {
	var open []thriftOpen
	if kind == thriftTrue || kind == thriftFalse {
		return // in a field, the kind is the value
	}
	open = t.one(open, kind)
	for len(open) > 0 && t.err == nil {
		top := &open[len(open)-1]
		if top.kinds[0] == thriftStop { // a struct
			b := t.byte()
			switch {
			case b&0xf == thriftStop:
				open = open[:len(open)-1]
				continue
			case b>>4 == 0:
				t.signed()
			}
			if b&0xf > thriftFalse {
				open = t.one(open, b&0xf)
			}
			continue
		}
		if top.left == 0 {
			open = open[:len(open)-1]
			continue
		}
		top.left--
		kind := top.kinds[top.left&1]
		if kind == thriftTrue || kind == thriftFalse {
			t.byte()
			continue
		}
		open = t.one(open, kind)
	}
}

// one passes over a value, or opens it.
func (t *thrift) one(open []thriftOpen, kind byte) []thriftOpen {
	switch kind {
	case thriftI8:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.unsigned()
	case thriftDouble:
		t.skip(8)
	case thriftUUID:
		t.skip(16)
	case thriftBinary:
		t.skip(t.unsigned())
	case thriftList, thriftSet:
		if n, element := t.list(); n > 0 { // writers give an empty list any type of elements
			open = t.elements(open, [2]byte{element, element}, n)
		}
	case thriftMap:
		if n := t.unsigned(); n > 0 {
			b := t.byte()
			open = t.elements(open, [2]byte{b & 0xf, b >> 4}, 2*min(n, 1<<62))
		}
	case thriftStruct:
		open = append(open, thriftOpen{})
	default:
		t.fail(errShort)
	}
	if len(open) > maxThriftDepth {
		t.fail(errShort)
	}
	return open
}

// elements opens a list or map that is not empty. Its elements have a type: without one it would pass for a struct.
func (t *thrift) elements(open []thriftOpen, kinds [2]byte, n uint64) []thriftOpen {
	if kinds[0] == thriftStop || kinds[1] == thriftStop {
		t.fail(errShort)
	}
	return append(open, thriftOpen{kinds: kinds, left: n})
}
