package airlock

import "time"

// Parked is an event that nobody could handle, kept for a person.
type Parked struct {
	ID       string // ascends with time; safe in a URL path segment
	Function string // which function it was for
	Reason   string
	At       time.Time
	Event    []byte // as delivered
}
