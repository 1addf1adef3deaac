package inspect

import (
	"errors"
	"fmt"
	"io"
)

// Sizes of the pieces in which files are looked at.
const (
	chunkBytes = 256 << 10 // that are read at once
	wholeBytes = 192 << 10 // of a text that is looked at as a whole
	pieceBytes = 32 << 10  // of the longest line or token; a longer one is cut
)

// feeder takes a file piece by piece. Its exported fields are state, as a
// scanner's, and hold no value of the file.
type feeder interface {
	// feed takes bytes that begin at an offset of the file and returns how many of
	// them it is done with. It is given the others again, with more behind them. It
	// gets on with chunkBytes at the latest, and is done with all when they are the
	// last. Its findings do not depend on the sizes of the pieces.
	feed(in *input, b []byte, at int64, last bool) int
}

// sequential reads a file from its beginning to its end and feeds it on.
type sequential[F feeder] struct {
	Offset int64 `json:"offset"`
	To     F     `json:"to"`
}

func (s *sequential[F]) step(in *input) (bool, error) {
	end := min(in.src.Size(), in.limits.Bytes)
	size := min(in.chunk, chunkBytes)
	buffer := make([]byte, min(end, chunkBytes))
	for begun := s.Offset; s.Offset < end; {
		if s.Offset > begun && in.late() { // a step gets on by one piece at least
			return false, nil
		}
		chunk := buffer[:min(int64(size), end-s.Offset)]
		if err := readAt(in.src, chunk, s.Offset); err != nil {
			return false, err
		}
		last := s.Offset+int64(len(chunk)) == end
		done := s.To.feed(in, chunk, s.Offset, last)
		switch {
		case last:
			s.Offset = end
		case done > 0:
			s.Offset += int64(done)
		case len(chunk) < chunkBytes:
			size = min(2*size, chunkBytes)
		default:
			panic("inspect: a feeder does not get on")
		}
	}
	if end < in.src.Size() {
		part := Finding{Rule: "uncheckable.size"}
		if to, ok := any(s.To).(sampled); ok {
			n, err := to.rest(in, end)
			if err != nil {
				return false, err
			}
			part.Facts = Facts{"samples": int64(n)}
		}
		in.found.note(part, in.within)
	}
	return true, nil
}

// readError is an error of the Source below a compressed stream.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// broken turns a stream's fault into a finding, and hands the
// Source's errors on.
func (in *input) broken(err error) error {
	if source, ok := errors.AsType[*readError](err); ok {
		return fmt.Errorf("inspect: read: %w", source.err)
	}
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.Is(err, ErrState):
		return err
	case errors.Is(err, errBomb):
		in.note("archive.bomb")
	case errors.Is(err, errBudget):
		in.note("uncheckable.size")
	case errors.Is(err, errUnsupported):
		in.note("uncheckable.type")
	default:
		in.note("uncheckable.corrupt")
	}
	return nil
}
