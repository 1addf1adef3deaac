package hostile

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// quineZip is a zip whose only member is the zip itself, with its sizes and its sum as they are.
func quineZip() string {
	build := func(size, packed int, sum uint32) (head, tail, body string) {
		head, directory := zipMember("quine.zip", 8, packed, size, sum, 0)
		tail = directory + zipEnd(1, len(directory), len(head)+packed, "")
		return head, tail, quine(head, tail)
	}
	head, tail, body := build(0, 0, 0)
	size := len(head) + len(body) + len(tail)
	return ownSum(func(sum uint32) string {
		head, tail, body := build(size, len(body), sum)
		return head + body + tail
	})
}

// ownSum is the text that a function makes of the text's CRC-32. Each bit of a sum that is put into a text changes the same
// bits of the text's sum, whatever the others are, so that the right one is the solution of 32 equations of bits.
func ownSum(build func(sum uint32) string) string {
	zero := crc32.ChecksumIEEE([]byte(build(0)))
	var pivots, combined [32]uint32 // by the highest bit: what a choice of bits changes, and the choice
	reduce := func(changes uint32) (rest, choice uint32) {
		for i := 31; i >= 0; i-- {
			if changes>>i&1 == 1 && pivots[i] != 0 {
				changes, choice = changes^pivots[i], choice^combined[i]
			}
		}
		return changes, choice
	}
	for bit := range 32 {
		changes := crc32.ChecksumIEEE([]byte(build(1<<bit))) ^ zero ^ 1<<bit
		if rest, choice := reduce(changes); rest != 0 {
			top := bits.Len32(rest) - 1
			pivots[top], combined[top] = rest, choice^1<<bit
		}
	}
	_, sum := reduce(zero)
	return build(sum)
}

// quine is a deflate stream that gives a head, itself, and a tail. It is a sequence of the two orders "the next bytes are
// given as they are" and "the last bytes are given again", whose codes have the same length, so that they can speak of each
// other by numbers. Each line gives what begins with the next order that was not given yet.
func quine(head, tail string) string {
	again := func(n int) string { return repeated(n, false) }
	l1, l4, r4, l0 := literal(codeBytes), literal(4*codeBytes), again(4*codeBytes), literal(0)
	lh, rh := literal(len(head)+codeBytes), again(len(head)+codeBytes)
	lt, rt := literal(len(tail)+codeBytes), repeated(len(tail)+codeBytes, true)
	return lh + head + lh + rh +
		l1 + rh +
		l1 + l1 +
		l4 + rh + l1 + l1 + l4 + r4 +
		l4 + r4 + l4 + r4 + l4 + r4 +
		l4 + r4 + l0 + l0 + lt + r4 +
		l0 + l0 + lt + rt + tail + rt
}

// codeBytes is the length of an order's code.
const codeBytes = 10

// stored is the head of an empty stored block (RFC 1951, 3.2.4), behind which the stream goes on with a whole byte.
const stored = "\x00\x00\x00\xff\xff"

// literal is the order to give the next n bytes as they are.
func literal(n int) string {
	b := binary.LittleEndian.AppendUint16([]byte(stored+"\x00"), uint16(n))
	return string(binary.LittleEndian.AppendUint16(b, ^uint16(n)))
}

// repeated is the order to give the last n bytes again, which are between 32 and 258: a block with the fixed code (RFC 1951,
// 3.2.5 and 3.2.6) of one match, an empty one, and an empty stored block. Padding makes them codeBytes long.
func repeated(n int, final bool) string {
	var b uint64
	at := 0
	put := func(v, width int) { b, at = b|uint64(v)<<at, at+width }
	code := func(v, width int) { // codes begin with their highest bit
		put(int(bits.Reverse32(uint32(v))>>(32-width)), width)
	}
	put(0b010, 3)
	more := bits.Len(uint(n-3)) - 3
	if symbol := 257 + 4*(more+1) + (n-3)>>more&3; symbol < 280 {
		code(symbol-256, 7)
	} else {
		code(0xc0+symbol-280, 8)
	}
	put((n-3)&(1<<more-1), more)
	more = bits.Len(uint(n-1)) - 2
	code(2*(more+1)+(n-1)>>more&1, 5)
	put((n-1)&(1<<more-1), more)
	put(0, 7)
	put(0b010, 10)
	if final {
		put(1, 3)
	}
	return string(binary.LittleEndian.AppendUint64(nil, b)[:codeBytes-4]) + stored[1:]
}
