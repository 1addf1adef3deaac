package inspect

import "math/bits"

// textFacts is all that the profile of a table asks of a cell's text. It hangs on nothing else.
type textFacts struct {
	cell

	hash   uint64
	passed checkSet
}

// factsOf looks at the text of one cell.
func factsOf(text string) textFacts {
	f := textFacts{cell: cellOf(text)}
	if f.kind != cellEmpty {
		f.hash, f.passed = hashOf(text), examine(text)
	}
	return f
}

// known keeps the facts of short texts, as tables have most of theirs again and again: each in
// the one place that it can have. It is no state.
type known [1 << knownBits]struct {
	textFacts

	length      int
	first, last uint64
}

const knownBits = 12

// of is factsOf.
func (k *known) of(text string) textFacts {
	n := len(text)
	if n > 16 {
		return factsOf(text)
	}
	var first, last uint64 // with the length, they are the text
	switch {
	case n >= 8:
		first, last = eight(text), eight(text[n-8:])
	case n >= 4:
		first = uint64(four(text))<<32 | uint64(four(text[n-4:]))
	case n > 0:
		first = uint64(text[0])<<16 | uint64(text[n/2])<<8 | uint64(text[n-1])
	}
	place := &k[(first^bits.RotateLeft64(last, 23)^uint64(n))*0x9e3779b97f4a7c15>>(64-knownBits)]
	if place.first != first || place.last != last || place.length != n {
		place.textFacts, place.first, place.last, place.length = factsOf(text), first, last, n
	}
	return place.textFacts
}

func eight(s string) uint64 { return uint64(four(s)) | uint64(four(s[4:]))<<32 }

func four(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
