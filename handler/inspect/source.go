package inspect

import (
	"errors"
	"fmt"
	"io"
)

// Source is one file that does not change. ReadAt may be called with ranges of
// any size up to 4 MiB; the caller that gives a Source to this package keeps blocks
// in memory, so that neighbouring ranges cost one read.
type Source interface {
	io.ReaderAt
	Size() int64
}

// errShort means that a file ends before a structure in it does.
var errShort = errors.New("inspect: the file ends inside a structure")

// readAt fills b from an offset, or returns errShort, or the Source's error.
func readAt(src Source, b []byte, offset int64) error {
	if offset < 0 || offset > src.Size() || int64(len(b)) > src.Size()-offset {
		return errShort
	}
	n, err := src.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errShort
	}
	return fmt.Errorf("inspect: read: %w", err)
}

// isShort reports whether an error is about the file and not about reading it.
func isShort(err error) bool { return errors.Is(err, errShort) }

// memory is a Source in memory, for members of archives.
type memory []byte

func (m memory) Size() int64 { return int64(len(m)) }

func (m memory) ReadAt(b []byte, offset int64) (int, error) {
	if offset < 0 || offset >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(b, m[offset:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
