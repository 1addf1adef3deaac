package inspect

import "encoding/binary"

func init() { scanners["arrow"] = func() scanner { return &arrowScanner{} } }

// arrowScanner reads the footer of an Arrow file (apache/arrow, Format.rst, File.fbs), which
// Feather files are since their second version, and of the first version's (feather.fbs). The file
// is its unit of work; columns are not read.
type arrowScanner struct{}

// Bounds of a footer.
const (
	arrowFooter  = 8 << 20 // bytes
	arrowBatches = 128     // whose rows are counted: each costs a block of the file, and all are read in one step
)

// arrowFile is what a footer tells.
type arrowFile struct {
	facts    Facts
	heads    []headerClass
	metadata tableMetadata
	extents  []extent
}

func (*arrowScanner) step(in *input) (bool, error) {
	size := in.src.Size()
	tail := make([]byte, 10)
	if err := readAt(in.src, tail, size-10); err != nil {
		in.note("hidden.dataset")
		return false, err
	}
	old := string(tail[6:]) == "FEA1"
	length, end := int64(binary.LittleEndian.Uint32(tail)), size-10
	if old {
		length, end = int64(binary.LittleEndian.Uint32(tail[2:])), size-8
	}
	switch {
	case !old && string(tail[4:]) != "ARROW1", length > end-4:
		in.note("hidden.dataset")
		in.note("uncheckable.corrupt")
		return true, nil
	case length > arrowFooter:
		in.note("hidden.dataset")
		in.note("uncheckable.size")
		return true, nil
	}
	footer := make(flat, length)
	if err := readAt(in.src, footer, end-length); err != nil {
		return false, err
	}
	f := arrowFile{facts: Facts{}, extents: []extent{{0, 8}, {end - length, size}}}
	whole := true
	if old {
		f.old(footer.root())
	} else if err := f.schema(in, footer.root()); isShort(err) {
		whole = false
	} else if err != nil {
		return false, err
	}
	f.metadata.tell(in, f.facts)
	in.dataset(f.facts, f.heads)
	if !whole {
		in.note("uncheckable.corrupt")
	}
	if old || !whole {
		return true, nil
	}
	return true, in.gaps(f.extents)
}

// old reads the footer of Feather's first version.
func (f *arrowFile) old(t flatTable) {
	f.facts["rows"] = max(0, t.b.i64(t.field(1)))
	t.tables(2, f.column)
	if text, n := t.text(4, 1); text != "" {
		f.metadata.add("pandas", n)
	}
}

// column takes a column, whose first field is its name in both formats.
func (f *arrowFile) column(t flatTable) {
	f.facts["columns"]++
	if name, _ := t.text(0, parquetName); len(f.heads) < parquetColumns {
		f.heads = append(f.heads, classOf(name))
	}
}

// schema reads the footer, and how many rows the first batches have: where there are more, the
// table has at least that many rows, and the rest is told to be unread.
func (f *arrowFile) schema(in *input, t flatTable) error {
	schema := t.table(1)
	schema.tables(1, f.column)
	keyValue := func(kv flatTable) {
		key, _ := kv.text(0, parquetName)
		_, n := kv.text(1, 1)
		f.metadata.add(key, n)
	}
	schema.tables(2, keyValue)
	t.tables(4, keyValue)
	if _, size, err := arrowMessage(in.src, 8); err == nil { // the schema comes again at the beginning
		f.extents = append(f.extents, extent{8, 8 + size})
	} else if !isShort(err) {
		return err
	}
	last := int64(0)
	for _, field := range []int64{2, 3} {
		at, n := t.vector(field, 24)
		if field == 3 && n > arrowBatches {
			in.note("uncheckable.size")
		}
		for k := range n {
			offset, head, body := t.b.i64(at+24*k), t.b.i32(at+24*k+8), t.b.i64(at+24*k+16)
			if offset < 8 || head < 0 || body < 0 || offset > in.src.Size()-head || body > in.src.Size()-offset-head {
				return errShort
			}
			f.extents = append(f.extents, extent{offset, offset + head + body})
			last = max(last, offset+head+body)
			if field == 2 {
				continue
			}
			f.facts["row groups"]++
			if k >= arrowBatches {
				continue
			}
			message, _, err := arrowMessage(in.src, offset)
			if err != nil {
				return err
			}
			batch := message.root().table(2)
			f.facts.add("rows", max(0, batch.b.i64(batch.field(0))))
		}
	}
	return f.end(in, last)
}

// end takes the mark behind the last batch for a part of the file.
func (f *arrowFile) end(in *input, at int64) error {
	for _, e := range f.extents[:min(len(f.extents), 3)] {
		if e.from == 8 {
			at = max(at, e.to)
		}
	}
	b := make([]byte, 8)
	err := readAt(in.src, b, at)
	if err == nil && string(b) == "\xff\xff\xff\xff\x00\x00\x00\x00" {
		f.extents = append(f.extents, extent{at, at + 8})
	}
	if isShort(err) {
		return nil
	}
	return err
}

// arrowMessage reads the head of a message, its beginning at most, and tells how long it is.
func arrowMessage(src Source, offset int64) (head flat, size int64, err error) {
	b := make([]byte, 8)
	if err := readAt(src, b, offset); err != nil {
		return nil, 0, err
	}
	n := int64(binary.LittleEndian.Uint32(b))
	begin := int64(4)
	if n == 0xffffffff { // older files do not have this mark
		n, begin = int64(binary.LittleEndian.Uint32(b[4:])), 8
	}
	if n > src.Size()-offset {
		return nil, 0, errShort
	}
	head = make(flat, min(n, chunkBytes))
	return head, begin + n, readAt(src, head, offset+begin)
}
