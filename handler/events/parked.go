package events

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// maxParked bounds the kept bytes of an event nobody could handle; an Event Grid
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
		ID:       parkedID(at, sum),
		Function: function, Reason: clip(reason, maxReason), At: now.UTC(), Event: body,
	}
}

// concernsOf is the container that an unclear verdict names, nil for other errors.
func concernsOf(err error) *airlock.Container {
	if unclear, ok := errors.AsType[*airlock.UnclearVerdictError](err); ok {
		return &unclear.Where
	}
	return nil
}

// parkedID is a UUID (version 8, RFC 9562) that begins with the time, as version
// 7 does, and goes on with the event's digest. It has to be a UUID because it
// stands in a route, and the host lets nothing but UUIDs through there.
func parkedID(at time.Time, sum [sha256.Size]byte) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	copy(id[6:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
