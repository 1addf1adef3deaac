package inspect

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Checks that every cell of a table goes through. A column's numbers of cells that
// pass them say what the column is.
const (
	checkNHS = iota
	checkCHI
	checkNINO
	checkPostcode
	checkEmail
	checkPhone
	checkIBAN
	checkCard
	checkDate
	checkName
	checkGeo
	checkNational                                 // the first of nationalIDs
	checks        = checkNational + nationalCount // their number
	nationalCount = 17
)

// checkSet is a set of checks.
type checkSet uint32

// mark adds a check to the set, if it is passed.
func (s *checkSet) mark(check int, passed bool) {
	if passed {
		*s |= 1 << check
	}
}

func (s checkSet) has(check int) bool { return s&(1<<check) != 0 }

// examine returns the checks that a cell passes.
func examine(text string) (passed checkSet) {
	if len(text) < 4 || len(text) > 64 {
		return 0
	}
	digits, at := 0, -1
	for i := range len(text) {
		switch c := text[i]; {
		case digit(c):
			digits++
		case c == '@' && at < 0:
			at = i
		}
	}
	switch {
	case digits == 0:
		passed.mark(checkName, nameLike(text))
	case digits <= 3:
		passed.mark(checkPostcode, digits >= 2 && postcode(text))
	case digits >= 4:
		passed = examineNumber(text, digits)
	}
	if at > 0 {
		passed.mark(checkEmail, emailAt(text, at) > 0)
	}
	return passed
}

// examineNumber is examine for texts with four digits or more.
func examineNumber(text string, digits int) (passed checkSet) {
	if digits == 10 || digits >= 13 {
		if plain, ok := digitsOf(text); ok {
			nhs := nhsNumber(plain)
			passed.mark(checkNHS, nhs)
			passed.mark(checkCHI, nhs && dayAndMonth(plain[:4])) // the CHI number is an NHS number that begins with a date of birth
			passed.mark(checkCard, cardNumber(plain))
		}
	}
	if others := len(text) - digits; others == 0 && digits == 8 || others >= 2 { // that set three fields apart
		_, ok := dateOf(text)
		passed.mark(checkDate, ok)
	}
	if digits == len(text) && digits < 9 || digits > 15 && !upper(text[0]) {
		return passed // too short, or too long, for all others
	}
	if len(text) >= 7 && digits <= 15 {
		for _, i := range nationalByDigits[digits] {
			passed.mark(checkNational+i, nationalIDs[i].valid(text))
		}
	}
	passed.mark(checkNINO, digits == 6 && upper(text[0]) && nino(text))
	passed.mark(checkPhone, digits >= 9 && phone(text))
	passed.mark(checkGeo, digits < len(text) && coordinate(text))
	passed.mark(checkIBAN, digits >= 8 && upper(text[0]) && iban(text))
	return passed
}

// phone: a UK number, or an international one.
func phone(text string) bool {
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		d, ok := digitsOf(unbracketed.Replace(rest))
		return ok && len(d) >= 9 && len(d) <= 15
	}
	d, ok := digitsOf(text)
	return ok && d[0] == '0' && (d[1] == '7' || d[1] == '2' || d[1] == '1') && (len(d) == 10 || len(d) == 11)
}

var unbracketed = strings.NewReplacer("(", "", ")", "")

// nameLike: one to four words that begin large and go on small.
func nameLike(text string) bool {
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " ")); !unicode.IsUpper(first) {
		return false
	}
	words := 0
	for w := range strings.FieldsSeq(text) {
		if words++; words > 4 {
			return false
		}
		first, n := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(first) || strings.ContainsFunc(w[n:], func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' && r != '.' }) {
			return false
		}
	}
	return words > 0
}

// coordinate: a number from -180 to 180 with at least four decimals.
func coordinate(text string) bool {
	if point := strings.IndexByte(text, '.'); point < 0 || len(text)-point < 5 {
		return false
	}
	v, isNumber := numberOf(text)
	return isNumber && v >= -180 && v <= 180
}

// emailAt returns the length of an e-mail address around the @ at a place of text,
// and 0 when there is none. Addresses of domains that exist for examples are none.
func emailAt(text string, at int) int {
	if at < 1 {
		return 0
	}
	from, to := at, at+1
	for from > 0 && (wordByte(text[from-1]) || strings.IndexByte(".+-%'", text[from-1]) >= 0) && at-from < 64 {
		from--
	}
	for to < len(text) && (wordByte(text[to]) || text[to] == '.' || text[to] == '-') && to-at < 255 {
		to++
	}
	domain := strings.ToLower(strings.TrimRight(text[at+1:to], ".-"))
	dot := strings.LastIndexByte(domain, '.')
	if from == at || dot < 1 || len(domain)-dot < 3 || len(domain)-dot > 14 || strings.Contains(domain, "..") {
		return 0
	}
	for _, c := range []byte(domain[dot+1:]) {
		if c < 'a' || c > 'z' {
			return 0
		}
	}
	for _, example := range []string{"example.com", "example.org", "example.net"} {
		if domain == example || strings.HasSuffix(domain, "."+example) {
			return 0
		}
	}
	switch domain[dot+1:] {
	case "example", "test", "invalid", "local", "localhost", "png", "jpg", "svg", "js", "css": // RFC 2606, and "picture@2x.png"
		return 0
	}
	return to - from
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// shapeOf is a text's shape, with its characters taken away: d for digits, A
// and a for letters, x for others, and marks that stand between them.
func shapeOf(text string) string {
	out := make([]byte, 0, maxShape)
	for _, r := range text {
		if len(out) == maxShape {
			break
		}
		switch {
		case unicode.IsDigit(r):
			out = append(out, 'd')
		case unicode.IsUpper(r):
			out = append(out, 'A')
		case unicode.IsLetter(r):
			out = append(out, 'a')
		case strings.ContainsRune(" .-/@:+_", r):
			out = append(out, byte(r)) //nolint:gosec // one of the above
		default:
			out = append(out, 'x')
		}
	}
	return string(out)
}
