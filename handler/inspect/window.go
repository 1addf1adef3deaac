package inspect

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
)

// maxWindows bounds the windows of all decoders that work at a time, those of streams in streams
// together: xz -9 asks for 64 MiB, and most others for 8 at most.
const maxWindows = 72 << 20

// errUnsupported ends a stream that asks for more memory than there is, or for a method or a
// dictionary that is not at hand.
var errUnsupported = errors.New("inspect: a compressed stream asks for what is not at hand")

// framed reads the structure of a compressed stream around its data. It keeps the first error of
// what it reads from, since decoders may hide it.
type framed struct {
	r   io.Reader
	in  *input
	err error
	// windows is how much memory decoders may take here.
	windows int64
	idle    int64 // bytes read that nothing was given for
	left    int64 // bytes that may be read
}

func newFramed(in *input, r io.Reader) framed {
	return framed{r: bufio.NewReaderSize(r, 64<<10), in: in, windows: in.windows, left: in.limits.Member}
}

// makeRoom gives up what was used before a window is made: there is no room for two large ones, and an archive may have one in
// each of its members.
func makeRoom(window int64) {
	if window > usualWindow {
		runtime.GC()
	}
}

func (f *framed) windowsKept() int64 { return f.windows }

// Read ends with errBudget where the stream goes on for stallBytes and gives nothing, or is longer
// than what is read anew in each step. Both hang on the stream alone, and not on where steps end.
func (f *framed) Read(b []byte) (int, error) {
	may := min(int64(len(b)), stallBytes-f.idle, f.left)
	if may <= 0 && len(b) > 0 {
		f.err = errBudget
		return 0, f.err
	}
	n, err := 0, error(nil)
	for n == 0 && err == nil && may > 0 { // decoders need not know a Read without a byte
		n, err = f.r.Read(b[:may])
	}
	f.idle, f.left = f.idle+int64(n), f.left-int64(n)
	if err != nil && err != io.EOF && f.err == nil { //nolint:errorlint // tapes return it bare
		f.err = err
	}
	return n, err
}

// gave makes up for bytes read: those that gave one are few, but where frames hold next to nothing.
func (f *framed) gave(n int) {
	const each = 64
	f.idle = max(0, f.idle-each*int64(n))
}

// full reads n bytes, at most a few. A stream that ends before has io.ErrUnexpectedEOF, and io.EOF
// where nothing is left.
func (f *framed) full(n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := io.ReadFull(f, b)
	return b[:got], err
}

// inside is full where a structure has begun.
func (f *framed) inside(n int) ([]byte, error) {
	b, err := f.full(n)
	if err == io.EOF { //nolint:errorlint // io.ReadFull returns it bare
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// skip passes over n bytes of a structure that has begun.
func (f *framed) skip(n int64) error {
	got, err := io.CopyN(io.Discard, f, n)
	if got < n && err == io.EOF { //nolint:errorlint // io.CopyN returns it bare
		err = io.ErrUnexpectedEOF
	}
	return err
}

// fault is the error of a decoder, or the one below it that it hid.
func (f *framed) fault(err error) error {
	if f.err != nil && err != nil && err != io.EOF { //nolint:errorlint // decoders return it bare
		return f.err
	}
	return err
}

// trailing notes bytes behind the end of a stream, which ends there: they are not read.
func (f *framed) trailing() error {
	f.in.note("hidden.trailing")
	f.r = bytes.NewReader(nil)
	return io.EOF
}
