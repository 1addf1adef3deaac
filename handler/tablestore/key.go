package tablestore

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
)

// A row's kind is the first letter of its key. All rows of a kind, or of a
// longer prefix, lie in one range of keys (between).
const (
	kindRequest   = "r"
	kindByTime    = "t"
	kindByStatus  = "s"
	kindByCreator = "u"
	kindDue       = "w"
	kindOverdue   = "x"
	kindHead      = "h"
	kindAudit     = "a"
	kindOutbox    = "o"
	kindVerdict   = "v"
	kindTurn      = "n"
	kindSeen      = "f"
	kindComment   = "m"
)

const separator = "|"

func key(parts ...string) string { return strings.Join(parts, separator) }

func requestKey(id airlock.RequestID) string { return key(kindRequest, string(id)) }

func auditKey(id airlock.RequestID, seq int) string {
	return key(kindAudit, string(id), fmt.Sprintf("%08d", seq))
}

func outboxKey(e airlock.Event, n int) string {
	return key(kindOutbox, ascending(e.Time), string(e.Request), fmt.Sprintf("%02d", n), escape(e.ID))
}

// between returns the range of keys [from, to) that begin with the given parts:
// '}' is the character after the separator.
func between(parts ...string) (from, to string) {
	prefix := key(parts...)
	return prefix + separator, prefix + "}"
}

// ascending writes a time so that texts sort as the times do. Nanoseconds keep
// the order strict; times before 1970 and after 2262 take the nearest end.
func ascending(t time.Time) string { return fmt.Sprintf("%019d", nanoseconds(t)) }

// descending is ascending with the newest first.
func descending(t time.Time) string { return fmt.Sprintf("%019d", math.MaxInt64-nanoseconds(t)) }

func nanoseconds(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, 0)):
		return 0
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// escape makes any text fit for a part of a key: a key must not hold / \ # ? or
// control characters (learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model),
// the separator would move the parts, and quotes trouble the SDK's batches. All
// bytes but letters, digits, '-', '.' and '_' become ~HH.
func escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "~%02X", c)
		}
	}
	return b.String()
}

// unescape undoes escape. It returns false for a text that escape cannot have made.
func unescape(part string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] != '~' {
			b.WriteByte(part[i])
			continue
		}
		if i+3 > len(part) {
			return "", false
		}
		c, err := strconv.ParseUint(part[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), escape(b.String()) == part
}
