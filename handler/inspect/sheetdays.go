package inspect

import (
	"regexp"
	"strings"
	"time"
)

// dayFormats are the built-in formats of numbers that show a day (ECMA-376 part 1, 18.8.30; those from 27 on are
// of East Asian languages).
var dayFormats = map[string]bool{
	"14": true, "15": true, "16": true, "17": true, "22": true,
	"27": true, "28": true, "29": true, "30": true, "31": true, "36": true, "50": true, "51": true, "52": true, "53": true, "54": true, "57": true, "58": true,
}

// shown are the parts of a format code that are shown as they are, and its conditions and colours.
var shown = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)

// showsDay reports whether a format code shows a number as a day: it has a part for the year or
// the day, and not as a text.
func showsDay(code string) bool {
	if len(code) > 200 {
		return false
	}
	code, _, _ = strings.Cut(strings.ToLower(shown.ReplaceAllString(code, "")), ";")
	return strings.ContainsAny(code, "yd") && !strings.ContainsAny(code, "0#?") && !strings.Contains(code, "general")
}

// dayOf is the day of a number that is shown as one, "" where there is none. Workbooks count from the
// end of 1899; those that count from 1904, as old ones of Macintosh did, give days that are four years early.
func dayOf(text string) string {
	const last = 2_958_465 // the end of 9999
	n, ok := numberOf(text)
	if !ok || n < 1 || n > last {
		return ""
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(time.DateOnly)
}
