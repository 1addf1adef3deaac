package inspect

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// cellKind is the kind of a table's cell by its own text.
type cellKind byte

const (
	cellEmpty      cellKind = iota
	cellSuppressed          // a mark that stands for a number that is not told
	cellLabel
	cellInt     // a whole number from 0 on
	cellReal    // any other number
	cellPercent // a number with a percent sign
	cellCounted // a count with its percentage: "12 (3.4%)"
)

// suppressed are marks that stand for a number that is not told, in lower case.
// Sources: OpenSAFELY, ACRO, Eurostat's flags, and what statistical offices print.
var suppressed = map[string]bool{
	"[redacted]": true, "redacted": true, "*": true, "**": true, "***": true, ":c": true, ": c": true, ":": true, "..": true, "...": true,
	"c": true, "x": true, "[c]": true, "[x]": true, "suppressed": true, "[suppressed]": true, "s": true, "#": true, "(c)": true, "‡": true, "†": true,
}

// missing are words for no value, in lower case.
var missing = map[string]bool{"": true, "na": true, "nan": true, "n/a": true, "null": true, "none": true, "-": true, "–": true, "—": true, ".": true, "<na>": true}

// markFits has the first bytes of the words above, and their lengths.
var markFits = func() (out [256][longestMark + 1]bool) {
	for _, words := range []map[string]bool{suppressed, missing} {
		for w := range words {
			if w != "" {
				out[w[0]][len(w)], out[strings.ToUpper(w)[0]][len(w)] = true, true
			}
		}
	}
	return out
}()

const longestMark = len("[suppressed]")

// cell is one cell as the rules see it. value is that of numbers.
type cell struct {
	kind  cellKind
	value float64
}

// cellOf looks at the text of one cell.
func cellOf(text string) cell {
	if n := len(text); n > 0 && (text[0] <= ' ' || text[0] >= utf8.RuneSelf || text[n-1] <= ' ' || text[n-1] >= utf8.RuneSelf) {
		text = strings.TrimSpace(text)
	}
	if len(text) > 40 {
		return cell{kind: cellLabel}
	}
	if v, ok := numberOf(text); ok {
		if v >= 0 && v == math.Trunc(v) && v < 1e15 {
			return cell{cellInt, v}
		}
		return cell{cellReal, v}
	}
	if len(text) <= longestMark && (text == "" || markFits[text[0]][len(text)]) {
		switch lower := strings.ToLower(text); {
		case missing[lower]:
			return cell{kind: cellEmpty}
		case suppressed[lower]:
			return cell{kind: cellSuppressed}
		}
	}
	if c := text[0]; c == '<' || c == '>' || c == '=' || strings.HasPrefix(text, "≤") || strings.HasPrefix(text, "≥") {
		if _, ok := numberOf(strings.TrimLeft(text, "<>=≤≥ ")); ok {
			return cell{kind: cellSuppressed}
		}
	}
	if rest, ok := strings.CutSuffix(text, "%"); ok {
		if v, ok := numberOf(strings.TrimSpace(rest)); ok {
			return cell{cellPercent, v}
		}
	}
	if v, ok := countedOf(text); ok {
		return cell{cellCounted, v}
	}
	return cell{kind: cellLabel}
}

// countedOf takes the count out of "12 (3.4%)", "12 (3.4)", "12/350 (3.4%)" and "3.4% (12)".
func countedOf(text string) (float64, bool) {
	if text[len(text)-1] != ')' {
		return 0, false
	}
	count, rest, ok := strings.Cut(text, "(")
	inside, ok2 := strings.CutSuffix(rest, ")")
	if !ok || !ok2 {
		return 0, false
	}
	count, inside = strings.TrimSpace(count), strings.TrimSpace(inside)
	if strings.HasSuffix(count, "%") {
		count, inside = inside, count
		if strings.Contains(count, "/") {
			return 0, false // a share of lines of a program, as reports of tests have it
		}
	}
	count, of, some := strings.Cut(count, "/")
	if _, isCount := numberOf(strings.TrimSpace(of)); some && !isCount {
		return 0, false
	}
	inside, percent := strings.CutSuffix(inside, "%")
	v, isCount := numberOf(strings.TrimSpace(count))
	share, isShare := numberOf(strings.TrimLeft(strings.TrimSpace(inside), "<≤ "))
	// Without a sign, "3.1 (0.2)" is a mean with its deviation.
	return v, isCount && isShare && v == math.Trunc(v) && v >= 0 && share >= 0 && share <= 100 && (percent || strings.Contains(inside, ".") && !strings.Contains(count, "."))
}

