package eventgrid

import (
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/eventgrid/azeventgrid"

	"example.org/airlock/handler/airlock"
)

const (
	// sizeLimit is Event Grid's 1 MB for a request and for an event, less room for
	// the topic and other properties it adds
	// (learn.microsoft.com/azure/event-grid/event-schema).
	sizeLimit = 1_000_000 - 16_384
	// countLimit keeps a batch that is refused, and sent again, small.
	countLimit = 200
)

// split packs events into batches that Event Grid takes, in their order, and
// counts those that are too large to be sent at all.
func split(events []airlock.Event) (batches [][]azeventgrid.Event, tooLarge int) {
	var batch []azeventgrid.Event
	size := 2 // the brackets
	for _, e := range events {
		item := wire(e)
		text, err := json.Marshal(item)
		if err != nil || len(text)+2 > sizeLimit {
			tooLarge++
			continue
		}
		if len(batch) == countLimit || size+len(text)+1 > sizeLimit {
			batches, batch, size = append(batches, batch), nil, 2
		}
		batch, size = append(batch, item), size+len(text)+1
	}
	if len(batch) > 0 {
		batches = append(batches, batch)
	}
	return batches, tooLarge
}

// wire is an event in Event Grid schema. The topic is left out: Event Grid fills
// it in, and refuses a wrong one.
func wire(e airlock.Event) azeventgrid.Event {
	return azeventgrid.Event{ID: &e.ID, Subject: &e.Subject, EventType: &e.Type, DataVersion: &e.DataVersion,
		EventTime: to.Ptr(e.Time.UTC()), Data: e.Data}
}
