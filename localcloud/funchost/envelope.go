package funchost

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"example.org/airlock/localcloud/event"
)

// envelope is the body of a trigger's invocation.
type envelope struct {
	Data     map[string]any
	Metadata map[string]any
}

func (f *function) envelope(value any, metadata map[string]any) envelope {
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata["sys"] = map[string]string{
		"MethodName": f.name, "UtcNow": event.Time(time.Now()), "RandGuid": event.NewID(),
	}
	return envelope{map[string]any{f.trigger.Name: value}, metadata}
}

// body is compact JSON with non-ASCII text as it is.
func (e envelope) body() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(e)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// twice is the host's encoding of everything that is neither object, time nor
// bytes: JSON text inside a JSON string.
func twice(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // strings, numbers and raw JSON that was read before
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}

// eventEnvelope holds one event as an object.
func (f *function) eventEnvelope(raw json.RawMessage) (envelope, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || parts == nil {
		return envelope{}, errors.New("an event is a JSON object")
	}
	metadata := map[string]any{}
	if data := parts["data"]; len(data) > 0 && string(data) != "null" {
		metadata["data"] = encoded(data)
	}
	return f.envelope(raw, metadata), nil
}

// encoded applies the rule to a JSON value: objects stay, the rest goes twice.
func encoded(raw json.RawMessage) any {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return raw
	}
	return twice(raw)
}

// batchEnvelope holds all events of a delivery as text (cardinality many).
func (f *function) batchEnvelope(raw []json.RawMessage) (envelope, error) {
	all := []json.RawMessage{}
	for _, r := range raw {
		var parts struct{ Data json.RawMessage }
		if err := json.Unmarshal(r, &parts); err != nil {
			return envelope{}, err
		}
		if parts.Data == nil {
			parts.Data = json.RawMessage("null")
		}
		all = append(all, parts.Data)
	}
	return f.envelope(twice(raw), map[string]any{"data": twice(all)}), nil
}

// blobEnvelope holds the whole blob, as the host reads it.
func (f *function) blobEnvelope(m blobMessage, content []byte) envelope {
	metadata := map[string]any{
		"Uri":        twice(m.URL),
		"Properties": map[string]any{"ContentLength": len(content), "ETag": m.ETag, "BlobType": 0},
		"Metadata":   map[string]any{},
	}
	for name, value := range f.watches.parameters(m.Container, m.Name) {
		metadata[name] = twice(value)
	}
	return f.envelope(base64.StdEncoding.EncodeToString(content), metadata)
}

// timerEnvelope holds the timer's state; a schedule under a minute is not monitored.
func (f *function) timerEnvelope(status *scheduleStatus) envelope {
	return f.envelope(map[string]any{
		"Schedule": map[string]any{"AdjustForDST": true}, "ScheduleStatus": status, "IsPastDue": false,
	}, nil)
}

type scheduleStatus struct{ Last, Next, LastUpdated time.Time }
