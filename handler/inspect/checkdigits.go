package inspect

import "strings"

// digitsOf returns the digits of a text that has nothing else but spaces and
// hyphens between them, and false for any other text.
func digitsOf(text string) (string, bool) {
	plain := true
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
		case (c == ' ' || c == '-') && i > 0:
			plain = false
		default:
			return "", false
		}
	}
	if plain {
		return text, text != ""
	}
	digits := make([]byte, 0, len(text))
	for _, c := range []byte(text) {
		if digit(c) {
			digits = append(digits, c)
		}
	}
	return string(digits), true
}

// weighted is the sum of the first digits, each times its weight.
func weighted(digits string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return sum
}

func alike(digits string) bool {
	for i := 1; i < len(digits); i++ {
		if digits[i] != digits[0] {
			return false
		}
	}
	return true
}

// nhsNumber: ten digits, modulus 11 (NHS Data Dictionary).
func nhsNumber(digits string) bool {
	if len(digits) != 10 || alike(digits) {
		return false
	}
	sum := 0 // of all cells of ten digits and more: so without weighted
	for i := range 9 {
		sum += (10 - i) * int(digits[i]-'0')
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check == int(digits[9]-'0')
}

// dayAndMonth reports whether four digits can be a day and a month.
func dayAndMonth(d string) bool { return isDay(d[:2]) && isMonth(d[2:4]) }

// isDay and isMonth are about two digits.
func isDay(d string) bool   { return d >= "01" && d <= "31" }
func isMonth(d string) bool { return d >= "01" && d <= "12" }

// luhn: ISO/IEC 7812-1, annex B.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// cardNumber: an issuer's prefix with its length, and Luhn.
func cardNumber(d string) bool {
	if len(d) < 13 || len(d) > 19 || alike(d) || !luhn(d) {
		return false
	}
	two, four := d[:2], d[:4]
	switch {
	case d[0] == '4':
		return len(d) == 13 || len(d) == 16 || len(d) == 19
	case two >= "51" && two <= "55", four >= "2221" && four <= "2720":
		return len(d) == 16
	case two == "34" || two == "37":
		return len(d) == 15
	case four == "6011" || two == "65" || two == "35":
		return len(d) == 16
	}
	return false
}

// ibanLengths are those of the IBAN registry for the countries a TRE meets.
var ibanLengths = map[string]int{
	"AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
	"IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
}

// iban: ISO 13616, modulus 97.
func iban(text string) bool {
	text = strings.ReplaceAll(text, " ", "")
	if len(text) < 15 || ibanLengths[text[:2]] != len(text) {
		return false
	}
	rest := 0
	for _, c := range []byte(text[4:] + text[:4]) {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// nino is a National Insurance number: HMRC NIM39110 names the prefixes that are none.
func nino(text string) bool {
	text = strings.ReplaceAll(text, " ", "")
	if len(text) != 9 || !upper(text[0]) || !upper(text[1]) || text[8] < 'A' || text[8] > 'D' {
		return false
	}
	if _, ok := digitsOf(text[2:8]); !ok || strings.IndexByte("DFIQUV", text[0]) >= 0 || strings.IndexByte("DFIQUVO", text[1]) >= 0 {
		return false
	}
	switch text[:2] {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	return true
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }

// postcode is a full UK postcode (BS 7666): outward code, space, digit and two letters.
func postcode(text string) bool {
	text = strings.TrimSpace(text)
	if n := len(text); n < 5 || n > 16 || digit(text[n-1]) {
		return false // most texts, without a copy of them
	}
	text = strings.ToUpper(text)
	if len(text) < 5 || len(text) > 8 {
		return false
	}
	inward := text[len(text)-3:]
	outward := strings.TrimSpace(text[:len(text)-3])
	if !digit(inward[0]) || !upper(inward[1]) || !upper(inward[2]) || strings.ContainsAny(inward[1:], "CIKMOV") {
		return false
	}
	if len(outward) < 2 || len(outward) > 4 || !upper(outward[0]) {
		return false
	}
	rest := outward[1:]
	if upper(rest[0]) {
		rest = rest[1:]
	}
	return len(rest) >= 1 && len(rest) <= 2 && digit(rest[0]) && (len(rest) == 1 || digit(rest[1]) || upper(rest[1]))
}
