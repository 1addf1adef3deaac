package inspect

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

// opener makes the reader of a format whose library keeps no state. What the reader has to say of
// the stream, it notes in its input.
type opener func(in *input, r io.Reader) (windowed, error)

// windowed is a reader that says how much memory its windows take.
type windowed interface {
	io.Reader
	windowsKept() int64
}

// replayedBy opens the streams of a format, of which up to so many bytes are read.
func replayedBy(open opener, most int64) func(in *input, r tape, state json.RawMessage) (decoder, error) {
	return func(in *input, r tape, state json.RawMessage) (decoder, error) {
		short := *in
		short.limits.Member = min(in.limits.Member, most)
		d, err := openReplayed(&short, r, state, open)
		if err != nil {
			return nil, err
		}
		return d, nil
	}
}

// longest is how many bytes of the stream are read.
func (d *replayed) longest() int64 { return d.in.limits.Member }

// replayed is a stream of such a format. Another process reads it from its beginning on,
// past what was given, so that it is worth the while of short streams alone: see limits.Member.
type replayed struct {
	in    *input // with findings of its own, which count once the stream is read
	r     tape
	open  opener
	begin place
	raw   *counted
	plain io.Reader
	asked int64 // bytes of raw at the last Read that gave none, or where the stream was taken up
	given int64
	kept  int64
}

func openReplayed(in *input, r tape, state json.RawMessage, open opener) (*replayed, error) {
	given, err := stateOf[int64](state)
	if err != nil {
		return nil, err
	}
	d := &replayed{r: r, open: open, begin: r.mark()}
	quiet := *in
	d.in = &quiet
	if err := d.replay(given); err != nil {
		d.end(in)
		return nil, err
	}
	return d, nil
}

// replay reads the stream from its beginning, up to a place.
func (d *replayed) replay(given int64) (err error) {
	d.in.found = &collector{}
	d.raw, d.plain, d.given = &counted{r: d.r}, nil, given
	plain, err := d.open(d.in, d.raw)
	if err != nil {
		return err
	}
	d.kept = plain.windowsKept()
	d.plain = bufio.NewReaderSize(plain, giveBytes) // the reader is asked for the same pieces, whatever Read is asked for
	if _, err = io.CopyN(io.Discard, d.plain, given); errors.Is(err, io.EOF) {
		err = ErrState
	}
	d.asked = d.raw.n
	return err
}

// Read gives none after each stallBytes of the stream around, so that the time is asked for. All
// others return bytes or an error, the first above all: where that gave none, the stream would be
// left at the same place again and again. It ends, as framed.Read does.
func (d *replayed) Read(p []byte) (n int, err error) {
	if d.raw.n-d.asked > stallBytes {
		d.asked = d.raw.n
		return 0, nil
	}
	p = p[:min(len(p), giveBytes)]
	for n == 0 && err == nil && len(p) > 0 {
		n, err = d.plain.Read(p)
	}
	d.given += int64(n)
	return n, err
}

func (d *replayed) mark() place { return d.given }

func (d *replayed) rewind(to place) {
	d.r.rewind(d.begin)
	if err := d.replay(to.(int64)); err != nil {
		d.plain = failing{err}
	}
}

// failing is a reader that has an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (d *replayed) consumed() int64 { return d.raw.n }
func (d *replayed) windows() int64  { return d.kept }

func (d *replayed) end(in *input) {
	for _, f := range d.in.found.Findings {
		for _, at := range f.Places {
			in.found.note(Finding{Rule: f.Rule}, at)
		}
	}
}

func (d *replayed) keep() (json.RawMessage, error) {
	d.r.rewind(d.begin)
	return kept(d.given)
}