// numberOf reads a number as tables write it: thousands may be set apart by commas,
// spaces or apostrophes, or a comma is the
// decimal mark. "1,234" is taken for the former.
func numberOf(text string) (float64, bool) {
	if text == "" || len(text) > 40 {
		return 0, false
	}
	switch c := text[0]; {
	case digit(c), c == '-', c == '+', c == '.':
	default:
		return 0, false
	}
	if text[0] == '-' {
		if v, ok := plainOf(text[1:]); ok {
			return -v, true
		}
	} else if v, ok := plainOf(text); ok {
		return v, true
	}
	if plain := ungrouped(text); plain != "" {
		return plainOf(plain)
	}
	if comma := strings.IndexByte(text, ','); comma >= 0 {
		switch {
		case groupedByCommas(text):
			return numberOf(strings.ReplaceAll(text, ",", ""))
		case strings.IndexByte(text[comma+1:], ',') < 0 && strings.IndexByte(text, '.') < 0: // as in most of Europe
			return numberOf(text[:comma] + "." + text[comma+1:])
		}
		return 0, false
	}
	points := 0
	for i := range len(text) {
		switch c := text[i]; {
		case digit(c), c == 'e', c == 'E':
		case c == '.' && points == 0:
			points++
		case (c == '-' || c == '+') && (i == 0 || text[i-1]|' ' == 'e'):
		default:
			return 0, false // ParseFloat takes hexadecimal numbers, underscores and infinities, too
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// ungrouped takes spaces and apostrophes out of a whole number whose groups of three they set apart, as the SI and
// Switzerland write it; "" for a text that is none. A group that begins with a nought begins a telephone number.
func ungrouped(text string) string {
	if !digit(text[0]) || text[0] == '0' {
		return ""
	}
	first := 1
	for first < len(text) && digit(text[first]) {
		first++
	}
	rest := text[first:]
	if first > 3 || len(rest) < 4 || rest[0] > '\'' && rest[0] < utf8.RuneSelf {
		return "" // as of dates, and of most others
	}
	mark := ""
	for _, m := range []string{" ", "\u00a0", "\u202f", "\u2009", "'", "’"} {
		if strings.HasPrefix(rest, m) {
			mark = m
		}
	}
	if mark == "" || len(rest)%(len(mark)+3) != 0 {
		return ""
	}
	out := []byte(text[:first])
	for len(rest) > 0 {
		group, ok := strings.CutPrefix(rest, mark)
		if !ok || !digit(group[0]) || !digit(group[1]) || !digit(group[2]) {
			return ""
		}
		out, rest = append(out, group[:3]...), group[3:]
	}
	return string(out)
}

// plainOf reads a number of up to 18 digits, or of up to 15 with a point between them, which
// most are. Both parts of the division are exact, so its result is the nearest number.
func plainOf(text string) (float64, bool) {
	if text == "" || len(text) > 18 || !digit(text[0]) || !digit(text[len(text)-1]) {
		return 0, false
	}
	n, point := int64(0), -1
	for i := range len(text) {
		if d := text[i] - '0'; d <= 9 {
			n = n*10 + int64(d)
		} else if text[i] == '.' && point < 0 {
			point = i
		} else {
			return 0, false
		}
	}
	switch {
	case point < 0:
		return float64(n), true
	case len(text) > 16:
		return 0, false
	}
	return float64(n) / powersOfTen[len(text)-1-point], true
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// groupedByCommas reports whether the commas in a number stand before groups of three.
func groupedByCommas(text string) bool {
	whole, _, _ := strings.Cut(strings.TrimLeft(text, "+-"), ".")
	first, rest, more := strings.Cut(whole, ",")
	if len(first) == 0 || len(first) > 3 {
		return false
	}
	for more {
		if first, rest, more = strings.Cut(rest, ","); len(first) != 3 {
			return false
		}
	}
	return true
}

// numeric reports whether a cell is a number of any kind.
func (c cell) numeric() bool { return c.kind >= cellInt }

// yearLike reports whether a number could be a year.
func (c cell) yearLike() bool { return c.kind == cellInt && c.value >= 1850 && c.value <= 2100 }
