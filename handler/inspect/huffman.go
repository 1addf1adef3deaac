package inspect

import (
	"errors"
	"math/bits"
)

// errStream means that a compressed stream breaks the rules of its format.
var errStream = errors.New("inspect: a compressed stream is damaged")

const (
	longestCode = 15 // bits of a code of deflate
	quickBits   = 10 // bits that one look into the table resolves
)

// huffman decodes the codes of deflate (RFC 1951, 3.2.2), whose bits come the first one
// lowest. Codes longer than quickBits are found by their place among those of one length.
type huffman struct {
	// quick has, for the next bits, the symbol << 4 and the length of its code; 0 for a longer one.
	quick  [1 << quickBits]uint16
	counts [longestCode + 1]uint16 // codes by length
	order  [288]uint16             // symbols by code
}

// init takes the length of each symbol's code, 0 for symbols without one. It returns
// errStream for lengths that are no code: all codes are taken, or there is one, or none.
func (h *huffman) init(lengths []byte) error {
	h.counts = [longestCode + 1]uint16{}
	for _, n := range lengths {
		h.counts[n]++
	}
	h.counts[0] = 0
	var next, first [longestCode + 2]uint16 // places in order, and codes
	left, used := 1, 0
	for n := 1; n <= longestCode; n++ {
		left = left<<1 - int(h.counts[n])
		if left < 0 {
			return errStream
		}
		used += int(h.counts[n])
		next[n+1] = next[n] + h.counts[n]
		first[n+1] = (first[n] + h.counts[n]) << 1
	}
	if left > 0 && used > 0 && (used != 1 || h.counts[1] != 1) {
		return errStream
	}
	clear(h.quick[:])
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		h.order[next[n]] = uint16(symbol)
		next[n]++
		code := first[n]
		first[n]++
		if n > quickBits {
			continue
		}
		entry := uint16(symbol)<<4 | uint16(n)
		for i := int(bits.Reverse16(code) >> (16 - n)); i < len(h.quick); i += 1 << n {
			h.quick[i] = entry
		}
	}
	return nil
}

// slow finds the symbol of a code that the table does not resolve; n is 0 where no code
// begins with these bits.
func (h *huffman) slow(bits uint64) (symbol, n int) {
	code, first, index := 0, 0, 0
	for n := 1; n <= longestCode; n++ {
		code = code<<1 | int(bits&1)
		bits >>= 1
		count := int(h.counts[n])
		if code-first < count {
			return int(h.order[index+code-first]), n
		}
		index, first = index+count, (first+count)<<1
	}
	return 0, 0
}
