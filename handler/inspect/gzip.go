package inspect

import (
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"path"
)

func init() {
	for _, kind := range []string{"gzip", "bzip2", "zlib", "zstd", "xz"} {
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
	inside := *in
	switch c.Kind {
	case "zstd":
		z, err := newZstdReader(in, r)
		if err != nil {
			return in.broken(err)
		}
		plain, inside.windows = z, in.windows-z.windows
	case "xz":
		x, err := newXZReader(in, r)
		if err != nil {
			return in.broken(err)
		}
		plain, inside.windows = x, in.windows-x.windows
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
	return inside.member(unpackedName(path.Base(in.name)), 0, &budgeted{r: plain, in: in, compressed: read})
}

// unpackedName is the name that a compressed file gets when it is unpacked.
func unpackedName(name string) string {
	switch ext := Extension(name); ext {
	case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst":
		return name[:len(name)-len(ext)] + ".tar"
	case ".gz", ".bz2", ".xz", ".zst":
		return name[:len(name)-len(ext)]
	}
	return name
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
