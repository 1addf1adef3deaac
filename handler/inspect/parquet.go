package inspect

import "encoding/binary"

func init() { scanners["parquet"] = func() scanner { return &parquetScanner{} } }

// parquetScanner reads the footer of a Parquet file (apache/parquet-format, parquet.thrift). The
// footer tells how large the table is, names its columns, and holds some of its values. The file
// is its unit of work; pages are not read.
type parquetScanner struct{}

const parquetMagic = "PAR1"

// Bounds of a footer.
const (
	parquetFooter  = 16 << 20 // bytes, which are read in one step
	parquetColumns = 10_000   // that are counted, and whose names are looked at
	parquetExtents = 200_000  // pieces of the file whose owner is known
	parquetName    = 200      // bytes of a name
)

// parquetFile is what a footer tells.
type parquetFile struct {
	rows, groupRows int64
	groups          int64
	heads           []headerClass // of the columns, in the order of the leaves
	leaves          int64
	statistics      []int64 // by column, chunks that tell their smallest or largest value
	encrypted       bool
	metadata        tableMetadata
	extents         []extent
	unowned         bool // too many pieces to tell what belongs to none
}

func (*parquetScanner) step(in *input) (bool, error) {
	size := in.src.Size()
	tail := make([]byte, 8)
	if err := readAt(in.src, tail, size-8); err != nil {
		in.note("hidden.dataset")
		return false, err
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	switch {
	case string(tail[4:]) == "PARE": // the footer itself is encrypted
		in.note("hidden.dataset")
		in.note("uncheckable.encrypted")
		return true, nil
	case string(tail[4:]) != parquetMagic || length > size-12:
		in.note("hidden.dataset")
		in.note("uncheckable.corrupt")
		return true, nil
	case length > parquetFooter:
		in.note("hidden.dataset")
		in.note("uncheckable.size")
		return true, nil
	}
	footer := size - 8 - length
	f := parquetFile{extents: []extent{{0, 4}, {footer, size}}}
	t := newThrift(&section{src: in.src, offset: footer, end: size - 8}, length)
	f.read(t)
	if t.err != nil && !isShort(t.err) {
		err := in.broken(t.err)
		return err == nil, err
	}
	f.tell(in)
	if t.err != nil {
		in.note("uncheckable.corrupt")
		return true, nil
	}
	if f.unowned {
		return true, nil
	}
	return true, in.gaps(f.extents)
}

// read reads the footer.
func (f *parquetFile) read(t *thrift) {
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 2 && kind == thriftList:
			t.structs(func(i int) { f.element(t, i) })
		case id == 3 && kind == thriftI64:
			f.rows = t.signed()
		case id == 4 && kind == thriftList:
			t.structs(func(int) { f.group(t) })
		case id == 5 && kind == thriftList:
			t.structs(func(int) { f.keyValue(t) })
		case id == 8:
			f.encrypted = true
			t.value(kind)
		default:
			t.value(kind)
		}
	})
}

// element reads one element of the schema: leaves are the columns.
func (f *parquetFile) element(t *thrift, i int) {
	name, children := "", int64(0)
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 4 && kind == thriftBinary:
			name, _ = t.text(parquetName)
		case id == 5 && kind == thriftI32:
			children = t.signed()
		default:
			t.value(kind)
		}
	})
	if i == 0 || children > 0 {
		return
	}
	f.leaves++
	if len(f.heads) < parquetColumns {
		f.heads = append(f.heads, classOf(name))
		f.statistics = append(f.statistics, 0)
	}
}

// group reads a group of rows.
func (f *parquetFile) group(t *thrift) {
	f.groups++
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1 && kind == thriftList:
			t.structs(func(i int) { f.chunk(t, i) })
		case id == 3 && kind == thriftI64:
			f.groupRows += max(0, t.signed())
		default:
			t.value(kind)
		}
	})
}

// chunk reads where a column's part of a group lies.
func (f *parquetFile) chunk(t *thrift, column int) {
	var elsewhere bool
	var at [8]int64 // offsets and lengths of indexes by their ids
	data, dictionary, size := int64(0), int64(0), int64(0)
	bloom, bloomSize := int64(0), int64(0)
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1 && kind == thriftBinary:
			_, n := t.text(0)
			elsewhere = n > 0
		case id == 3 && kind == thriftStruct:
			t.fields(func(id int64, kind byte) {
				number := func(to *int64) { *to = t.signed() }
				switch {
				case id == 7 && kind == thriftI64:
					number(&size)
				case id == 9 && kind == thriftI64:
					number(&data)
				case id == 11 && kind == thriftI64:
					number(&dictionary)
				case id == 14 && kind == thriftI64:
					number(&bloom)
				case id == 15 && kind == thriftI32:
					number(&bloomSize)
				case id == 12 && kind == thriftStruct:
					f.values(t, column)
				default:
					t.value(kind)
				}
			})
		case id >= 4 && id <= 7 && (kind == thriftI64 || kind == thriftI32):
			at[id] = t.signed()
		case id == 8 || id == 9:
			f.encrypted = true
			t.value(kind)
		default:
			t.value(kind)
		}
	})
	if elsewhere {
		return
	}
	if dictionary > 0 && dictionary < data {
		data = dictionary
	}
	f.own(data, size)
	f.own(at[4], at[5])
	f.own(at[6], at[7])
	if bloom > 0 && bloomSize <= 0 { // older writers do not tell how long a filter is
		f.unowned = true
	}
	f.own(bloom, bloomSize)
}

// own remembers a piece of the file.
func (f *parquetFile) own(from, size int64) {
	switch {
	case from <= 0 || size <= 0 || from > 1<<62 || size > 1<<62:
	case len(f.extents) >= parquetExtents:
		f.unowned = true
	default:
		f.extents = append(f.extents, extent{from, from + size})
	}
}

// values reads the statistics of a column: its smallest and largest value are cells of the table.
func (f *parquetFile) values(t *thrift, column int) {
	found := false
	t.fields(func(id int64, kind byte) {
		if kind == thriftBinary && (id == 1 || id == 2 || id == 5 || id == 6) {
			_, n := t.text(0)
			found = found || n > 0
			return
		}
		t.value(kind)
	})
	if found && column < len(f.statistics) {
		f.statistics[column]++
	}
}

// keyValue reads a text of metadata.
func (f *parquetFile) keyValue(t *thrift) {
	key, length := "", int64(0)
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1 && kind == thriftBinary:
			key, _ = t.text(parquetName)
		case id == 2 && kind == thriftBinary:
			_, length = t.text(0)
		default:
			t.value(kind)
		}
	})
	f.metadata.add(key, length)
}

// tell says what the footer holds.
func (f *parquetFile) tell(in *input) {
	facts := Facts{"rows": max(f.rows, f.groupRows, 0), "columns": f.leaves, "row groups": f.groups}
	for column, n := range f.statistics {
		if n > 0 {
			facts["column statistics"] += n
			in.found.note(Finding{Rule: "sdc.min_max", Count: n}, in.at(Place{Column: int64(column) + 1}))
		}
	}
	if f.encrypted {
		in.note("uncheckable.encrypted")
	}
	f.metadata.tell(in, facts)
	in.dataset(facts, f.heads)
}
