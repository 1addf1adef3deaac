package inspect

import (
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"path"
	"strings"
)

func init() {
	for _, kind := range []string{"gzip", "bzip2", "zlib"} {
		scanners[kind] = func() scanner { return &compressed{Kind: kind} }
	}
}

// compressed is a file that is one compressed stream; the stream is its unit of work.
type compressed struct {
	Kind string `json:"kind"`
}

func (c *compressed) step(in *input) (bool, error) {
	raw := &section{src: in.src, end: in.src.Size()}
	err := c.stream(in, raw, func() int64 { return raw.read })
	return err == nil, err
}

// stream looks into the stream. read tells how many bytes went into it.
func (c *compressed) stream(in *input, r io.Reader, read func() int64) error {
	plain := bzip2.NewReader(r)
	switch c.Kind {
	case "zlib":
		z, err := zlib.NewReader(r)
		if err != nil {
			return in.broken(err)
		}
		plain = z
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return in.broken(err)
		}
		plain = &members{z: z, in: in}
	}
	name := path.Base(in.name)
	if inner, ok := strings.CutSuffix(strings.ToLower(name), ".tgz"); ok {
		name = inner + ".tar"
	} else if ext := Extension(name); ext == ".gz" || ext == ".bz2" {
		name = name[:len(name)-len(ext)]
	}
	return in.member(name, 0, &budgeted{r: plain, in: in, compressed: read})
}

// members reads the members of a gzip file one behind the other. Anything else that
// follows is bytes behind the end, and no damage.
type members struct {
	z     *gzip.Reader
	in    *input
	begun bool
}

func (m *members) Read(b []byte) (int, error) {
	n, err := m.z.Read(b)
	m.begun = m.begun || n > 0
	if errors.Is(err, gzip.ErrHeader) {
		m.in.note("hidden.trailing")
		err = io.EOF
	}
	return n, err
}
