package inspect

import "io"

// tape is a stream of bytes that can be taken back to a place where it was.
type tape interface {
	io.Reader
	mark() place
	rewind(to place)
}

// place is where a tape was. Only the tape knows what it means.
type place any

// section is a part of a Source as a stream. It marks the Source's errors.
type section struct {
	src         Source
	offset, end int64
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
	return len(p), nil
}

func (s *section) mark() place     { return s.offset }
func (s *section) rewind(to place) { s.offset = to.(int64) }

// skip passes bytes over without reading them.
func (s *section) skip(n int64) { s.offset = min(s.end, s.offset+n) }

// limited is the next bytes of a tape.
type limited struct {
	r    tape
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, io.EOF
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

type limitedPlace struct {
	left int64
	at   place
}

func (l *limited) mark() place { return limitedPlace{l.left, l.r.mark()} }

func (l *limited) rewind(to place) {
	p := to.(limitedPlace)
	l.left = p.left
	l.r.rewind(p.at)
}

// prefixed is a tape with bytes before it that were read of it already.
type prefixed struct {
	held []byte
	r    tape
}

func (p *prefixed) Read(b []byte) (int, error) {
	if len(p.held) > 0 {
		n := copy(b, p.held)
		p.held = p.held[n:]
		return n, nil
	}
	return p.r.Read(b)
}

type prefixedPlace struct {
	held []byte
	at   place
}

func (p *prefixed) mark() place { return prefixedPlace{p.held, p.r.mark()} }

func (p *prefixed) rewind(to place) {
	at := to.(prefixedPlace)
	p.held = at.held
	p.r.rewind(at.at)
}

func bytesTape(b []byte) tape { return &section{src: memory(b), end: int64(len(b))} }

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
