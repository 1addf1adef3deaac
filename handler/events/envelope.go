package events

import (
	"bytes"
	"encoding/json"
)

// envelope is the body of every call for a trigger. Metadata is kept raw: a
// sender can influence its members, and one odd member must not make a delivery
// unreadable for ever.
type envelope struct {
	Data     map[string]json.RawMessage
	Metadata map[string]json.RawMessage
}

// openEnvelope returns false when body is no envelope of the host: it needs
// both Data and Metadata, as objects.
func openEnvelope(body []byte) (envelope, bool) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Data == nil || e.Metadata == nil {
		return envelope{}, false
	}
	return e, true
}

// binding returns the value of the trigger's binding: the one of that name, or
// the only one there is. It returns nil when there is neither.
func (e envelope) binding(name string) json.RawMessage {
	if v, ok := e.Data[name]; ok {
		return v
	}
	if len(e.Data) == 1 {
		for _, v := range e.Data {
			return v
		}
	}
	return nil
}

// text returns the text of a value whether the host encoded it once or twice
// (ScriptInvocationContextExtensions: strings are serialised, then put into a
// string). Objects, arrays and numbers come back as their JSON.
func text(raw json.RawMessage) string {
	var once string
	if json.Unmarshal(raw, &once) != nil {
		return string(raw)
	}
	var twice string
	if json.Unmarshal([]byte(once), &twice) == nil {
		return twice
	}
	return once
}

// structured returns the JSON object or array in a value, however often it was
// put into a string, and nil when there is none.
func structured(raw json.RawMessage) json.RawMessage {
	for range 3 { // as is, encoded once, encoded twice
		raw = bytes.TrimSpace(raw)
		if len(raw) == 0 {
			return nil
		}
		if raw[0] == '{' || raw[0] == '[' {
			return raw
		}
		var inner string
		if json.Unmarshal(raw, &inner) != nil {
			return nil
		}
		raw = json.RawMessage(inner)
	}
	return nil
}
