package inspect

import "path"

func init() {
	for _, kind := range []string{"gzip", "bzip2", "zlib", "zstd", "xz"} {
		scanners[kind] = func() scanner { return &compressed{Kind: kind} }
	}
}

// compressed is a file that is one compressed stream, or several one behind the other.
type compressed struct {
	Kind   string `json:"kind"`
	Offset int64  `json:"offset,omitempty"` // of the Source, where the stream goes on
	Packed packed `json:"packed"`
}

func (c *compressed) step(in *input) (bool, error) {
	raw := &section{src: in.src, offset: c.Offset, end: in.src.Size()}
	done, err := c.walk(in, raw)
	c.Offset = raw.offset
	return done, err
}

// walk looks into the stream.
func (c *compressed) walk(in *input, r tape) (bool, error) {
	return c.Packed.walk(in, in.inside(unpackedName(path.Base(in.name)), 0), c.Kind, r, nil)
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
