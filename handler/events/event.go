package events

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
	"unicode"
)

// event is a delivered event, whichever of the two schemas it came in.
type event struct {
	ID      string
	Type    string
	Subject string
	Source  string // the topic's resource id
	Time    time.Time
	Data    json.RawMessage
	Raw     json.RawMessage // as delivered
}

// wireEvent has the members of the Event Grid schema and of CloudEvents 1.0.
// Names are matched without regard to case, as encoding/json does.
type wireEvent struct {
	ID          string          `json:"id"`
	Subject     string          `json:"subject"`
	Data        json.RawMessage `json:"data"`
	EventType   string          `json:"eventType"`
	EventTime   string          `json:"eventTime"`
	Topic       string          `json:"topic"`
	SpecVersion string          `json:"specversion"`
	Type        string          `json:"type"`
	Time        string          `json:"time"`
	Source      string          `json:"source"`
	DataBase64  string          `json:"data_base64"`
}

// maxID bounds ids of events and scanners: they are kept in records and logs.
const maxID = 128

// parseEvent reads one event. It returns an errMalformed error for bytes that are no
// event of either schema; the returned event then still has Raw.
func parseEvent(raw json.RawMessage) (event, error) {
	e := event{Raw: raw}
	var w wireEvent
	// A number where a text is documented leaves that member empty.
	if err := json.Unmarshal(raw, &w); err != nil && !odd(err) {
		return e, malformed("not an event")
	}
	e.ID, e.Subject, e.Data = clip(w.ID, maxID), w.Subject, w.Data
	at := w.EventTime
	if w.SpecVersion != "" {
		e.Type, e.Source, at = w.Type, w.Source, w.Time
		if len(e.Data) == 0 && w.DataBase64 != "" {
			e.Data, _ = base64.StdEncoding.DecodeString(w.DataBase64)
		}
	} else {
		e.Type, e.Source = w.EventType, w.Topic
	}
	e.Time = parseTime(at)
	if e.Type == "" {
		return e, malformed("an event without a type")
	}
	return e, nil
}

// odd reports whether JSON could be read but for a member of another kind.
func odd(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

// splitEvents returns the events in a binding's value: an object is one event,
// an array (cardinality many) any number. It returns false for anything else.
func splitEvents(raw json.RawMessage) ([]json.RawMessage, bool) {
	value := structured(raw)
	if len(value) == 0 {
		return nil, false
	}
	if value[0] == '{' {
		return []json.RawMessage{value}, json.Valid(value)
	}
	var many []json.RawMessage
	if json.Unmarshal(value, &many) != nil {
		return nil, false
	}
	return many, true
}

// decodeData reads the event's data into v, which is a pointer to a struct.
func (e event) decodeData(v any) error {
	data := structured(e.Data)
	if len(data) == 0 || json.Unmarshal(data, v) != nil {
		return malformed("the data of %s cannot be read", e.Type)
	}
	return nil
}

// because names a delivery in logs and records.
func (e event) because() string {
	if e.ID == "" {
		return e.Type
	}
	return e.Type + " " + e.ID
}

// parseTime reads RFC 3339 with any number of fraction digits. It returns the
// zero time for anything else: times in events are never relied on.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// clip cuts s to at most n bytes and drops characters that do not print on one line.
func clip(s string, n int) string {
	clean := bytes.Map(func(r rune) rune {
		if r == 0xFFFD || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, []byte(s))
	if len(clean) > n {
		clean = bytes.ToValidUTF8(clean[:n], nil)
	}
	return string(clean)
}
