package inspect

import "slices"

// Cached returns a Source that reads another one in blocks of up to 4 MiB and
// keeps the last four of them, so that scanners may read here and there.
func Cached(src Source) Source { return &cached{src: src} }

const (
	blockBytes = 4 << 20
	blocksKept = 4
)

type cached struct {
	src    Source
	blocks []block // the one used last at the end
}

type block struct {
	offset int64
	bytes  []byte
}

func (c *cached) Size() int64 { return c.src.Size() }

func (c *cached) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	for n < len(b) {
		held, err := c.block((offset + int64(n)) / blockBytes * blockBytes)
		if err != nil {
			return n, err
		}
		n += copy(b[n:], held.bytes[offset+int64(n)-held.offset:])
	}
	return n, nil
}

// block returns the block that begins at an offset.
func (c *cached) block(offset int64) (block, error) {
	if i := slices.IndexFunc(c.blocks, func(b block) bool { return b.offset == offset }); i >= 0 {
		b := c.blocks[i]
		c.blocks = append(slices.Delete(c.blocks, i, i+1), b)
		return b, nil
	}
	size := min(blockBytes, c.src.Size()-offset)
	if size <= 0 {
		return block{}, errShort
	}
	var memory []byte
	if len(c.blocks) == blocksKept {
		memory, c.blocks = c.blocks[0].bytes[:0], slices.Delete(c.blocks, 0, 1)
	}
	b := block{offset, slices.Grow(memory, int(size))[:size]}
	if err := readAt(c.src, b.bytes, offset); err != nil {
		return block{}, err
	}
	c.blocks = append(c.blocks, b)
	return b, nil
}
