package inspect_test

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// sparse is a large file of zeros and a few pieces.
type sparse struct {
	size, read int64
	pieces     map[int64]string // by their offsets
}

func (s *sparse) Size() int64 { return s.size }

func (s *sparse) ReadAt(b []byte, offset int64) (int, error) {
	n := max(0, min(int64(len(b)), s.size-offset))
	s.read += n
	clear(b[:n])
	for at, piece := range s.pieces {
		if at < offset+n && at+int64(len(piece)) > offset {
			copy(b[max(0, at-offset):n], piece[max(0, offset-at):])
		}
	}
	if n < int64(len(b)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// end puts the end of the file behind what it has.
func (s *sparse) end(text string) {
	s.pieces[s.size] = text
	s.size += int64(len(text))
}

const block = 4 << 20

// A large table is no reason to read it whole in one step, or to say nothing of it.
func TestLargeTablesAreToldInAStepThatEnds(t *testing.T) {
	le := binary.LittleEndian
	// Batches of 4 MiB with 7 rows each (FlatBuffers: a message, whose field 2 is a batch, whose field 0 are its rows).
	const batches = 160
	head := "\xff\xff\xff\xff\x28\x00\x00\x00" + "\x0e\x00\x00\x00" + "\x0a\x00\x08\x00\x00\x00\x00\x00\x04\x00" + "\x0a\x00\x00\x00\x0a\x00\x00\x00" +
		"\x06\x00\x0c\x00\x04\x00" + "\x06\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00"
	arrow := &sparse{size: 8 + batches*block, pieces: map[int64]string{0: "ARROW1\x00\x00"}}
	footer := le.AppendUint32([]byte("\x10\x00\x00\x00"+"\x0c\x00\x08\x00\x00\x00\x00\x00\x00\x00\x04\x00"+"\x0c\x00\x00\x00\x04\x00\x00\x00"), batches)
	for k := range int64(batches) {
		arrow.pieces[8+k*block] = head
		footer = le.AppendUint64(footer, uint64(8+k*block))
		footer = le.AppendUint64(footer, uint64(len(head)))
		footer = le.AppendUint64(footer, uint64(block-len(head)))
	}
	arrow.end(string(le.AppendUint32(footer, uint32(len(footer)))) + "ARROW1")

	// One group of columns of a byte each, and 4 MiB of padding before each.
	columns := binary.AppendUvarint([]byte("\x49\x1c\x19\xfc"), batches)
	for k := range int64(batches) {
		columns = append(binary.AppendVarint(append(columns, "\x3c\x76"...), 1), 0x26)
		columns = append(binary.AppendVarint(columns, (k+1)*block), 0, 0)
	}
	padded := &sparse{size: batches*block + 1, pieces: map[int64]string{0: "PAR1"}}
	padded.end(string(parquetOf(string(columns) + "\x00"))[4:])

	wide := &sparse{pieces: map[int64]string{}}
	wide.end(string(parquetOf("\x68" + string(binary.AppendUvarint(nil, 17<<20)) + strings.Repeat("x", 17<<20)))) // who wrote it

	for name, c := range map[string]struct {
		src   *sparse
		facts string
	}{
		"a.arrow":        {arrow, "rows: 896, row groups: 160"}, // of 128 batches
		"padded.parquet": {padded, "row groups: 1"},
		"wide.parquet":   {wide, ""},
	} {
		f := inspect.NewFile(name, c.src.Size(), inspect.DefaultLimits())
		done, err := f.Step(inspect.Cached(c.src), func() bool { return true })
		require.NoError(t, err, name)
		require.True(t, done, name)
		require.Equal(t, []string{"hidden.dataset", "uncheckable.size"}, rulesOf(f.Report()), name)
		require.Equal(t, c.facts, factsOf(f.Report(), "hidden.dataset"), name)
		require.Less(t, c.src.read, int64(136*block), name)
	}
}
