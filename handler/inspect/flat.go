package inspect

import "encoding/binary"

// flat is a FlatBuffer in memory (FlatBuffers, Internals). What lies outside of it, or is not
// there, reads as nothing.
type flat []byte

// flatTable is a table of a FlatBuffer: its place, 0 for none.
type flatTable struct {
	b  flat
	at int64
}

func (b flat) u16(at int64) int64 {
	if at < 0 || at+2 > int64(len(b)) {
		return 0
	}
	return int64(binary.LittleEndian.Uint16(b[at:]))
}

func (b flat) i32(at int64) int64 {
	if at < 0 || at+4 > int64(len(b)) {
		return 0
	}
	return int64(int32(binary.LittleEndian.Uint32(b[at:]))) //nolint:gosec // as the format has it
}

func (b flat) i64(at int64) int64 {
	if at < 0 || at+8 > int64(len(b)) {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(b[at:])) //nolint:gosec // as the format has it
}

// root is the table that the buffer begins with.
func (b flat) root() flatTable { return flatTable{b, b.i32(0)} }

// field is the place of a field's value, 0 where the table does not have it.
func (t flatTable) field(i int64) int64 {
	if t.at <= 0 {
		return 0
	}
	fields := t.at - t.b.i32(t.at)
	if 4+2*i+2 > t.b.u16(fields) {
		return 0
	}
	offset := t.b.u16(fields + 4 + 2*i)
	if offset == 0 {
		return 0
	}
	return t.at + offset
}

// follow is what a field that is an offset leads to, 0 for none.
func (t flatTable) follow(i int64) int64 {
	at := t.field(i)
	if at == 0 {
		return 0
	}
	to := t.b.i32(at)
	if to <= 0 || at+to > int64(len(t.b))-4 {
		return 0
	}
	return at + to
}

// table is a field that is a table.
func (t flatTable) table(i int64) flatTable { return flatTable{t.b, t.follow(i)} }

// text is a field that is a text, its first bytes at most, and its length.
func (t flatTable) text(i int64, most int) (string, int64) {
	at := t.follow(i)
	if at == 0 {
		return "", 0
	}
	n := t.b.i32(at)
	if n <= 0 || at+4+n > int64(len(t.b)) {
		return "", 0
	}
	return string(t.b[at+4 : at+4+min(n, int64(most))]), n
}

// vector is a field that is a vector: where its elements of a size begin, and their number.
func (t flatTable) vector(i, size int64) (at, n int64) {
	if at = t.follow(i); at == 0 {
		return 0, 0
	}
	n = t.b.i32(at)
	at += 4
	if n < 0 || n > (int64(len(t.b))-at)/size {
		return 0, 0
	}
	return at, n
}

// tables calls to for each table of a field that is a vector of them.
func (t flatTable) tables(i int64, to func(flatTable)) {
	at, n := t.vector(i, 4)
	for k := range n {
		place := at + 4*k
		to(flatTable{t.b, place + t.b.i32(place)})
	}
}
