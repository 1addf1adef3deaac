package hostile

import "io"

// endless is a file that begins with a text and goes on with another one, over and
// over, to its size.
type endless struct {
	head, again string
	size        int64
}

func (e endless) Size() int64 { return e.size }

func (e endless) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	if offset < int64(len(e.head)) {
		n = copy(b, e.head[offset:])
	}
	// One period, and then what is there already.
	from, period := n, len(e.again)
	for i := 0; i < period && n < len(b); i++ {
		b[n] = e.again[(offset+int64(n)-int64(len(e.head)))%int64(period)]
		n++
	}
	for n < len(b) {
		n += copy(b[n:], b[from:n])
	}
	if left := max(0, e.size-offset); int64(len(b)) > left {
		return int(left), io.EOF
	}
	return n, nil
}

// behind is a file with something behind its end.
type behind struct {
	endless
	tail string
}

func (b behind) Size() int64 { return b.endless.Size() + int64(len(b.tail)) }

func (b behind) ReadAt(p []byte, offset int64) (int, error) {
	n := 0
	if left := b.endless.Size() - offset; left > 0 {
		m := min(int64(len(p)), left)
		if _, err := b.endless.ReadAt(p[:m], offset); err != nil {
			return 0, err
		}
		n = int(m)
	}
	if n < len(p) {
		n += copy(p[n:], b.tail[offset+int64(n)-b.endless.Size():])
	}
	return n, nil
}
