package inspect

import (
	"hash/adler32"
	"hash/crc32"
	"io"
)

// wrapState is where an unwrapper is.
type wrapState struct {
	Deflate  inflateState `json:"deflate"`
	Inside   bool         `json:"inside,omitempty"` // of a stream, and not at its head
	Sum      uint32       `json:"sum,omitempty"`    // of what the stream gave
	Size     uint32       `json:"size,omitempty"`   // of that, modulo 2³²
	Streams  int          `json:"streams,omitempty"`
	Ended    bool         `json:"ended,omitempty"`
	Trailing bool         `json:"trailing,omitempty"` // something else follows the last stream
	Remark   bool         `json:"remark,omitempty"`   // a head has more in it than programs write by themselves
}

// unwrapper decompresses gzip (RFC 1952), stream behind stream, and zlib (RFC 1950).
type unwrapper struct {
	s    wrapState
	f    *inflater
	zlib bool
}

func newUnwrapper(r tape, s wrapState, zlib bool) (*unwrapper, error) {
	f, err := newInflater(r, s.Deflate)
	if zlib && s.Streams == 0 && !s.Inside {
		s.Sum = 1 // of nothing, by Adler-32
	}
	return &unwrapper{s: s, f: f, zlib: zlib}, err
}

func (u *unwrapper) state() wrapState {
	s := u.s
	s.Deflate = u.f.state()
	return s
}

type wrapPlace struct {
	s  wrapState
	at place
}

func (u *unwrapper) mark() place { return wrapPlace{u.s, u.f.mark()} }

func (u *unwrapper) rewind(to place) {
	p := to.(wrapPlace)
	u.s = p.s
	u.f.rewind(p.at)
}

func (u *unwrapper) consumed() int64 { return u.f.consumed() }

// Read gives decompressed bytes, and none at the end of a stream within the file.
func (u *unwrapper) Read(p []byte) (int, error) {
	if u.s.Ended {
		return 0, io.EOF
	}
	if !u.s.Inside {
		if err := u.head(); err != nil {
			u.s.Ended = err == io.EOF //nolint:errorlint // head returns it bare
			return 0, err
		}
		u.s.Inside = true
	}
	n, err := u.f.Read(p)
	if u.zlib {
		u.s.Sum = adler(u.s.Sum, p[:n])
	} else {
		u.s.Sum = crc32.Update(u.s.Sum, crc32.IEEETable, p[:n])
	}
	u.s.Size += uint32(n) //nolint:gosec // modulo 2³²
	if err == io.EOF {    //nolint:errorlint // an inflater returns it bare
		err = u.close()
	}
	return n, err
}

// adler goes on with a sum: the hash of the standard library cannot begin with one.
func adler(sum uint32, p []byte) uint32 {
	const modulus = 65521
	low, high := sum&0xffff, sum>>16
	next := adler32.Checksum(p) // of a text that follows nothing: its low half began with 1
	n := uint32(len(p) % modulus)
	high = (high + n*((low+modulus-1)%modulus)%modulus + next>>16) % modulus
	low = (low + next&0xffff + modulus - 1) % modulus
	return high<<16 | low
}

// number reads n bytes, the lowest first.
func (u *unwrapper) number(n int) (uint32, error) {
	v := uint32(0)
	for i := range n {
		u.f.refill()
		c, err := u.f.take(8)
		if err != nil {
			return 0, err
		}
		v |= uint32(c) << (8 * i) //nolint:gosec // a byte
	}
	return v, nil
}

// close compares the sums behind a stream.
func (u *unwrapper) close() error {
	u.f.bits >>= u.f.n % 8
	u.f.n -= u.f.n % 8
	sum, err := u.number(4)
	if err != nil {
		return err
	}
	if u.zlib {
		if sum>>24|sum>>8&0xff00|sum<<8&0xff0000|sum<<24 != u.s.Sum {
			return errStream
		}
		u.f.refill()
		if u.f.err != nil && u.f.err != io.EOF { //nolint:errorlint // tapes return it bare
			return u.f.err
		}
		u.s.Ended, u.s.Trailing = true, u.f.n > 0
		return io.EOF
	}
	size, err := u.number(4)
	if err != nil {
		return err
	}
	if sum != u.s.Sum || size != u.s.Size {
		return errStream
	}
	u.s.Inside, u.s.Sum, u.s.Size = false, 0, 0
	u.s.Streams++
	u.f.again()
	return nil
}

// longestName bounds the name and the remark in the head of a gzip stream.
const longestName = 64 << 10

// What programs write into the head of a gzip stream: the name of a file, and a field for the
// size of the stream (SAM/BAM specification, 4.1: BGZF). No reader shows the rest.
const (
	usualName  = 255
	usualExtra = 64
)

// head reads the head of a stream. Behind the last one io.EOF is returned, and Trailing is
// set where something else follows.
func (u *unwrapper) head() error {
	u.f.refill()
	if u.s.Streams > 0 && u.f.n == 0 && u.f.err == io.EOF { //nolint:errorlint // tapes return it bare
		return io.EOF
	}
	magic, err := u.number(2)
	if u.zlib {
		first, second := magic&0xff, magic>>8
		if err == nil && (first&15 != 8 || first>>4 > 7 || (first<<8|second)%31 != 0 || second&32 != 0) {
			err = errStream // another method, or a dictionary that nobody has
		}
		return err
	}
	if u.s.Streams > 0 && (err == io.ErrUnexpectedEOF || err == nil && magic != 0x8b1f) { //nolint:errorlint // short returns it bare
		u.s.Trailing = true
		return io.EOF
	}
	if err != nil {
		return err
	}
	fields, err := u.number(2) // the method, and which fields follow
	if err != nil {
		return err
	}
	if magic != 0x8b1f || fields&0xff != 8 {
		return errStream
	}
	for range 6 { // the time, and how and where it was compressed
		if _, err := u.number(1); err != nil {
			return err
		}
	}
	return u.fields(byte(fields >> 8)) //nolint:gosec // a byte
}

// fields passes over what the head of a gzip stream may have besides.
func (u *unwrapper) fields(flags byte) error {
	left := uint32(0)
	if flags&4 != 0 { // more of them
		n, err := u.number(2)
		if err != nil {
			return err
		}
		left = n
		u.s.Remark = u.s.Remark || n > usualExtra
	}
	for range left {
		if _, err := u.number(1); err != nil {
			return err
		}
	}
	for _, flag := range []byte{8, 16} { // a name and a remark, each with a zero behind
		for n := 0; flags&flag != 0; n++ {
			c, err := u.number(1)
			if err != nil {
				return err
			}
			if c == 0 {
				u.s.Remark = u.s.Remark || n > usualName || flag == 16 && n > 0
				break
			}
			if n > longestName {
				return errStream
			}
		}
	}
	if flags&2 != 0 { // a sum
		_, err := u.number(2)
		return err
	}
	return nil
}

// again begins another stream behind the one that has ended.
func (f *inflater) again() {
	f.s.Block, f.s.Final, f.s.Lengths, f.s.Literals, f.out, f.hist = blockNone, false, nil, 0, 0, 0
}
