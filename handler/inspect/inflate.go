package inspect

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

const (
	windowBytes = 32 << 10 // that deflate may refer back to (RFC 1951, 2)
	windowFar   = 64 << 10 // that deflate64 may refer back to
	giveBytes   = 32 << 10 // that one Read of a decoder gives at most
	pullBytes   = 16 << 10 // that a decoder takes at once
	stallBytes  = 1 << 20  // taken without a byte given, after which a Read returns
)

// inflateState is where an inflater is. Everything that it still needs of the stream is in
// it, so that another process can go on with the next bit.
type inflateState struct {
	In     []byte    `json:"in,omitempty"`   // taken of the stream around and not used
	Taken  int64     `json:"taken"`          // bytes of the stream around
	Bits   byte      `json:"bits,omitempty"` // of the byte before In, fewer than eight
	Count  uint      `json:"count,omitempty"`
	Window []byte    `json:"window,omitempty"`
	Block  blockKind `json:"block,omitempty"`
	Final  bool      `json:"final,omitempty"`
	Stored int       `json:"stored,omitempty"` // bytes left of a stored block
	// Lengths are the codes of the block, those of distances behind the first Literals.
	Lengths  []byte `json:"lengths,omitempty"`
	Literals int    `json:"literals,omitempty"`
	Length   int    `json:"length,omitempty"` // left of a match under way
	Distance int    `json:"distance,omitempty"`
	Far      bool   `json:"far,omitempty"` // deflate64
}

// window is how many bytes the stream may refer back to.
func (s inflateState) window() int {
	if s.Far {
		return windowFar
	}
	return windowBytes
}

// longest is the length of the longest match.
func (s inflateState) longest() int {
	if s.Far {
		return 3 + 0xffff
	}
	return 258
}

// blockKind is in which kind of block an inflater is.
type blockKind byte

const (
	blockNone blockKind = iota
	blockStored
	blockCoded
)

// inflater decompresses deflate (RFC 1951), and deflate64, in which Windows packs large files: it refers back further, and the
// last code of lengths has 16 more bits, as in zlib's contrib/infback9. The standard library's cannot be left in the
// middle of a stream and taken up by another process.
type inflater struct {
	s    inflateState // but In, Bits, Count and Window, which are kept below
	r    tape
	in   []byte // with the last eight bytes used before pos, so that they can be put back
	pos  int
	bits uint64
	n    uint // bits that are sure; those above may be set already
	buf  []byte
	out  int // end of what is given in buf; the window is before it
	hist int // bytes of buf before out that are of the stream
	lit  huffman
	dist huffman
	err  error
	// behind is set at the end of the stream where something follows it.
	behind bool
}

// inflaters are done with: an archive may have thousands of small members, and each needs more
// than 100 kB to begin with. What one has in its buffers no other one can refer to, as hist says.
var inflaters = sync.Pool{New: func() any {
	return &inflater{in: make([]byte, 8, 8+pullBytes)}
}}

// release gives the inflater up, which is not used any more.
func (f *inflater) release() {
	f.r, f.s = nil, inflateState{}
	inflaters.Put(f)
}

func newInflater(r tape, s inflateState) (*inflater, error) {
	f := inflaters.Get().(*inflater)
	f.s, f.r, f.err, f.behind = s, r, nil, false
	if size := s.window() + 2*giveBytes; len(f.buf) < size {
		f.buf = make([]byte, size)
	}
	f.in = append(f.in[:8], s.In...)
	f.pos, f.bits, f.n = 8, uint64(s.Bits), s.Count
	f.out = copy(f.buf, s.Window[max(0, len(s.Window)-s.window()):])
	f.hist = f.out
	if s.Count > 7 || s.Stored < 0 || s.Length < 0 || s.Length > s.longest() || s.Length > 0 && (s.Distance < 1 || s.Distance > f.hist) {
		return nil, ErrState
	}
	if s.Block == blockCoded {
		if s.Literals < 0 || s.Literals > len(s.Lengths) {
			return nil, ErrState
		}
		if err := f.codes(s.Lengths, s.Literals); err != nil {
			return nil, ErrState
		}
	}
	return f, nil
}

