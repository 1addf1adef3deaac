package inspect

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"slices"

	"github.com/ulikunitz/xz/lzma"
)

// xzReader gives the content of an xz file (The .xz File Format 1.2.1), block after block and stream
// after stream. The library decodes the blocks alone: its own reader takes as much memory as a
// block asks for, and keeps a record of each block.
type xzReader struct {
	framed
	block  *xzBlock
	kind   byte // of the checks behind the blocks
	blocks int64
	asked  int64 // bytes of windows, of all blocks up to now
	begun  bool  // one stream at least
}

// xzBytes is how much is read of a stream. The library gives 24 MiB in a second of a processor: a quarter of one reads this
// once more, and goes on, within a step.
const xzBytes = 96 << 20

// maxAsked bounds the windows of all blocks: each is made anew, however little a block holds.
const maxAsked = 8 << 30

// xzBlock is the block that is read.
type xzBlock struct {
	data  io.Reader
	raw   *counted
	size  int64 // that it claims, -1 where it does not
	given int64
	check hash.Hash
}

const xzMagic = "\xfd7zXZ\x00"

func newXZReader(in *input, r io.Reader) (windowed, error) {
	x := &xzReader{framed: newFramed(in, r)}
	err := x.stream()
	if err == io.EOF { //nolint:errorlint // stream returns it bare
		err = nil
	}
	return x, x.fault(err)
}

func (x *xzReader) Read(b []byte) (int, error) {
	for x.block == nil {
		if err := x.more(); err != nil {
			return 0, x.fault(err)
		}
	}
	n, err := x.block.data.Read(b)
	x.block.given += int64(n)
	x.gave(n)
	_, _ = x.block.check.Write(b[:n])
	if err == io.EOF { //nolint:errorlint // the library returns it bare
		err = x.blockEnd()
	}
	return n, x.fault(err)
}

// more goes on to the next block, and to the next stream.
func (x *xzReader) more() error {
	if x.kind == xzNoStream {
		return x.stream()
	}
	return x.blockHeader()
}

// xzNoStream stands for the time between two streams.
const xzNoStream = 0xff

// stream reads the header of a stream and of its first block. Zeros may be between two streams.
func (x *xzReader) stream() error {
	for {
		b, err := x.full(4)
		switch {
		case err == io.ErrUnexpectedEOF: //nolint:errorlint // io.ReadFull returns it bare
			return x.trailing()
		case err != nil:
			return err
		case x.begun && string(b) == "\x00\x00\x00\x00":
			continue
		case string(b) != xzMagic[:4]:
			return x.trailing()
		}
		if b, err = x.inside(8); err != nil {
			return err
		}
		if string(b[:2]) != xzMagic[4:] || b[2] != 0 || b[3]&0xf0 != 0 || crc32.ChecksumIEEE(b[2:4]) != binary.LittleEndian.Uint32(b[4:]) {
			return errXZ
		}
		x.kind, x.begun, x.blocks = b[3], true, 0
		return x.blockHeader()
	}
}

var errXZ = errors.New("inspect: xz: damaged")

// xzChecks are the sizes of the checks by their kinds.
var xzChecks = [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}

