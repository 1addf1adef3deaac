package tablestore

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxChunk is the longest piece of a text in one property, in UTF-16 units. The
// service allows 64 KiB, that is 32,768 units.
const maxChunk = 32000

// units is the length of a text as the service counts it.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// chunks cuts a text into pieces of at most maxChunk units, never through a
// character.
func chunks(text string) []string {
	var out []string
	start, n := 0, 0
	for i, r := range text {
		length := utf16.RuneLen(r)
		if n+length > maxChunk {
			out = append(out, text[start:i])
			start, n = i, 0
		}
		n += length
	}
	return append(out, text[start:])
}

// chunkName is the name of the property that holds piece i: Document,
// Document1, Document2, …
func chunkName(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + strconv.Itoa(i)
}

// survives reports whether a text comes back from the service as it was sent.
func survives(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}
