package inspect

import (
	"regexp"
	"slices"
	"strings"
)

// banded are words that are measurements by themselves, and name groups of people with
// a band behind them: "age 18-24", "BMI 30+".
var banded = map[string]bool{"age": true, "ages": true, "bmi": true, "year": true, "years": true, "yr": true, "income": true}

// band is a range at the end of a header, or one that is open at one end.
var band = regexp.MustCompile(`(?i)(\d\s*(-|–|to)\s*\d+|\d\s*\+|([<>≤≥]=?|under|over)\s*\d+)\)?\s*(y|yr|yrs|years)?\s*$`)

// inBand reports whether a header with a word of measurement names a group of people.
func inBand(text string, words []string) bool {
	if !band.MatchString(text) {
		return false
	}
	return !slices.ContainsFunc(words, func(w string) bool { return lexicon[w].is(headVeto) && !banded[w] })
}

// pairs are categories of one letter that come together. By themselves, or beside
// others, they are statistics or counts: n, t, f.
var pairs = [][]string{{"n", "y"}, {"f", "m"}, {"f", "t"}, {"j", "n"}}

// beside are categories that may stand beside a pair: what is not known, and all of them.
var beside = map[string]bool{"": true, "na": true, "nan": true, "n/a": true, "<na>": true, "none": true, "null": true, "u": true, "x": true, "unknown": true, "missing": true, "other": true, "all": true, "total": true, "sum": true}

// paired reports whether texts are the two letters of a pair, and what may stand beside them.
// Under a header of several lines they come again.
func paired(texts []string) bool {
	var letters []string
	for _, text := range texts {
		if text = strings.ToLower(strings.TrimSpace(text)); !beside[text] {
			letters = append(letters, text)
		}
	}
	slices.Sort(letters)
	letters = slices.Compact(letters)
	return slices.ContainsFunc(pairs, func(p []string) bool { return slices.Equal(p, letters) })
}

// oneLetter reports whether several texts are of one letter each.
func oneLetter(texts []string) bool {
	return len(texts) > 1 && !slices.ContainsFunc(texts, func(text string) bool { return len(strings.TrimSpace(text)) != 1 })
}

// oneKind reports whether columns of numbers are all of whole ones, or none is: "n" beside
// means of "y" is a number of people.
func oneKind(rows []row, from, to int) bool {
	fractions := 0
	for c := from; c < to; c++ {
		if slices.ContainsFunc(rows, func(r row) bool { return c < len(r.cells) && cellOf(r.cells[c]).kind == cellReal }) {
			fractions++
		}
	}
	return fractions == 0 || fractions == to-from
}

// categories takes back what the words of headers said of the columns from one on, where
// all of them together are categories: the two letters of a pair, or grades and
// stages that are told apart by a number.
func categories(texts []string, heads []headerClass) {
	if len(texts) < 2 {
		return
	}
	graded, different := true, map[string]bool{}
	for _, text := range texts {
		different[strings.ToLower(strings.TrimSpace(text))] = true
		words := wordsOf(text)
		graded = graded && len(words) == 2 && (words[0] == "grade" || words[0] == "stage") && len(words[1]) <= 4
	}
	if graded && len(different) == len(texts) || paired(texts) {
		for i := range heads {
			heads[i] &^= headVeto | headCount | headStrong
		}
	}
}

// headless reports whether the first row is one of the body: a label and whole numbers, as
// all others are, and its numbers are no names of columns.
func headless(rows []row) bool {
	first := wholeNumbers(rows[0])
	if len(first) == 0 || len(rows) < 3 {
		return false
	}
	for _, r := range rows[1:] {
		if n := wholeNumbers(r); len(n) != len(first) {
			return false
		}
	}
	ascending, sorted, years := true, len(first) > 2, true
	for i, n := range first {
		ascending = ascending && (i == 0 || n > first[i-1])
		sorted = sorted && (i == 0 || rows[0].cells[i+1] > rows[0].cells[i]) // as texts: 10, 2, 20
		years = years && cell{cellInt, n}.yearLike()
	}
	if len(first) == 1 {
		return first[0] != 0 && !years // pandas calls a column without a name 0
	}
	return !ascending && !sorted && !years
}

// wholeNumbers are the cells of a row behind its label, nil where one of them is no whole
// number.
func wholeNumbers(r row) []float64 {
	if len(r.cells) < 2 || cellOf(r.cells[0]).kind != cellLabel {
		return nil
	}
	out := make([]float64, 0, len(r.cells)-1)
	for _, text := range r.cells[1:] {
		c := cellOf(text)
		if c.kind != cellInt && c.kind != cellSuppressed {
			return nil
		}
		out = append(out, c.value)
	}
	return out
}
