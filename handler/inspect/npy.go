package inspect

import (
	"bytes"
	"encoding/binary"
)

func init() {
	scanners["npy"] = func() scanner { return &sequential[*npyFeed]{To: &npyFeed{}} }
}

// npyFeed looks at an array of NumPy's (NEP 1): one of objects is a pickle behind the header.
type npyFeed struct {
	Begun bool `json:"begun,omitempty"`
	// Pickle is nil for an array of numbers.
	Pickle *pickleFeed `json:"pickle,omitempty"`
}

func (n *npyFeed) feed(in *input, b []byte, at int64, last bool) int {
	used := 0
	if !n.Begun {
		size := npyHeader(b)
		if (size == 0 || size > len(b)) && !last && len(b) < pieceBytes {
			return 0
		}
		n.Begun = true
		in.note("hidden.dataset")
		if size == 0 || size > len(b) {
			return len(b)
		}
		if bytes.Contains(b[:size], []byte("|O")) || bytes.Contains(b[:size], []byte("'O")) {
			n.Pickle = &pickleFeed{}
		}
		used = size
	}
	if n.Pickle == nil {
		return len(b)
	}
	return used + n.Pickle.feed(in, b[used:], at+int64(used), last)
}

// npyHeader is the length of an array's header with all before it, 0 where more bytes are needed.
func npyHeader(b []byte) int {
	switch {
	case len(b) < 12:
		return 0
	case b[6] == 1:
		return 10 + int(binary.LittleEndian.Uint16(b[8:]))
	}
	return int(min(12+int64(binary.LittleEndian.Uint32(b[8:])), pieceBytes+1))
}