// blockHeader reads the header of a block, or the index in its place, and the end of the stream.
func (x *xzReader) blockHeader() error {
	first, err := x.inside(1)
	if err != nil {
		return err
	}
	if first[0] == 0 {
		return x.index()
	}
	rest, err := x.inside(int(first[0])*4 + 3)
	if err != nil {
		return err
	}
	b := slices.Concat(first, rest)
	n := len(b) - 4
	if crc32.ChecksumIEEE(b[:n]) != binary.LittleEndian.Uint32(b[n:]) {
		return errXZ
	}
	h := xzFields{b: b[2:n]}
	flags, size := b[1], int64(-1)
	if flags&0x40 != 0 {
		h.number()
	}
	if flags&0x80 != 0 {
		size = h.number()
	}
	id, length, window := h.number(), h.number(), h.window()
	switch {
	case h.bad, flags&0x3c != 0:
		return errXZ
	case flags&3 != 0, id != 0x21, length != 1: // filters for programs
		return errUnsupported
	case window > x.windows:
		return errUnsupported
	}
	if x.asked == 0 { // what is inside gets the rest, whatever blocks follow
		x.windows = min(x.windows, max(window, usualWindow))
	}
	if size >= 0 {
		window = min(window, max(size, lzma.MinDictCap))
	}
	makeRoom(window)
	x.blocks++
	if x.asked += window; x.asked > maxAsked {
		return errUnsupported
	}
	raw := &counted{r: &x.framed}
	data, err := lzma.Reader2Config{DictCap: int(window)}.NewReader2(raw)
	if err != nil {
		return errXZ
	}
	x.block = &xzBlock{data: data, raw: raw, size: size, check: xzCheck(x.kind)}
	return nil
}

// xzCheck makes the sums that a kind of checks stands for. Those that nobody uses are not made.
func xzCheck(kind byte) hash.Hash {
	switch kind {
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		return sha256.New()
	}
	return crc32.NewIEEE()
}

// blockEnd reads the padding and the check behind a block.
func (x *xzReader) blockEnd() error {
	k := x.block
	x.block = nil
	size := xzChecks[x.kind]
	b, err := x.inside(int(-k.raw.n&3) + size)
	if err != nil {
		return err
	}
	told := b[len(b)-size:]
	for _, pad := range b[:len(b)-size] {
		if pad != 0 {
			x.in.note("hidden.trailing")
		}
	}
	sum := k.check.Sum(nil)
	if x.kind == 1 || x.kind == 4 { // the library writes sums with the highest byte first
		slices.Reverse(sum)
	}
	if (x.kind == 1 || x.kind == 4 || x.kind == 10) && string(sum) != string(told) || k.size >= 0 && k.size != k.given {
		return errXZ
	}
	return nil
}

// index passes over the index and the footer of a stream.
func (x *xzReader) index() error {
	raw := &counted{r: &x.framed}
	h := xzFields{r: raw}
	records := h.number()
	if h.bad || records != x.blocks {
		return x.notIndex(h)
	}
	for range 2 * records {
		h.number()
	}
	if h.bad {
		return x.notIndex(h)
	}
	b, err := x.inside(int(-(raw.n+1)&3) + 4 + 12) // padding, the index's sum, the footer
	if err != nil {
		return err
	}
	f := b[len(b)-12:]
	if string(f[10:]) != "YZ" || f[9] != x.kind || crc32.ChecksumIEEE(f[4:10]) != binary.LittleEndian.Uint32(f) {
		return errXZ
	}
	x.kind = xzNoStream
	return nil
}

// notIndex is the fault of an index that cannot be read.
func (x *xzReader) notIndex(h xzFields) error {
	if h.err != nil {
		return h.err
	}
	return errXZ
}

// xzFields reads numbers of variable length, from bytes in memory or from a stream.
type xzFields struct {
	b   []byte
	r   io.Reader
	bad bool
	err error
}

func (h *xzFields) byte() byte {
	switch {
	case h.bad:
		return 0
	case h.r != nil:
		b := [1]byte{}
		if _, err := io.ReadFull(h.r, b[:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			h.bad, h.err = true, err
		}
		return b[0]
	case len(h.b) == 0:
		h.bad = true
		return 0
	}
	c := h.b[0]
	h.b = h.b[1:]
	return c
}

// number reads a number of up to 63 bits in groups of seven (1.2).
func (h *xzFields) number() int64 {
	n := uint64(0)
	for i := range 9 {
		c := h.byte()
		n |= uint64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			return int64(n) //nolint:gosec // 63 bits
		}
	}
	h.bad = true
	return 0
}

// window reads the size of a block's dictionary (5.3.1).
func (h *xzFields) window() int64 {
	n, err := lzma.DecodeDictCap(h.byte())
	if err != nil {
		h.bad = true
	}
	return max(n, lzma.MinDictCap)
}
