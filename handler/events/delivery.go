package events

import (
	"errors"
	"fmt"

	"example.org/airlock/handler/airlock"
)

// outcome says what becomes of one delivered event.
type outcome int

const (
	retry outcome = iota // zero value: when in doubt, ask for redelivery
	ack                  // done, done before, or none of our business
	park                 // will never succeed: acknowledge, and keep it for a person
)

func (o outcome) String() string {
	return [...]string{"retry", "ack", "park"}[o]
}

var (
	// errForeign marks an event that is not about a request of ours: another
	// container in a watched account, another event type.
	errForeign = errors.New("events: not about an airlock request")
	// errMalformed marks an event that does not say what its type must say. No
	// redelivery can mend it.
	errMalformed = errors.New("events: malformed")
)

// malformed returns an errMalformed that says what is wrong. It must not be
// given file names or whole URLs: the text is logged.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errMalformed, fmt.Sprintf(format, args...))
}

// outcomes is the only place where an error of the workflow becomes an answer to
// Event Grid. Rows are tried in order; an event that no row matches is delivered again.
var outcomes = []struct {
	match func(error) bool
	then  outcome
	why   string
}{
	{is(errForeign), ack, "nothing of ours is concerned"},
	{is(errMalformed), park, "repeating the same bytes cannot mend them"},
	{as[*airlock.UnclearVerdictError], park, "a person has to look at it; the request's release waits"},
	{is(airlock.ErrStale), retry, "somebody else was faster; look again"},
	{faultOf(airlock.Transient), retry, "the part we depend on comes back"},
	{faultOf(airlock.Operator), retry, "an operator mends it within the retries, else it comes back as a dead letter"},
	{faultOf(airlock.Permanent), park, "cannot ever succeed"},
	{is(airlock.ErrNotFound), park, "our own event about a request nobody knows: forged, or state was lost"},
	{is(airlock.ErrNoWorkspace), park, "the registry row is missing"},
	{is(airlock.ErrBadID), park, "not an id"},
	{is(airlock.ErrTooLarge), park, "the record will not get smaller"},
	{is(airlock.ErrImmutable), park, "evidence differs from what is stored"},
	{as[*airlock.IntegrityError], park, "bytes differ from the record"},
	{as[*airlock.TransitionError], ack, "the request has moved on: an old or repeated event"},
	{as[*airlock.StatusError], ack, "the request has moved on: an old or repeated event"},
	{as[*airlock.RefusedError], park, "the rules forbid it, and will tomorrow"},
	{as[*airlock.PolicyError], park, "the rules forbid it, and will tomorrow"},
}

// outcomeFor decides what becomes of a delivery whose handling ended in err.
func outcomeFor(err error) outcome {
	if err == nil {
		return ack
	}
	for _, row := range outcomes {
		if row.match(err) {
			return row.then
		}
	}
	return retry
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func faultOf(kind airlock.FaultKind) func(error) bool {
	return func(err error) bool {
		f, ok := errors.AsType[*airlock.Fault](err)
		return ok && f.Kind == kind
	}
}
