package inspect

import "strings"

// nationalIDs are the national identity numbers that carry a check digit, each by
// its country's published rule. A column is one of them when nearly all of its
// cells are valid by one and the same rule.
var nationalIDs = []struct {
	valid       func(text string) bool
	least, most int // digits
}{
	{irishPPS, 7, 7}, {frenchNIR, 15, 15}, {germanIdNr, 11, 11}, {spanishDNI, 7, 8}, {italianCF, 7, 7}, {dutchBSN, 9, 9}, {swedishPN, 10, 12}, {norwegianFN, 11, 11},
	{finnishHETU, 9, 10}, {polishPESEL, 11, 11}, {belgianRN, 11, 11}, {portugueseNIF, 9, 9}, {australianTFN, 9, 9}, {australianMedicare, 10, 11}, {newZealandNHI, 4, 4}, {canadianSIN, 9, 9},
	{otherNational, 7, 13},
}

// nationalByDigits are the indices of nationalIDs by how many digits a text has.
var nationalByDigits = func() (out [16][]int) {
	for i, id := range nationalIDs {
		for n := id.least; n <= id.most; n++ {
			out[n] = append(out[n], i)
		}
	}
	return out
}()

// digitsOfLength returns the digits of a text when it has as many.
func digitsOfLength(text string, n int) (string, bool) {
	if len(text) < n || len(text) > n+4 {
		return "", false
	}
	d, ok := digitsOf(text)
	if !ok || len(d) != n || alike(d) {
		return "", false
	}
	return d, true
}

func number(digits string) int64 {
	var n int64
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

func irishPPS(text string) bool {
	if len(text) != 8 && len(text) != 9 || !upper(text[7]) {
		return false
	}
	d, ok := digitsOfLength(text[:7], 7)
	if !ok {
		return false
	}
	sum := weighted(d, 8, 7, 6, 5, 4, 3, 2)
	if len(text) == 9 && text[8] >= 'A' && text[8] <= 'I' {
		sum += 9 * int(text[8]-'A'+1)
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == text[7]
}

func frenchNIR(text string) bool {
	d, ok := digitsOfLength(text, 15)
	return ok && (d[0] == '1' || d[0] == '2') && 97-number(d[:13])%97 == number(d[13:])
}

// germanIdNr: ISO 7064, MOD 11,10.
func germanIdNr(text string) bool {
	d, ok := digitsOfLength(text, 11)
	if !ok || d[0] == '0' {
		return false
	}
	product := 10
	for i := range 10 {
		sum := (int(d[i]-'0') + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return (11-product)%10 == int(d[10]-'0')
}

func spanishDNI(text string) bool {
	if len(text) != 9 || !upper(text[8]) {
		return false
	}
	body := text[:8]
	if i := strings.IndexByte("XYZ", body[0]); i >= 0 {
		body = "012"[i:i+1] + body[1:]
	}
	d, ok := digitsOfLength(body, 8)
	return ok && "TRWAGMYFPDXBNJZSQVHLCKE"[number(d)%23] == text[8]
}

func italianCF(text string) bool {
	if len(text) != 16 {
		return false
	}
	const odd = "BAKPLCQDREVOSFTGUHMINJWZYX" // the place of a letter is its value in odd places
	sum := 0
	for i := range 16 {
		c := text[i]
		if !upper(c) && !digit(c) || i < 6 && !upper(c) || i == 15 && !upper(c) {
			return false
		}
		letter := c
		if digit(c) {
			letter = c - '0' + 'A'
		}
		switch {
		case i == 15:
			return sum%26 == int(c-'A')
		case i%2 == 0:
			sum += strings.IndexByte(odd, letter)
		default:
			sum += int(letter - 'A')
		}
	}
	return false
}

func dutchBSN(text string) bool {
	d, ok := digitsOfLength(text, 9)
	return ok && weighted(d, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
}

func swedishPN(text string) bool {
	if len(text) < 10 || len(text) > 13 {
		return false
	}
	text = strings.Replace(text, "+", "-", 1)
	d, ok := digitsOf(text)
	if ok && len(d) == 12 && (d[:2] == "19" || d[:2] == "20") {
		d = d[2:]
	}
	return ok && len(d) == 10 && !alike(d) && isDay(d[4:6]) && isMonth(d[2:4]) && luhn(d)
}

func norwegianFN(text string) bool {
	d, ok := digitsOfLength(text, 11)
	return ok && dayAndMonth(d) && weighted(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weighted(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

func finnishHETU(text string) bool {
	if len(text) != 11 || strings.IndexByte("-+ABCDEFYXWVU", text[6]) < 0 {
		return false
	}
	d, ok := digitsOfLength(text[:6]+text[7:10], 9)
	return ok && dayAndMonth(d) && "0123456789ABCDEFHJKLMNPRSTUVWXY"[number(d)%31] == text[10]
}

func polishPESEL(text string) bool {
	d, ok := digitsOfLength(text, 11)
	return ok && (10-weighted(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10 == int(d[10]-'0')
}

func belgianRN(text string) bool {
	if len(text) < 11 || len(text) > 15 {
		return false
	}
	d, ok := digitsOfLength(strings.ReplaceAll(text, ".", ""), 11)
	if !ok {
		return false
	}
	check := number(d[9:])
	return 97-number(d[:9])%97 == check || 97-number("2"+d[:9])%97 == check
}

func portugueseNIF(text string) bool {
	d, ok := digitsOfLength(text, 9)
	if !ok || strings.IndexByte("12356", d[0]) < 0 {
		return false
	}
	check := 11 - weighted(d, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if check >= 10 {
		check = 0
	}
	return check == int(d[8]-'0')
}

func australianTFN(text string) bool {
	d, ok := digitsOfLength(text, 9)
	return ok && weighted(d, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0
}

func australianMedicare(text string) bool {
	if len(text) < 10 || len(text) > 14 {
		return false
	}
	d, ok := digitsOf(text)
	return ok && (len(d) == 10 || len(d) == 11) && d[0] >= '2' && d[0] <= '6' && weighted(d, 1, 3, 7, 9, 1, 3, 7, 9)%10 == int(d[8]-'0')
}

// newZealandNHI: three letters without I and O, three digits, check digit (HISO 10046).
func newZealandNHI(text string) bool {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	if len(text) != 7 {
		return false
	}
	sum := 0
	for i := range 6 {
		v := strings.IndexByte(letters, text[i]) + 1
		if i >= 3 {
			if v = int(text[i]) - '0'; v < 0 || v > 9 {
				return false
			}
		} else if v == 0 {
			return false
		}
		sum += v * (7 - i)
	}
	check := 11 - sum%11
	return check != 11 && digit(text[6]) && check%10 == int(text[6]-'0')
}

func canadianSIN(text string) bool {
	d, ok := digitsOfLength(text, 9)
	return ok && d[0] != '0' && d[0] != '8' && luhn(d)
}
