package airlock

import "time"

// Parked is an event that nobody could handle, kept for a person.
type Parked struct {
	ID       string // ascends with time; safe in a URL path segment
	Function string // which function it was for
	Reason   string
	At       time.Time
	Event    []byte // as delivered
	// Concerns is the container that an unclear scan result names, nil for other
	// events. The release of its request waits for the event.
	Concerns *Container
}
