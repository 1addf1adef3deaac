package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// report prints what was found: one line per finding, and a last line that says
// how it went.
type report struct {
	out     io.Writer
	checked int
	bad     int
	// revoked is set when the release was withdrawn.
	revoked bool
	// untrusted is set when the keys came along with the evidence.
	untrusted bool
}

// ok says that something was checked and is right.
func (r *report) ok(format string, args ...any) {
	r.checked++
	r.print("OK    ", format, args...)
}

// wrong says what is not right.
func (r *report) wrong(format string, args ...any) {
	r.bad++
	r.print("WRONG ", format, args...)
}

// note says what was not checked, or what a reader should know.
func (r *report) note(format string, args ...any) { r.print("note  ", format, args...) }

// revoke says that the release was withdrawn.
func (r *report) revoke(at time.Time, by, reason string) {
	r.revoked = true
	r.print("REVOKED ", "%s by %s: %s", at.UTC().Format(time.RFC3339), by, reason)
}

// print makes one line of it: names and texts in evidence come from outside and
// must not write lines of their own, or colours.
func (r *report) print(mark, format string, args ...any) {
	text := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == 0x2028 || c == 0x2029 {
			return '�'
		}
		return c
	}, fmt.Sprintf(format, args...))
	fmt.Fprintln(r.out, mark+text)
}

// end prints the last line and returns the exit code.
func (r *report) end() int {
	switch {
	case r.bad > 0:
		fmt.Fprintf(r.out, "NOT VERIFIED: %s.\n", count(r.bad, "problem"))
		return wrong
	case r.checked == 0:
		fmt.Fprintln(r.out, "NOT VERIFIED: there was nothing to check.")
		return wrong
	case r.untrusted:
		fmt.Fprintln(r.out, "NOT VERIFIED: all agrees with the keys that came along, and anybody could have made both. Get the keys from the TRE itself (GET /api/receipt-keys) and give them with --keys.")
		return wrong
	case r.revoked:
		fmt.Fprintln(r.out, "REVOKED: the evidence is genuine, and the release was withdrawn. The files must not be used any more.")
		return wrong
	}
	fmt.Fprintln(r.out, "VERIFIED.")
	return allRight
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
