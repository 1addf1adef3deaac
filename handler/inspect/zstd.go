package inspect

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	zstdMagic = 0xfd2fb528
	// Skippable frames have one of sixteen magics (RFC 8878, 3.1.2).
	zstdSkippable = 0x184d2a50
	// zstdTable ends the table of a file that programs can seek in; it is a skippable frame.
	// Source: zstd, contrib/seekable_format.
	zstdTable = 0x8f92eab1
)

// zstdReader gives the content of a Zstandard stream (RFC 8878), frame after frame. It walks the
// frames before the decoder sees them, so that no decoder takes the memory that a frame asks
// for, and what lies between frames is noticed.
type zstdReader struct {
	framed
	decoder *zstd.Decoder
	head    []byte // of the frame's structure, for the decoder
	data    int64  // bytes of a block, for the decoder
	next    func() error
	sum     bool  // the frame ends with a checksum
	frames  int64 // that hold data, up to now
}

func newZstdReader(in *input, r io.Reader) (windowed, error) {
	z := &zstdReader{framed: newFramed(in, r)}
	z.next = z.frame
	if err := z.more(); err != nil && err != io.EOF { //nolint:errorlint // more returns it bare
		return nil, err
	}
	makeRoom(z.windows)
	decoder, err := zstd.NewReader(zstdFrames{z}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindows), zstd.WithDecoderMaxMemory(maxWindows), zstd.WithDecodeBuffersBelow(0))
	if err != nil {
		return nil, fmt.Errorf("inspect: zstd: %w", err)
	}
	z.decoder = decoder
	return z, nil
}

func (z *zstdReader) Read(b []byte) (int, error) {
	n, err := z.decoder.Read(b)
	z.gave(n)
	return n, z.fault(err)
}

// zstdFrames are the frames with data as the decoder reads them.
type zstdFrames struct{ z *zstdReader }

func (f zstdFrames) Read(b []byte) (int, error) {
	z := f.z
	for len(z.head) == 0 && z.data == 0 {
		if err := z.more(); err != nil {
			return 0, err
		}
	}
	if len(z.head) > 0 {
		n := copy(b, z.head)
		z.head = z.head[n:]
		return n, nil
	}
	n, err := z.framed.Read(b[:min(int64(len(b)), z.data)])
	z.data -= int64(n)
	if err == io.EOF && z.data > 0 { //nolint:errorlint // readers return it bare
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// more reads the next piece of structure, and keeps its fault.
func (z *zstdReader) more() error {
	err := z.next()
	if err != nil && err != io.EOF && z.err == nil { //nolint:errorlint // next returns it bare
		z.err = err
	}
	return err
}

// frame reads the header of the next frame with data, past those without.
func (z *zstdReader) frame() error {
	for {
		b, err := z.full(4)
		if err == io.ErrUnexpectedEOF { //nolint:errorlint // io.ReadFull returns it bare
			return z.trailing()
		}
		if err != nil {
			return err
		}
		magic := binary.LittleEndian.Uint32(b)
		switch {
		case magic == zstdMagic:
			z.head = b
			return z.header()
		case magic&^0xf == zstdSkippable:
			if err := z.skippable(); err != nil {
				return err
			}
		default:
			return z.trailing()
		}
	}
}

// skippable passes over a frame that decoders leave out. It is no place for data, but for the
// sizes that parallel decoders and those that seek need.
func (z *zstdReader) skippable() error {
	b, err := z.inside(4)
	if err != nil {
		return err
	}
	size := int64(binary.LittleEndian.Uint32(b))
	if size <= 4 { // the size of the frame behind it
		return z.skip(size)
	}
	const footer = 9
	if size < footer || size > footer+12*z.frames {
		z.in.note("hidden.trailing")
		return z.skip(size)
	}
	if err := z.skip(size - footer); err != nil {
		return err
	}
	if b, err = z.inside(footer); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(b[5:]) != zstdTable || int64(binary.LittleEndian.Uint32(b)) != z.frames {
		z.in.note("hidden.trailing")
	}
	return nil
}

// header reads the header of a frame (RFC 8878, 3.1.1.1).
func (z *zstdReader) header() error {
	b, err := z.inside(1)
	if err != nil {
		return err
	}
	flags := b[0]
	single := flags&0x20 != 0
	dictionary := []int{0, 1, 2, 4}[flags&3]
	content := []int{0, 2, 4, 8}[flags>>6]
	if content == 0 && single {
		content = 1
	}
	size := dictionary + content
	if !single {
		size++
	}
	rest, err := z.inside(size)
	if err != nil {
		return err
	}
	z.head = append(append(z.head, flags), rest...)
	window := uint64(0)
	if single {
		eight := [8]byte{}
		copy(eight[:], rest[dictionary:])
		window = binary.LittleEndian.Uint64(eight[:])
	} else {
		window = uint64(1) << (10 + rest[0]>>3)
		window += window / 8 * uint64(rest[0]&7)
		rest = rest[1:]
	}
	for _, b := range rest[:dictionary] {
		if b != 0 {
			return errUnsupported // a dictionary that is elsewhere
		}
	}
	if window > uint64(z.windows) { //nolint:gosec // not negative
		return errUnsupported
	}
	if z.frames == 0 { // what is inside gets the rest, whatever frames follow
		z.windows = min(z.windows, max(int64(window), usualWindow)) //nolint:gosec // at most windows
	}
	z.frames++
	z.sum, z.next = flags&4 != 0, z.block
	return nil
}

// usualWindow is the window that decoders have to support at least (RFC 8878, 3.1.1.1.2).
const usualWindow = 8 << 20

// block reads the header of a block (RFC 8878, 3.1.1.2).
func (z *zstdReader) block() error {
	b, err := z.inside(3)
	if err != nil {
		return err
	}
	z.head = b
	h := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	z.data = int64(h >> 3)
	if h>>1&3 == 1 { // one byte that comes again and again
		z.data = 1
	}
	if h&1 != 0 {
		z.next = z.end
	}
	return nil
}

// end reads the bytes behind the last block.
func (z *zstdReader) end() error {
	z.next = z.frame
	if !z.sum {
		return nil
	}
	b, err := z.inside(4)
	z.head = b
	return err
}
