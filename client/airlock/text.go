package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// secrets matches texts that must not be shown: signatures of links, and tokens.
var secrets = regexp.MustCompile(`(?i)(sig=)[^&\s"'<>]+|(bearer\s+)[A-Za-z0-9._~+/=-]+|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)

// redact takes signatures and tokens out of a text.
func redact(text string) string { return secrets.ReplaceAllString(text, "${1}${2}[hidden]") }

// visible shows a text of somebody else's on a terminal: a character that would move the cursor,
// colour the screen or turn the direction of text is shown as its code.
func visible(text string) string {
	clean := func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
	}
	if strings.IndexFunc(text, clean) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if clean(r) {
			fmt.Fprintf(&b, "<U+%04X>", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine is visible without line ends and tabs, for cells of tables.
func oneLine(text string) string {
	return visible(strings.Join(strings.Fields(text), " "))
}

// wrapped breaks lines that are longer than width between words; the text after a break
// begins behind indent blanks. A word that is longer alone stays whole, so that it can
// be copied.
func wrapped(text string, width, indent int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		body, end := strings.CutSuffix(line, "\n")
		for utf8.RuneCountInString(body) > width {
			at := breakAt(body, width, indent)
			if at < 0 {
				break
			}
			b.WriteString(strings.TrimRight(body[:at], " ") + "\n")
			body = strings.Repeat(" ", indent) + strings.TrimLeft(body[at:], " ")
		}
		b.WriteString(body)
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// breakAt is where a line is best broken: at the last blank within width, else at the
// first one behind it; -1 if there is none. Blanks up to indent stand before the text.
func breakAt(line string, width, indent int) int {
	at, columns := -1, 0
	for i, r := range line {
		if r == ' ' && columns > indent {
			if columns > width && at >= 0 {
				break
			}
			at = i
			if columns > width {
				break
			}
		}
		columns++
	}
	return at
}

// size writes bytes for people, decimal.
func size(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, units[unit])
}

// fileCount counts files in words.
func fileCount(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// moment writes a time for people, in their zone.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2 Jan 2006 15:04")
}

// lately writes a time as short as it is clear today.
func lately(t time.Time) string {
	if t.Local().Year() == time.Now().Year() {
		return t.Local().Format("2 Jan 15:04")
	}
	return t.Local().Format("2 Jan 2006")
}

// span writes a duration in its largest two units.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// statusWords say a status in words.
var statusWords = map[string]string{
	"draft":                 "draft",
	"submitted":             "submitted, being checked",
	"in_review":             "in review",
	"return_in_progress":    "being returned",
	"returned":              "returned for changes",
	"approval_in_progress":  "approved, being released",
	"approved":              "approved",
	"rejection_in_progress": "rejected, being put away",
	"rejected":              "rejected",
	"cancelled":             "cancelled",
	"blocking_in_progress":  "being blocked",
	"blocked_by_scan":       "blocked by the malware scan",
	"failed":                "failed",
	"revoked":               "revoked",
}

// words of a status; a status that is newer than the program is said as it is.
func words(status string) string {
	if w, ok := statusWords[status]; ok {
		return w
	}
	return oneLine(status)
}
