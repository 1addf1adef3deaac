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
	for s.Offset < end {
		if in.late() {
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
		in.note("uncheckable.size")
	}
	return true, nil
}

// errBudget ends a stream that gave more than the limits allow.
var errBudget = errors.New("inspect: a compressed stream gives too much")

// budgeted is a decompressed stream under the limits. compressed tells how many
// bytes have gone into it so far.
type budgeted struct {
	r          io.Reader
	in         *input
	compressed func() int64
	given      int64
}

func (b *budgeted) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.given += int64(n)
	b.in.spent.Inflated += int64(n)
	if err == io.ErrUnexpectedEOF { //nolint:errorlint // io.ReadFull says the same of a stream that ends well
		err = errShort
	}
	const free = 1 << 20 // small files compress well
	if b.in.spent.Inflated > b.in.limits.Inflated || b.given > free && b.given/b.in.limits.Ratio > max(b.compressed(), 1) {
		return n, errBudget
	}
	return n, err
}

// member looks inside one member of an archive, given as a stream. A fault of the
// stream is a finding. It does not stop when time is up: a member is the unit of
// work, and limits.Member bounds it. The error is the Source's.
func (in *input) member(name string, ordinal int, r io.Reader) error {
	inner := *in
	inner.name, inner.depth, inner.ties = name, in.depth+1, nil
	inner.within.Members = append(append([]int{}, in.within.Members...), ordinal)
	inner.late = func() bool { return false }
	if inner.depth > in.limits.Depth {
		inner.note("archive.depth")
		return nil
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return inner.broken(err)
	}
	kind := identify(head, name)
	whole := io.MultiReader(bytesReader(head), r)
	scan := scannerOf(kind)
	if walker, ok := scan.(walker); ok {
		inner.byName(name, kind)
		counted := &counted{r: whole}
		return walker.stream(&inner, counted, func() int64 { return counted.n })
	}
	to, asStream := scan.(streamed)
	if _, unknown := scan.(*opaque); !asStream && !unknown {
		return inner.nested(whole)
	}
	inner.byName(name, kind)
	if !asStream {
		if _, err := scan.step(&inner); err != nil {
			return err
		}
		to = skipped{}
	}
	return inner.stream(to.feeder(), whole)
}

// walker is a scanner that walks an archive that is a stream. read tells how many
// bytes of it were read.
type walker interface {
	stream(in *input, r io.Reader, read func() int64) error
}

// counted counts the bytes read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// streamed is a scanner that a stream can be fed to as well.
type streamed interface{ feeder() feeder }

func (s *sequential[F]) feeder() feeder { return s.To }

// skipped reads a stream to its end, since a bomb shows only then.
type skipped struct{}

func (s skipped) feeder() feeder                             { return s }
func (skipped) feed(_ *input, b []byte, _ int64, _ bool) int { return len(b) }

// stream feeds a stream on.
func (in *input) stream(to feeder, r io.Reader) error {
	buffer := make([]byte, chunkBytes)
	held, at := 0, int64(0)
	for {
		n, err := io.ReadFull(r, buffer[held:])
		held += n
		last := err != nil || at+int64(held) > in.limits.Member
		done := to.feed(in, buffer[:held], at, last)
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF: // budgeted hands no other one on
			return nil
		case err != nil:
			return in.broken(err)
		case last:
			in.note("uncheckable.size")
			return nil
		case done == 0:
			panic("inspect: a feeder does not get on")
		}
		at += int64(done)
		held = copy(buffer, buffer[done:held])
	}
}

// nested takes a member into memory that has to be read here and there.
func (in *input) nested(r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, in.limits.Nested+1))
	switch {
	case err != nil:
		return in.broken(err)
	case int64(len(b)) > in.limits.Nested:
		in.note("uncheckable.nested")
		return nil
	}
	in.limits.Nested -= int64(len(b)) // what is inside shares the memory
	in.src = memory(b)
	kind, err := in.kind()
	if err != nil {
		return in.broken(err)
	}
	in.byName(in.name, kind)
	scan := scannerOf(kind)
	for {
		done, err := scan.step(in)
		if err != nil {
			return in.broken(err)
		}
		if done {
			return nil
		}
	}
}

// readError is an error of the Source below a compressed stream.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// broken turns what is wrong with a stream into a finding, and hands the
// Source's errors on.
func (in *input) broken(err error) error {
	if source, ok := errors.AsType[*readError](err); ok {
		return fmt.Errorf("inspect: read: %w", source.err)
	}
	if errors.Is(err, errBudget) {
		in.note("archive.bomb")
		return nil
	}
	if errors.Is(err, errUnsupported) {
		in.note("uncheckable.type")
		return nil
	}
	in.note("uncheckable.corrupt")
	return nil
}

// section is a part of a Source as a stream. It marks the Source's errors.
type section struct {
	src         Source
	offset, end int64
	read        int64
}

func (s *section) Read(p []byte) (int, error) {
	if s.offset >= s.end {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.end-s.offset)]
	err := readAt(s.src, p, s.offset)
	if isShort(err) {
		return 0, io.ErrUnexpectedEOF
	}
	if err != nil {
		return 0, &readError{err}
	}
	s.offset += int64(len(p))
	s.read += int64(len(p))
	return len(p), nil
}

func bytesReader(b []byte) io.Reader { return &section{src: memory(b), end: int64(len(b))} }
