package azuretre

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
)

// maxLine bounds one document. Cosmos DB itself allows 2 MB.
const maxLine = 4 << 20

// ErrTooLong is about one line of an export; the next one can be read.
var ErrTooLong = errors.New("it is too long for a request")

// Line is one line of an export, or why there is none.
type Line struct {
	Number int // from 1
	Text   []byte
	Err    error // ErrTooLong, or the last line's: the export cannot be read on
}

// Lines yields the lines of an export but the blank ones.
func Lines(r io.Reader) iter.Seq[Line] {
	in := bufio.NewReaderSize(r, 64<<10)
	return func(yield func(Line) bool) {
		for number := 1; ; number++ {
			text, err := readLine(in)
			if number == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			line := Line{Number: number, Text: bytes.TrimSpace(text)}
			switch {
			case err != nil && !errors.Is(err, io.EOF):
				line.Text, line.Err = nil, err
			case len(text) > maxLine:
				line.Text, line.Err = nil, ErrTooLong
			}
			if (line.Err != nil || len(line.Text) > 0) && !yield(line) || err != nil {
				return
			}
		}
	}
}

// readLine reads up to the next line feed. Of a line that is too long it keeps a part that
// is too long as well.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line) <= maxLine {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
