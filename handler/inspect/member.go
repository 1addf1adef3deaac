package inspect

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
)

// member is the walk through one member of an archive, or what one compressed stream
// holds. It is state.
type member struct {
	Kind  string          `json:"kind,omitempty"`  // "" before its beginning was read
	Inner string          `json:"inner,omitempty"` // of a member that is held in memory: what it is, by all of it
	At    int64           `json:"at,omitempty"`    // bytes that are done with
	Held  []byte          `json:"held,omitempty"`  // that were read behind them
	Scan  json.RawMessage `json:"scan,omitempty"`  // the scanner's, or the feeder's, state
}

// inside is the input of a scanner for a member.
func (in *input) inside(name string, ordinal int) *input {
	inner := *in
	inner.name, inner.depth, inner.ties = name, in.depth+1, nil
	inner.within.Members = append(append([]int{}, in.within.Members...), ordinal)
	return &inner
}

// walk goes on with the member, given as a stream, until its end or until in.late. A fault
// of the stream is a finding. The error is the Source's, or ErrState.
func (m *member) walk(in *input, r tape) (done bool, err error) {
	if m.Kind == "" {
		if in.depth > in.limits.Depth {
			in.note("archive.depth")
			return true, nil
		}
		whole, err := m.head(in, r)
		if err != nil {
			return true, in.broken(err)
		}
		if !whole {
			return false, nil
		}
		m.Kind = identify(m.Held, in.name)
		if done, err := m.begin(in); done || err != nil {
			return done, err
		}
	}
	whole := &prefixed{held: m.Held, r: r}
	scan := scannerOf(m.Kind)
	switch scan := scan.(type) {
	case walker:
		if done, err = m.resume(scan, in, func() (bool, error) { return scan.walk(in, whole) }); !done && err == nil {
			m.Held = append([]byte{}, whole.held...)
		}
		return done, err
	case streamed:
		return m.feed(in, scan.feeder(), r)
	case *opaque:
		return m.feed(in, &skipped{}, r)
	}
	return m.nested(in, whole)
}

// head reads the beginning of the member, and reports whether that is done: streams may go on for
// long without a byte.
func (m *member) head(in *input, r io.Reader) (whole bool, err error) {
	head := m.Held
	for len(head) < headBytes && err == nil {
		if len(head) == cap(head) {
			head = slices.Grow(head, max(len(head), leastHead))
		}
		var n int
		n, err = r.Read(head[len(head):min(cap(head), headBytes)])
		if head = head[:len(head)+n]; n == 0 && err == nil && in.late() {
			m.Held = head
			return false, nil
		}
	}
	m.Held = head
	if len(head) == headBytes || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // the next byte tells
		return true, nil
	}
	return true, err
}

// leastHead is how much of a member is read at first: most archives have many small ones.
const leastHead = 512

// begin says what there is to say of a member before it is looked into.
func (m *member) begin(in *input) (done bool, err error) {
	scan := scannerOf(m.Kind)
	_, walks := scan.(walker)
	_, streams := scan.(streamed)
	unknown, opaque := scan.(*opaque)
	if walks || streams || opaque {
		in.byName(in.name, m.Kind)
	}
	if opaque {
		_, err = unknown.step(in)
	}
	return false, err
}

// resume lets a scanner go on from its state, and keeps that.
func (m *member) resume(scan any, in *input, step func() (bool, error)) (done bool, err error) {
	if len(m.Scan) > 0 && json.Unmarshal(m.Scan, scan) != nil {
		return false, ErrState
	}
	if done, err = step(); err != nil {
		return true, in.broken(err)
	}
	if !done {
		m.Scan, err = kept(scan)
	}
	return done, err
}

// walker is a scanner that walks an archive that is a stream.
type walker interface {
	// walk goes on until the end or until in.late, and leaves the stream where it goes on.
	walk(in *input, r tape) (done bool, err error)
}

// streamed is a scanner that a stream can be fed to as well.
type streamed interface{ feeder() feeder }

func (s *sequential[F]) feeder() feeder { return s.To }

// skipped reads a stream to its end, since a bomb shows only then.
type skipped struct{}

func (*skipped) feed(_ *input, b []byte, _ int64, _ bool) int { return len(b) }

// partBytes bounds what is read without a stop on the way.
const partBytes = 64 << 20

// stream feeds a stream on to its end, or up to partBytes.
func (in *input) stream(to feeder, r io.Reader) error {
	inner := *in
	inner.late = func() bool { return false }
	inner.limits.Bytes = partBytes
	_, err := (&member{}).feed(&inner, to, r)
	return err
}

// feed feeds the member on, up to the limit of one file.
func (m *member) feed(in *input, to feeder, r io.Reader) (done bool, err error) {
	if len(m.Scan) > 0 && json.Unmarshal(m.Scan, to) != nil || len(m.Held) > chunkBytes {
		return false, ErrState
	}
	pooled := buffers.Get().(*[chunkBytes]byte)
	defer buffers.Put(pooled)
	buffer := pooled[:]
	held, size := copy(buffer, m.Held), min(in.chunk, chunkBytes)
	for {
		for held < size && err == nil {
			before := held
			var n int
			n, err = r.Read(buffer[held:size])
			held += n
			if held == before && err == nil && in.late() {
				return false, m.keep(to, buffer[:held])
			}
		}
		cut := m.At+int64(held) > in.limits.Bytes
		if cut {
			held = int(in.limits.Bytes - m.At)
		}
		used := to.feed(in, buffer[:held], m.At, err != nil || cut)
		switch {
		case cut:
			in.note("uncheckable.size")
			return true, nil
		case err != nil:
			return true, in.broken(err)
		case used == 0 && held == chunkBytes:
			panic("inspect: a feeder does not get on")
		case used == 0:
			size = min(2*max(size, held), chunkBytes)
			continue
		}
		m.At += int64(used)
		held = copy(buffer, buffer[used:held])
		if in.late() {
			return false, m.keep(to, buffer[:held])
		}
	}
}

// buffers are for feed: an archive may have thousands of small members.
var buffers = sync.Pool{New: func() any { return new([chunkBytes]byte) }}

func (m *member) keep(to feeder, held []byte) (err error) {
	m.Held = append([]byte{}, held...)
	m.Scan, err = kept(to)
	return err
}

// nested takes a member into memory that has to be read here and there. Where it has to
// be left, the stream is taken back to its beginning: it is read once more then. The time is not
// asked for while it is read, since to stop there were to begin again: budgeted bounds what goes into it.
func (m *member) nested(in *input, r tape) (done bool, err error) {
	begin := r.mark()
	b, err := io.ReadAll(io.LimitReader(r, in.limits.Nested+1))
	switch {
	case err != nil:
		return true, in.broken(err)
	case int64(len(b)) > in.limits.Nested:
		in.note("uncheckable.nested")
		return true, nil
	}
	inner := *in
	inner.limits.Nested -= int64(len(b)) // what is inside shares the memory
	inner.src = memory(b)
	if m.Inner == "" {
		if m.Inner, err = inner.kind(); err != nil {
			return true, in.broken(err)
		}
		in.byName(in.name, m.Inner)
	}
	scan := scannerOf(m.Inner)
	if done, err = m.resume(scan, in, func() (bool, error) { return scan.step(&inner) }); !done && err == nil {
		r.rewind(begin)
	}
	return done, err
}
