package inspect

import (
	"errors"
	"io"
)

// bzip2 has no specification of its own; the format is that of bzip2 1.0.8, as its manual
// and its decoder define it.
const (
	bzBlock  = 0x314159265359 // the mark before a block
	bzEnd    = 0x177245385090 // the mark behind the last
	bzGroup  = 50             // symbols that one code is used for
	bzLength = 20             // bits of the longest code
)

// bunzipState is where a bunzipper is: at the beginning of a block, of which some is given.
type bunzipState struct {
	In       []byte `json:"in,omitempty"` // taken of the stream around and not used
	Taken    int64  `json:"taken"`        // bytes of the stream around
	Bits     uint64 `json:"bits,omitempty"`
	Count    uint   `json:"count,omitempty"`
	Level    int    `json:"level,omitempty"` // of the stream: blocks have so many times 100,000 bytes; 0 before its head
	Sum      uint32 `json:"sum,omitempty"`   // of the blocks before
	Given    int64  `json:"given,omitempty"` // bytes of the block
	Streams  int    `json:"streams,omitempty"`
	Trailing bool   `json:"trailing,omitempty"` // something else follows the last stream
}

// bunzipper decompresses bzip2. A block is decompressed as a whole, so that is where another
// process begins again; the standard library's decoder does not say where its blocks begin.
type bunzipper struct {
	s     bunzipState // at the beginning of the block in hand
	at    place       // of the stream around, there
	r     tape
	in    []byte
	bits  uint64
	n     uint
	taken int64

	links  []uint32 // the block, as places of the bytes that follow each other
	next   uint32
	left   int    // bytes of links that are not taken yet
	last   int    // the byte taken last, -1 for none
	same   int    // how often it came
	repeat int    // how often it comes once more
	sum    uint32 // of what is given
	want   uint32 // what sum has to be at the end
	held   bool   // a block is in hand
	err    error
}

func newBunzipper(r tape, s bunzipState) *bunzipper {
	b := &bunzipper{r: r}
	b.reset(s)
	return b
}

// reset goes to the beginning of a block.
func (b *bunzipper) reset(s bunzipState) {
	b.s, b.at = s, b.r.mark()
	b.in, b.bits, b.n, b.taken, b.held, b.err = append([]byte{}, s.In...), s.Bits, s.Count, s.Taken, false, nil
}

// begun keeps where a block begins.
func (b *bunzipper) begun() {
	s := b.s
	s.In, s.Taken, s.Bits, s.Count, s.Given = b.in, b.taken, b.bits, b.n, 0 // more does not write over b.in
	b.s, b.at, b.held = s, b.r.mark(), false
}

// state is what newBunzipper goes on from. It takes the stream around back to where the
// block in hand begins.
func (b *bunzipper) state() bunzipState {
	b.r.rewind(b.at)
	return b.s
}

type bunzipPlace struct {
	s  bunzipState
	at place
}

func (b *bunzipper) mark() place { return bunzipPlace{b.s, b.at} }

func (b *bunzipper) rewind(to place) {
	p := to.(bunzipPlace)
	b.r.rewind(p.at)
	b.reset(p.s)
}

func (b *bunzipper) consumed() int64 { return b.taken - int64(len(b.in)) - int64(b.n/8) } //nolint:gosec // at most eight

// take is the next k bits, up to 32, the first one highest.
func (b *bunzipper) take(k uint) (uint64, error) {
	for b.n < k {
		if len(b.in) == 0 {
			if err := b.more(); err != nil {
				return 0, err
			}
		}
		b.bits, b.in, b.n = b.bits<<8|uint64(b.in[0]), b.in[1:], b.n+8
	}
	b.n -= k
	v := b.bits >> b.n & (1<<k - 1)
	b.bits &= 1<<b.n - 1
	return v, nil
}

