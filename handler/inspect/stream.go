package inspect

import (
	"errors"
	"fmt"
	"io"
)

const chunkBytes = 256 << 10

// feeder takes a file piece by piece, however it is cut. Its exported fields are
// state, as a scanner's.
type feeder interface {
	feed(in *input, chunk []byte)
	end(in *input)
}

// sequential reads a file from its beginning to its end and feeds it on.
type sequential[F feeder] struct {
	Offset int64 `json:"offset"`
	To     F     `json:"to"`
}

func (s *sequential[F]) step(in *input) (bool, error) {
	buffer := make([]byte, chunkBytes)
	end := min(in.src.Size(), in.limits.Bytes)
	for s.Offset < end {
		if in.late() {
			return false, nil
		}
		chunk := buffer[:min(int64(len(buffer)), end-s.Offset)]
		if err := readAt(in.src, chunk, s.Offset); err != nil {
			return false, err
		}
		s.To.feed(in, chunk)
		s.Offset += int64(len(chunk))
	}
	s.To.end(in)
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
	const free = 1 << 20 // small files compress well
	if b.in.spent.Inflated > b.in.limits.Inflated || b.given > free && b.given/b.in.limits.Ratio > max(b.compressed(), 1) {
		return n, errBudget
	}
	return n, err
}

// member looks inside one member of an archive, given as a stream. What is wrong
// with the stream is a finding. It does not stop when time is up: a member is the
// unit of work. The error is the Source's.
func (in *input) member(name string, ordinal int, r io.Reader) error {
	inner := *in
	inner.name, inner.depth = name, in.depth+1
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
	if mismatched(kind, name) && kind != "zip" {
		inner.note("type.mismatch")
	}
	scan := scannerOf(kind)
	whole := io.MultiReader(bytesReader(head), r)
	if to, ok := scan.(streamed); ok {
		return inner.stream(to.feeder(), whole)
	}
	if _, ok := scan.(*opaque); ok {
		_, err := scan.step(&inner)
		return err
	}
	return inner.nested(name, whole)
}

// streamed is a scanner that a stream can be fed to as well.
type streamed interface{ feeder() feeder }

func (s *sequential[F]) feeder() feeder { return s.To }

func (in *input) stream(to feeder, r io.Reader) error {
	buffer := make([]byte, chunkBytes)
	for {
		n, err := io.ReadFull(r, buffer)
		if n > 0 {
			to.feed(in, buffer[:n])
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && n < len(buffer) && isEnd(err):
			to.end(in)
			return nil
		case err != nil:
			to.end(in)
			return in.broken(err)
		}
	}
}

// isEnd tells the end of a stream that io.ReadFull met from a stream that broke.
func isEnd(err error) bool { return err == io.ErrUnexpectedEOF } //nolint:errorlint // io.ReadFull's own, not one that wraps it

// nested takes a member into memory that has to be read here and there.
func (in *input) nested(name string, r io.Reader) error {
	limited := io.LimitReader(r, in.limits.Nested+1)
	b, err := io.ReadAll(limited)
	switch {
	case err != nil:
		return in.broken(err)
	case int64(len(b)) > in.limits.Nested:
		in.note("uncheckable.nested")
		return nil
	}
	in.src = memory(b)
	kind, err := in.kind()
	if err != nil {
		return in.broken(err)
	}
	if mismatched(kind, name) {
		in.note("type.mismatch")
	}
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
