package funchost

import (
	"strings"
)

// isGUID says whether .NET's Guid.TryParse takes the text, as the
// route constraint "guid" asks: blanks around it; the forms N (32 digits), D
// (with hyphens), B (in braces), P (in parentheses) and X ({0x…,0x…,…,{0x…}}).
// In D, B and P a group may begin with "+" and "0x", as in the old parser that
// .NET stays compatible with.
func isGUID(text string) bool {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{0x") || strings.HasPrefix(text, "{0X") {
		return isHexGUID(text)
	}
	if inner, ok := unwrap(text, "{", "}"); ok {
		return isHyphenated(inner)
	}
	if inner, ok := unwrap(text, "(", ")"); ok {
		return isHyphenated(inner)
	}
	return len(text) == 32 && isHex(text) || isHyphenated(text)
}

func unwrap(text, before, after string) (string, bool) {
	inner, opened := strings.CutPrefix(text, before)
	inner, closed := strings.CutSuffix(inner, after)
	return inner, opened && closed
}

func isHyphenated(text string) bool {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return false
	}
	// The old parser read the last twelve digits as two groups of four and eight.
	for _, group := range []string{text[:8], text[9:13], text[14:18], text[19:23], text[24:28], text[28:]} {
		if !isOldHex(group) {
			return false
		}
	}
	return true
}

// isHexGUID checks the X form; blanks inside don't count.
func isHexGUID(text string) bool {
	text = strings.Join(strings.Fields(text), "")
	inner, ok := unwrap(text, "{", "}}")
	head, tail, ok2 := strings.Cut(inner, ",{")
	if !ok || !ok2 {
		return false
	}
	heads, tails := strings.Split(head, ","), strings.Split(tail, ",")
	if len(heads) != 3 || len(tails) != 8 {
		return false
	}
	for i, limit := range []int{8, 4, 4} {
		if !isPrefixedHex(heads[i], limit) {
			return false
		}
	}
	for _, t := range tails {
		if !isPrefixedHex(t, 2) {
			return false
		}
	}
	return true
}

func isPrefixedHex(text string, limit int) bool {
	digits, ok := strings.CutPrefix(strings.ToLower(text), "0x")
	digits = strings.TrimLeft(digits, "0")
	return ok && len(text) > 2 && len(digits) <= limit && (digits == "" || isHex(digits))
}

func isOldHex(text string) bool {
	text = strings.TrimPrefix(text, "+")
	if lower := strings.ToLower(text); strings.HasPrefix(lower, "0x") {
		text = text[2:]
	}
	return text != "" && isHex(text)
}

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdefABCDEF") == "" }