// state is what newInflater goes on from, with the same stream at the same place.
func (f *inflater) state() inflateState {
	f.unread()
	s := f.s
	s.In, s.Bits, s.Count = append([]byte{}, f.in[f.pos:]...), byte(f.bits), f.n //nolint:gosec // fewer than eight bits
	s.Window = append([]byte{}, f.buf[f.out-min(f.hist, s.window()):f.out]...)
	return s
}

type inflatePlace struct {
	s  inflateState
	at place
}

func (f *inflater) mark() place { return inflatePlace{f.state(), f.r.mark()} }

func (f *inflater) rewind(to place) {
	p := to.(inflatePlace)
	f.r.rewind(p.at)
	if again, err := newInflater(f.r, p.s); err == nil { // it was one of ours
		*f = *again
	}
}

// consumed is how many bytes of the stream around are used.
func (f *inflater) consumed() int64 { return f.s.Taken - int64(len(f.in)-f.pos) - int64(f.n/8) } //nolint:gosec // at most eight

// unread puts whole bytes back that are in bits.
func (f *inflater) unread() {
	f.pos -= int(f.n / 8)
	f.n %= 8
	f.bits &= 1<<f.n - 1
}

// more takes more of the stream around once all of in is used, and reports whether there
// was any.
func (f *inflater) more() bool {
	copy(f.in[:8], f.in[len(f.in)-8:])
	f.in, f.pos = f.in[:8], 8
	for f.err == nil {
		n, err := f.r.Read(f.in[8:cap(f.in)])
		f.in, f.err = f.in[:8+n], err
		f.s.Taken += int64(n)
		if n > 0 {
			return true
		}
	}
	return false
}

// short is the error of a stream that ends too early, or could not be read.
func (f *inflater) short() error {
	if f.err != nil && !errors.Is(f.err, io.EOF) {
		return f.err
	}
	return io.ErrUnexpectedEOF
}

// refill makes sure of 48 bits, or of all that are left of the stream.
func (f *inflater) refill() {
	for f.n < 48 {
		if f.pos == len(f.in) && !f.more() {
			return
		}
		if f.pos+8 <= len(f.in) {
			f.bits |= binary.LittleEndian.Uint64(f.in[f.pos:]) << f.n
			f.pos += int((63 - f.n) >> 3)
			f.n |= 56
			return
		}
		f.bits |= uint64(f.in[f.pos]) << f.n
		f.pos++
		f.n += 8
	}
}

// take is the next k bits, up to 16. They must have been refilled.
func (f *inflater) take(k uint) (int, error) {
	if f.n < k {
		return 0, f.short()
	}
	v := int(f.bits & (1<<k - 1)) //nolint:gosec // at most 16 bits
	f.bits >>= k
	f.n -= k
	return v, nil
}

// Read gives decompressed bytes, and none where the stream goes on for long without any.
func (f *inflater) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	want := min(len(p), giveBytes)
	if f.out+want > len(f.buf) {
		kept := min(f.hist, f.s.window())
		copy(f.buf, f.buf[f.out-kept:f.out])
		f.out, f.hist = kept, kept
	}
	from := f.out
	err := f.fill(f.out + want)
	return copy(p, f.buf[from:f.out]), err
}

// finish looks for something behind the stream.
func (f *inflater) finish() error {
	f.refill()
	if f.err != nil && !errors.Is(f.err, io.EOF) {
		return f.err
	}
	f.behind = f.n >= 8
	return io.EOF
}

// fill decompresses until out is at a limit.
func (f *inflater) fill(limit int) error {
	from, begun := f.out, f.consumed()
	for f.out < limit {
		var err error
		before := f.out
		switch f.s.Block {
		case blockNone:
			if f.s.Final {
				return f.finish()
			}
			if f.out == from && f.consumed()-begun > stallBytes {
				return nil
			}
			err = f.begin()
		case blockStored:
			err = f.stored(limit)
		case blockCoded:
			err = f.coded(limit)
		}
		f.hist += f.out - before
		if err != nil {
			return err
		}
	}
	return nil
}
