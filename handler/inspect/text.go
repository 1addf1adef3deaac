package inspect

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// asText returns the beginning of a file as UTF-8, and false when it is no text.
// It takes UTF-8 with or without a mark, and UTF-16 with a mark. A character that
// is cut at the end is left out; other bytes above 0x7f that are no UTF-8 are
// taken for Latin-1, as many tables are.
func asText(head []byte) (string, bool) {
	if order := utf16Order(head); order != nil {
		units := make([]uint16, 0, len(head)/2)
		for i := 2; i+1 < len(head); i += 2 {
			units = append(units, order.Uint16(head[i:]))
		}
		text := string(utf16.Decode(units))
		return text, !bytes.Contains([]byte(text), []byte{0})
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	odd := 0
	for _, b := range head {
		switch {
		case b == 0:
			return "", false
		case b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1b:
			odd++
		}
	}
	if odd*100 > len(head) {
		return "", false
	}
	if utf8.Valid(head) || utf8.Valid(cutRune(head)) {
		return string(head), true
	}
	// Latin-1 and its kin: mostly ASCII.
	high := 0
	for _, b := range head {
		if b >= 0x80 {
			high++
		}
	}
	return string(head), high*4 <= len(head)
}

// utf16Order is the byte order that a mark gives, nil without one.
func utf16Order(head []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return binary.BigEndian
	}
	return nil
}

// cutRune leaves out a character that is not whole at the end.
func cutRune(b []byte) []byte {
	for cut := 1; cut <= 3 && cut <= len(b); cut++ {
		if utf8.RuneStart(b[len(b)-cut]) {
			if !utf8.FullRune(b[len(b)-cut:]) {
				return b[:len(b)-cut]
			}
			return b
		}
	}
	return b
}
