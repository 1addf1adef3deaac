package inspect

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// wide turns UTF-16 into UTF-8 for a feeder. Offsets that the feeder is told count
// bytes of UTF-8. It is state.
type wide struct {
	Big bool `json:"big"`
	// Given is how many bytes of UTF-8 the feeder is done with.
	Given int64 `json:"given"`
}

// decode returns text as UTF-8, and how many bytes of b each of its characters took. The half of a
// character at the end is left out, unless last.
func (w *wide) decode(b []byte, last bool) (text, widths []byte) {
	var order binary.ByteOrder = binary.LittleEndian
	if w.Big {
		order = binary.BigEndian
	}
	text = make([]byte, 0, len(b)*3/2)
	units := len(b) / 2
	if units > 0 && !last && utf16.IsSurrogate(rune(order.Uint16(b[2*units-2:]))) {
		units-- // its other half follows
	}
	widths = make([]byte, 0, units)
	for i := 0; i < units; i++ {
		r, took := rune(order.Uint16(b[2*i:])), byte(2)
		if utf16.IsSurrogate(r) && i+1 < units {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(b[2*i+2:]))); pair != utf8.RuneError {
				r, took = pair, 4
				i++
			}
		}
		text = utf8.AppendRune(text, r)
		widths = append(widths, took)
	}
	return text, widths
}

// feed gives on what b holds and returns how many bytes of b are done with.
func (w *wide) feed(b []byte, last bool, to func(text []byte, last bool) int) int {
	text, widths := w.decode(b, last)
	done := to(text, last)
	w.Given += int64(done)
	if last {
		return len(b)
	}
	used := 0
	for i := 0; done > 0; i++ {
		_, n := utf8.DecodeRune(text)
		text, done, used = text[n:], done-n, used+int(widths[i])
	}
	return used
}
