package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// report prints what was found: one line per finding, and a last line that says
// how it went.
type report struct {
	out     io.Writer
	checked int
	bad     int
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

// missing says how many things are not there.
func missing(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is missing"
	}
	return fmt.Sprintf("%d %ss are missing", n, what)
}
