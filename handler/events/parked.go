package events

import (
	"crypto/sha256"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// maxParked bounds what is kept of an event nobody could handle; an Event Grid
// event has at most 1 MiB and ours have a few hundred bytes.
const maxParked = 256 << 10

// maxReason bounds the text kept with a parked event.
const maxReason = 500

// parkedFor makes the record of an event nobody could handle. Its id follows
// from the event, so that parking it again, because an answer got lost, keeps
// one record; it sorts by the event's time, or by now for an event without one.
func parkedFor(function, reason string, e event, now time.Time) airlock.Parked {
	at := e.Time
	if at.IsZero() || at.After(now) {
		at = now
	}
	sum := sha256.Sum256(append([]byte(function+"\x00"), e.Raw...))
	body := []byte(e.Raw)
	if len(body) > maxParked {
		reason = fmt.Sprintf("%s (the first %d of %d bytes are kept)", reason, maxParked, len(body))
		body = body[:maxParked]
	}
	return airlock.Parked{
		ID:       fmt.Sprintf("%s-%x", at.UTC().Format("20060102T150405Z"), sum[:12]),
		Function: function, Reason: clip(reason, maxReason), At: now.UTC(), Event: body,
	}
}
