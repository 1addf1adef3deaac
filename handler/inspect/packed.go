package inspect

import (
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
)

// Why a stream ends before its end.
var (
	errBomb   = errors.New("inspect: a compressed stream gives too much for its size")
	errBudget = errors.New("inspect: the compressed streams of a file give more than is looked at")
)

// checkBytes is how many bytes of a stream lie between two looks at its limits, so that it
// ends at the same byte however it is read.
const checkBytes = 32 << 10

// A stream may take idleRatio bytes for each that it gives, and idleBytes besides. Streams without
// any, one behind the other, would have no end: not all that reads them can stop on the way.
const (
	idleBytes = 16 << 20
	idleRatio = 4
)

// budgeted is a decompressed stream under the limits. compressed tells how many
// bytes have gone into it so far.
type budgeted struct {
	r          io.Reader
	in         *input
	compressed func() int64
	given      int64
	sum        uint32 // CRC-32 of what was given
	ended      bool
}

func (b *budgeted) Read(p []byte) (int, error) {
	look := b.given/checkBytes + 1
	n, err := b.r.Read(p[:min(int64(len(p)), checkBytes-b.given%checkBytes)])
	b.given += int64(n)
	b.sum = crc32.Update(b.sum, crc32.IEEETable, p[:n])
	b.ended = err == io.EOF
	b.in.spent.Inflated += int64(n)
	if err == io.ErrUnexpectedEOF { //nolint:errorlint // decoders return it bare
		err = errShort
	}
	const free = 1 << 20 // small files compress well
	switch {
	case b.compressed() > idleBytes+idleRatio*look*checkBytes:
		return n, errBudget
	case b.given%checkBytes > 0:
	case b.given > free && b.given/b.in.limits.Ratio > max(b.compressed(), 1):
		return n, errBomb
	case b.in.spent.Inflated > b.in.limits.Inflated:
		return n, errBudget
	}
	return n, err
}

type budgetedPlace struct {
	given int64
	sum   uint32
	at    place
}

func (b *budgeted) mark() place { return budgetedPlace{b.given, b.sum, b.r.(tape).mark()} }

// rewind takes the stream back. What is read once more is paid for once.
func (b *budgeted) rewind(to place) {
	p := to.(budgetedPlace)
	b.in.spent.Inflated -= b.given - p.given
	b.given, b.sum, b.ended = p.given, p.sum, false
	b.r.(tape).rewind(p.at)
}

// claimed is how many bytes an entry of an archive has, and their CRC-32, as the archive's directory says.
type claimed struct {
	size int64
	sum  uint32
}

// compare notes a stream that was read to its end and is not the one that is claimed.
func (b *budgeted) compare(in *input, to claimed) {
	if b.given > to.size || b.ended && b.given < to.size || b.given == to.size && b.sum != to.sum {
		in.note("uncheckable.corrupt")
	}
}

// packed is the walk through what a compressed stream holds. It is state.
type packed struct {
	Given   int64           `json:"given"`         // bytes of the stream so far
	Sum     uint32          `json:"sum,omitempty"` // their CRC-32
	Stream  json.RawMessage `json:"stream,omitempty"`
	Content member          `json:"content"`
}

// walk goes on with what a stream holds, until its end or until in.late; inner is about
// the content, and in about the stream. A fault of the stream is a finding. The error is the Source's, or ErrState.
// Where there is a claim, a stream that is another one is a finding too.
func (p *packed) walk(in, inner *input, method string, r tape, claim *claimed) (done bool, err error) {
	return p.unpack(in, inner, method, r, claim, p.Content.walk)
}

// settling is a feeder that is no state at first.
type settling interface{ settled() bool }

// feed is walk for content that is fed on to somebody. Where that is settling, it is left once it is settled.
func (p *packed) feed(in *input, method string, r tape, claim *claimed, to feeder) (done bool, err error) {
	inner := *in
	inner.depth++ // offsets are not those of the file
	inner.late = func() bool {
		s, ok := to.(settling)
		return (!ok || s.settled()) && in.late()
	}
	return p.unpack(in, &inner, method, r, claim, func(inner *input, stream tape) (bool, error) {
		return p.Content.feed(inner, to, stream)
	})
}

// unpack opens the stream for somebody who goes on with what it holds, and keeps where it was left.
func (p *packed) unpack(in, inner *input, method string, r tape, claim *claimed, goOn func(*input, tape) (bool, error)) (done bool, err error) {
	d, err := openDecoder(in, method, r, p.Stream)
	if err != nil {
		return true, in.broken(err)
	}
	if f, ok := d.(*inflater); ok {
		defer f.release()
	}
	inner.windows -= d.windows()
	if short, ok := d.(*replayed); ok {
		inner.limits.Bytes = min(inner.limits.Bytes, short.longest())
	}
	stream := &budgeted{r: d, in: inner, compressed: d.consumed, given: p.Given, sum: p.Sum}
	if done, err = goOn(inner, stream); err != nil || done {
		if done {
			d.end(in)
			if claim != nil {
				stream.compare(in, *claim)
			}
		}
		return done, err
	}
	p.Given, p.Sum = stream.given, stream.sum
	p.Stream, err = d.keep()
	return false, err
}
