package inspect

import "strings"

// row is one row of a table.
type row struct {
	cells          []string
	line           int64 // from 1
	offset, length int64
}

// cell is the place of a cell, by its index.
func (r *row) cell(i int) Place {
	return Place{Line: r.line, Column: int64(i) + 1, Offset: r.offset, Length: r.length}
}

// splitRow takes one row off a text: its cells, which are parts of it and are appended to
// into, and how many bytes it has with its end. Quoted cells may hold line ends. n is 0 where more bytes are
// needed, unless last; a row longer than limit is cut there, so that a quote that never
// ends costs nothing.
func splitRow(into []string, text string, delimiter byte, last bool, limit int) (cells []string, n int) {
	window := text[:min(len(text), limit)]
	if n := strings.IndexByte(window, '\n') + 1; n > 0 && strings.IndexByte(window[:n], '"') < 0 {
		return plainRow(into, strings.TrimSuffix(window[:n-1], "\r"), delimiter), n
	}
	cells = into
	i := 0
	for {
		cell, used, end := splitCell(window[i:], delimiter)
		i += used
		switch {
		case end == endOfCell:
			cells = append(cells, cell)
		case end == endOfRow:
			return append(cells, cell), i
		case len(window) < limit && !last: // more bytes may follow
			return into, 0
		default:
			return append(cells, cell), len(window)
		}
		if len(cells) >= maxCells { // the rest of the line is of no interest
			if j := strings.IndexByte(window[i:], '\n'); j >= 0 {
				return cells, i + j + 1
			}
			if len(window) < limit && !last {
				return into, 0
			}
			return cells, len(window)
		}
	}
}

// plainRow is splitRow for a row without quotes.
func plainRow(cells []string, line string, delimiter byte) []string {
	from := 0
	for i := range len(line) { // cells are short: a call for each costs more
		if line[i] != delimiter {
			continue
		}
		if cells = append(cells, line[from:i]); len(cells) == maxCells {
			return cells
		}
		from = i + 1
	}
	return append(cells, line[from:])
}

// maxCells bounds the cells of one row.
const maxCells = 2000

const (
	endOfBytes = iota
	endOfCell
	endOfRow
)

// splitCell takes one cell off b with its delimiter (RFC 4180, and stray quotes as
// programs write them).
func splitCell(b string, delimiter byte) (text string, used, end int) {
	i := 0
	for i < len(b) && b[i] == ' ' {
		i++
	}
	if i < len(b) && b[i] == '"' {
		if text, used, end, ok := splitQuoted(b, i+1, delimiter); ok {
			return text, used, end
		}
	}
	for i = 0; i < len(b); i++ {
		switch b[i] {
		case delimiter:
			return b[:i], i + 1, endOfCell
		case '\n':
			return strings.TrimSuffix(b[:i], "\r"), i + 1, endOfRow
		}
	}
	return b, len(b), endOfBytes
}

// splitQuoted takes a cell in quotes; ok is false where the quote is a stray one.
func splitQuoted(b string, from int, delimiter byte) (text string, used, end int, ok bool) {
	var out []byte
	for i := from; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		if i+1 < len(b) && b[i+1] == '"' {
			out = append(out, b[from:i+1]...)
			i++
			from = i + 1
			continue
		}
		rest := i + 1
		for rest < len(b) && (b[rest] == ' ' || b[rest] == '\r') {
			rest++
		}
		if text = b[from:i]; out != nil {
			text = string(append(out, text...))
		}
		switch {
		case rest == len(b):
			return text, len(b), endOfBytes, true
		case b[rest] == delimiter:
			return text, rest + 1, endOfCell, true
		case b[rest] == '\n':
			return text, rest + 1, endOfRow, true
		}
		return "", 0, 0, false
	}
	return b[from:], len(b), endOfBytes, true
}

// sniff says which byte delimits the cells of a text, 0 for none: the one that
// cuts most of the first lines into the same number of cells.
func sniff(head []byte, candidates string) byte {
	lines := strings.Split(string(head), "\n")
	if len(lines) > 1 {
		lines = lines[:len(lines)-1] // the last may be cut
	}
	lines = lines[:min(len(lines), 50)]
	best, bestScore := byte(0), 0.0
	for i := range len(candidates) {
		d := candidates[i]
		alike := map[int]int{}
		filled := 0
		for _, line := range lines {
			if strings.TrimSpace(line) == "" {
				continue
			}
			filled++
			if cells, _ := splitRow(nil, line, d, true, pieceBytes); len(cells) > 1 {
				alike[len(cells)]++
			}
		}
		for cells, n := range alike {
			score := float64(n) / float64(filled) * (1 + float64(min(cells, 20))/100)
			if score > bestScore && (n >= 2 || filled == 1) {
				best, bestScore = d, score
			}
		}
	}
	if bestScore < 0.5 {
		return 0
	}
	return best
}
