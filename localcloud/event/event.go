// Package event is the Event Grid event as every stand-in of the local cloud
// passes it on: the Event Grid schema, with the publisher's own text of time and
// data kept, because Event Grid does not reformat them either
// (learn.microsoft.com/azure/event-grid/event-schema).
package event

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// Event types that the local cloud itself produces or reacts to.
const (
	BlobCreated    = "Microsoft.Storage.BlobCreated"
	ScanResult     = "Microsoft.Security.MalwareScanningResult"
	Validation     = "Microsoft.EventGrid.SubscriptionValidationEvent"
	resourceGroups = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/local/providers/"
)

// Event is one event in Event Grid schema. EventTime stays text so that it
// reaches subscribers exactly as published.
type Event struct {
	ID              string          `json:"id"`
	Topic           string          `json:"topic"`
	Subject         string          `json:"subject"`
	EventType       string          `json:"eventType"`
	EventTime       string          `json:"eventTime"`
	DataVersion     string          `json:"dataVersion"`
	MetadataVersion string          `json:"metadataVersion"`
	Data            json.RawMessage `json:"data"`
}

// New returns an event of now with a fresh id. It panics if data cannot be
// written as JSON, which is a mistake in the calling stand-in.
func New(eventType, subject, dataVersion string, data any) Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("event: data of %s: %v", eventType, err))
	}
	return Event{
		ID: NewID(), Subject: subject, EventType: eventType, EventTime: Time(time.Now()),
		DataVersion: dataVersion, MetadataVersion: "1", Data: raw,
	}
}

// NewID returns a random UUID of version 4 in lower case.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // documented never to fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Time writes a time as Azure's own events do: UTC, seven fraction digits.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// StorageTopic is the resource id that Storage puts into the topic of its events.
func StorageTopic(account string) string {
	return resourceGroups + "Microsoft.Storage/storageAccounts/" + account
}

// CustomTopic is the resource id that Event Grid stamps on a custom topic's events.
func CustomTopic(name string) string {
	return resourceGroups + "Microsoft.EventGrid/topics/" + name
}
