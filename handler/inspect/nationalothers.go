package inspect

import "strings"

// otherNational reports whether a text is a national identity number of a country that has no check of its own
// here. They share one, since a state counts each check of each column; by their lengths few random numbers
// pass any of them.
func otherNational(text string) bool {
	plain := unseparated.Replace(text)
	if strings.IndexByte(text, '-') > 0 && len(plain) > 2 && (plain[len(plain)-1] == 'K' || digit(plain[len(plain)-1])) && chileanRUT(text) {
		return true
	}
	d, ok := digitsOf(plain)
	if !ok || alike(d) {
		return false
	}
	switch len(d) {
	case 9:
		return socialSecurity(text, d)
	case 10:
		return czechRC(d) || bulgarianEGN(d) || icelandicKT(d) || danishCPR(text, d)
	case 11:
		return brazilianCPF(d) || turkishKN(d) || balticCode(d) || dayAndMonth(d[:4]) && luhn(d) // Greece's AMKA
	case 12:
		return d[0] >= '2' && verhoeff(d) // India's Aadhaar
	case 13:
		return swissAHV(d) || romanianCNP(d) || koreanRRN(d) || isMonth(d[2:4]) && isDay(d[4:6]) && d[10] <= '1' && luhn(d) // South Africa's
	}
	return false
}

// unseparated is made once: to make it takes longer than all checks of a cell.
var unseparated = strings.NewReplacer(".", "", "-", "", " ", "", "/", "")

// socialSecurity: those of the USA have no check digit. Their dashes tell them, and numbers that are never given.
func socialSecurity(text, d string) bool {
	return len(text) == 11 && text[3] == '-' && text[6] == '-' && d[0] != '9' && d[:3] != "000" && d[:3] != "666" && d[3:5] != "00" && d[5:] != "0000"
}

// danishCPR: new ones have no check digit, the date and the dash tell them.
func danishCPR(text, d string) bool { return len(text) == 11 && text[6] == '-' && dayAndMonth(d[:4]) }

// chileanRUT: modulus 11 with the weights 2 to 7 from the right, before a dash.
func chileanRUT(text string) bool {
	body, check, ok := strings.Cut(strings.ReplaceAll(text, ".", ""), "-")
	d, digits := digitsOf(body)
	if !ok || !digits || len(check) != 1 || len(d) < 7 || len(d) > 8 {
		return false
	}
	sum := 0
	for i := range len(d) {
		sum += int(d[len(d)-1-i]-'0') * (2 + i%6)
	}
	return "0K987654321"[sum%11] == check[0]
}

// czechRC: the Czech Republic and Slovakia, 50 or 70 is added to the months of women.
func czechRC(d string) bool {
	month := number(d[2:4]) % 50
	return (month >= 1 && month <= 12 || month > 20 && month <= 32) && isDay(d[4:6]) && number(d)%11 == 0
}

func bulgarianEGN(d string) bool {
	month := number(d[2:4]) % 20
	return month >= 1 && month <= 12 && isDay(d[4:6]) && weighted(d, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == int(d[9]-'0')
}

func icelandicKT(d string) bool {
	return dayAndMonth(d[:4]) && (d[9] == '8' || d[9] == '9' || d[9] == '0') && (11-weighted(d, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 == int(d[8]-'0')
}

func brazilianCPF(d string) bool {
	first := weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	second := weighted(d, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	return first == int(d[9]-'0') && second == int(d[10]-'0')
}

func turkishKN(d string) bool {
	odd, even := weighted(d, 1, 0, 1, 0, 1, 0, 1, 0, 1), weighted(d, 0, 1, 0, 1, 0, 1, 0, 1)
	return d[0] != '0' && ((7*odd-even)%10+10)%10 == int(d[9]-'0') && weighted(d, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)%10 == int(d[10]-'0')
}

// balticCode: Estonia and Lithuania.
func balticCode(d string) bool {
	if d[0] < '1' || d[0] > '6' || !isMonth(d[3:5]) || !isDay(d[5:7]) {
		return false
	}
	check := weighted(d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if check == 10 {
		check = weighted(d, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return check == int(d[10]-'0')
}

// swissAHV: an EAN that begins with the country.
func swissAHV(d string) bool {
	return strings.HasPrefix(d, "756") && weighted(d, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0
}

func romanianCNP(d string) bool {
	check := weighted(d, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if check == 10 {
		check = 1
	}
	return d[0] >= '1' && isMonth(d[3:5]) && isDay(d[5:7]) && check == int(d[12]-'0')
}

func koreanRRN(d string) bool {
	return isMonth(d[2:4]) && isDay(d[4:6]) && (11-weighted(d, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11)%10 == int(d[12]-'0')
}

// verhoeff: J. Verhoeff, Error Detecting Decimal Codes, 1969. The check works in the group of the
// symmetries of a pentagon.
func verhoeff(digits string) bool {
	permuted := [10]byte{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := byte(0)
	for i := range len(digits) {
		d := digits[len(digits)-1-i] - '0'
		for range i % 8 {
			d = permuted[d]
		}
		c = pentagon(c, d)
	}
	return c == 0
}

// pentagon multiplies in that group: digits below five are turns, the others are turns of the mirrored one.
func pentagon(a, b byte) byte {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return (a+b-5)%5 + 5
	case b < 5:
		return (a-5+5-b)%5 + 5
	}
	return (a - b + 5) % 5
}