func (b *bunzipper) more() error {
	buffer := make([]byte, pullBytes)
	for {
		n, err := b.r.Read(buffer)
		b.taken += int64(n)
		switch {
		case n > 0:
			b.in = buffer[:n]
			return nil
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
	}
}

// Read gives decompressed bytes, and none where streams without any follow each other for long.
func (b *bunzipper) Read(p []byte) (int, error) {
	for b.err == nil {
		if !b.held {
			skip := b.s.Given
			if b.held, b.err = b.block(); b.err != nil {
				break
			}
			if !b.held {
				return 0, nil
			}
			for s := make([]byte, giveBytes); skip > 0; { // another process gave them
				n := b.give(s[:min(int64(len(s)), skip)])
				if n == 0 {
					return 0, ErrState
				}
				skip -= int64(n)
			}
		}
		if n := b.give(p); n > 0 {
			b.s.Given += int64(n)
			return n, nil
		}
		if b.sum != b.want {
			b.err = errStream
			break
		}
		b.s.Sum = (b.s.Sum<<1 | b.s.Sum>>31) ^ b.sum
		b.begun()
	}
	return 0, b.err
}

// block reads the next block, and the heads and ends of streams before it. It reports whether
// there was one after at most stallBytes.
func (b *bunzipper) block() (held bool, err error) {
	for begun := b.taken; b.taken-begun <= stallBytes; {
		if b.s.Level == 0 {
			if err := b.head(); err != nil {
				return false, err
			}
		}
		high, err := b.take(24)
		if err != nil {
			return false, err
		}
		low, err := b.take(24)
		if err != nil {
			return false, err
		}
		sum, err := b.take(32)
		if err != nil {
			return false, err
		}
		switch high<<24 | low {
		case bzBlock:
			b.want = uint32(sum) //nolint:gosec // 32 bits
			return true, b.decode()
		case bzEnd:
			if uint32(sum) != b.s.Sum { //nolint:gosec // 32 bits
				return false, errStream
			}
			b.bits, b.n = b.bits&(1<<(b.n/8*8)-1), b.n/8*8
			b.s.Level, b.s.Sum = 0, 0
			b.s.Streams++
			b.begun()
		default:
			return false, errStream
		}
	}
	return false, nil
}

// head reads the head of a stream. Behind the last one io.EOF is returned, and Trailing is
// set where something else follows.
func (b *bunzipper) head() error {
	v, err := b.take(32)
	switch {
	case err == nil && v>>8 == 'B'<<16|'Z'<<8|'h' && v&0xff >= '1' && v&0xff <= '9':
		b.s.Level = int(v&0xff - '0')
		b.begun()
		return nil
	case b.s.Streams == 0 && err == nil:
		return errStream
	case b.s.Streams > 0 && (err == nil || errors.Is(err, io.ErrUnexpectedEOF)):
		b.s.Trailing = err == nil || b.n > 0
		return io.EOF
	}
	return err
}

// give undoes the run lengths of the block: four bytes of a kind are followed by how
// often it comes once more.
func (b *bunzipper) give(p []byte) int {
	n := 0
	for n < len(p) {
		if b.repeat > 0 {
			b.repeat--
			p[n] = byte(b.last) //nolint:gosec // a byte
			n++
			continue
		}
		if b.left == 0 {
			break
		}
		b.next = b.links[b.next>>8]
		c := int(b.next & 0xff)
		b.left--
		if b.same == 4 {
			b.repeat, b.same = c, 0
			continue
		}
		if c != b.last {
			b.same = 0
		}
		b.last, b.same = c, b.same+1
		p[n] = byte(c)
		n++
	}
	b.sum = bzSum(b.sum, p[:n])
	return n
}

// bzTable is for the CRC-32 of bzip2, whose bits come the highest first.
var bzTable = func() (out [256]uint32) {
	for i := range out {
		c := uint32(i) << 24
		for range 8 {
			if c>>31 == 1 {
				c = c<<1 ^ 0x04c11db7
			} else {
				c <<= 1
			}
		}
		out[i] = c
	}
	return out
}()

func bzSum(sum uint32, p []byte) uint32 {
	sum = ^sum
	for _, c := range p {
		sum = sum<<8 ^ bzTable[byte(sum>>24)^c]
	}
	return ^sum
}
