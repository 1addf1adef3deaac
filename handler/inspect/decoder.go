package inspect

import (
	"encoding/json"
	"fmt"
	"math"
)

// decoder is a decompressed stream that another process can go on with.
type decoder interface {
	tape
	// consumed is how many bytes of the stream around went into what was given.
	consumed() int64
	// end says, once nothing more is read, what there is to say of the stream.
	end(in *input)
	// windows is how much memory the decoder keeps from what is inside.
	windows() int64
	// keep returns the state for openDecoder. The stream around is then where the
	// decoder has to find it.
	keep() (json.RawMessage, error)
}

func (f *inflater) end(in *input)  { in.trailingAfter(f.behind) }
func (b *bunzipper) end(in *input) { in.trailingAfter(b.s.Trailing) }

func (u *unwrapper) end(in *input) {
	in.trailingAfter(u.s.Trailing)
	if u.s.Remark {
		in.note("hidden.comment")
	}
}

// trailingAfter notes that something else follows the stream.
func (in *input) trailingAfter(something bool) {
	if something {
		in.note("hidden.trailing")
	}
}

func (*inflater) windows() int64  { return 0 } // less than a megabyte
func (*unwrapper) windows() int64 { return 0 }
func (*bunzipper) windows() int64 { return 0 } // less than four

func (f *inflater) keep() (json.RawMessage, error)  { return kept(f.state()) }
func (u *unwrapper) keep() (json.RawMessage, error) { return kept(u.state()) }
func (b *bunzipper) keep() (json.RawMessage, error) { return kept(b.state()) }

// kept is a state as JSON.
func kept(state any) (json.RawMessage, error) {
	text, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("inspect: keep the state: %w", err)
	}
	return text, nil
}

// decoders open streams by the method of their compression.
var decoders = map[string]func(in *input, r tape, state json.RawMessage) (decoder, error){
	"deflate": func(_ *input, r tape, state json.RawMessage) (decoder, error) {
		s, err := stateOf[inflateState](state)
		if err != nil {
			return nil, err
		}
		return newInflater(r, s)
	},
	"deflate64": func(_ *input, r tape, state json.RawMessage) (decoder, error) {
		s, err := stateOf[inflateState](state)
		if err != nil {
			return nil, err
		}
		s.Far = true
		return newInflater(r, s)
	},
	"gzip": func(_ *input, r tape, state json.RawMessage) (decoder, error) { return openWrapped(r, state, false) },
	"zlib": func(_ *input, r tape, state json.RawMessage) (decoder, error) { return openWrapped(r, state, true) },
	"bzip2": func(_ *input, r tape, state json.RawMessage) (decoder, error) {
		s, err := stateOf[bunzipState](state)
		return newBunzipper(r, s), err
	},
	"zstd": replayedBy(newZstdReader, math.MaxInt64),
	"xz":   replayedBy(newXZReader, xzBytes),
	"stored": func(_ *input, r tape, state json.RawMessage) (decoder, error) {
		s, err := stateOf[int64](state)
		return &stored{r, s}, err
	},
}

func openWrapped(r tape, state json.RawMessage, zlib bool) (decoder, error) {
	s, err := stateOf[wrapState](state)
	if err != nil {
		return nil, err
	}
	return newUnwrapper(r, s, zlib)
}

// openDecoder begins a stream, or goes on with it from a state that keep returned.
func openDecoder(in *input, method string, r tape, state json.RawMessage) (decoder, error) {
	return decoders[method](in, r, state)
}

// stateOf reads a state, the first one where there is none.
func stateOf[S any](state json.RawMessage) (S, error) {
	var s S
	if len(state) > 0 && json.Unmarshal(state, &s) != nil {
		return s, ErrState
	}
	return s, nil
}

// stored is a stream that is not compressed.
type stored struct {
	r    tape
	read int64
}

func (s *stored) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.read += int64(n)
	return n, err
}

type storedPlace struct {
	read int64
	at   place
}

func (s *stored) mark() place { return storedPlace{s.read, s.r.mark()} }

func (s *stored) rewind(to place) {
	p := to.(storedPlace)
	s.read = p.read
	s.r.rewind(p.at)
}

func (s *stored) consumed() int64                { return s.read }
func (s *stored) end(*input)                     {}
func (s *stored) windows() int64                 { return 0 }
func (s *stored) keep() (json.RawMessage, error) { return kept(s.read) }
