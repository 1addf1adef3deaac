package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// parkedShown is how many parked events a list has.
const parkedShown = 100

// Park keeps an event that nobody could handle for a person, raises the alarm,
// and leaves evidence. Parking the same event again changes nothing.
func (s *Service) Park(ctx context.Context, p airlock.Parked) error {
	if p.Concerns != nil { // first: once the event is parked nobody delivers it again
		if err := s.hold(ctx, p); err != nil {
			return err
		}
	}
	if err := s.config.Parked.Park(ctx, p); err != nil {
		return err
	}
	s.config.Log.ErrorContext(ctx, "event parked", "alert", logging.EventParked, "event", p.ID, "function", p.Function, "reason", p.Reason)
	err := s.noteParked(ctx, "parked", "parked", p, airlock.SystemPrincipal("events"))
	if errors.Is(err, airlock.ErrImmutable) { // parked before, at another time
		return nil
	}
	return err
}

// ListParked returns the newest parked events, newest first. TRE administrators
// only.
func (s *Service) ListParked(ctx context.Context, p airlock.Principal) ([]airlock.Parked, error) {
	if err := operator(p); err != nil {
		return nil, err
	}
	return s.config.Parked.ListParked(ctx, parkedShown)
}

// Redrive hands a parked event to deliver once more and removes it when that
// succeeds; with discard it is removed unhandled, at the caller's word, even if
// it cannot be read. Either leaves evidence before the event is gone. TRE
// administrators only. Errors: airlock.ErrNotFound for an unknown event,
// *airlock.StatusError for one that can never be handled, *airlock.Fault.
func (s *Service) Redrive(ctx context.Context, p airlock.Principal, id string, discard bool, deliver func(ctx context.Context, p airlock.Parked) error) error {
	if err := operator(p); err != nil {
		return err
	}
	parked, err := s.config.Parked.Parked(ctx, id)
	if err != nil && (!discard || !unreadable(err)) {
		return err
	}
	parked.ID = id
	action := "discarded"
	if !discard {
		action = "redriven"
		if err := deliver(ctx, parked); err != nil {
			return redriveFailed(err)
		}
	}
	name := action + "-" + s.config.Now().UTC().Format("20060102T150405.000000000Z")
	if err := s.noteParked(ctx, name, action, parked, p); err != nil {
		return err
	}
	if err := s.endHold(ctx, p, parked); err != nil {
		return err
	}
	s.config.Log.InfoContext(ctx, "parked event done with", "event", id, "function", parked.Function, "discarded", discard, "by", p.ID)
	return s.config.Parked.Unpark(ctx, id)
}

// redriveFailed tells a fault, after which trying again may help, from an event
// that nothing can be done with.
func redriveFailed(err error) error {
	if _, fault := errors.AsType[*airlock.Fault](err); fault || errors.Is(err, airlock.ErrStale) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &airlock.StatusError{Rule: "cannot_be_handled", Reason: "This event cannot be handled. If nobody needs it any more, redrive it with {\"discard\":true}, which forgets it."}
}

// parkedFormat is the version of the notes about parked events.
const parkedFormat = "airlock-parked/1"

// parkedNote is the evidence of what became of an event that could not be
// handled. It belongs to no request's trail: which request such an event is
// about, if any, is not known.
type parkedNote struct {
	Format   string      `json:"format"`
	Action   string      `json:"action"` // parked, redriven, discarded
	Event    string      `json:"event"`  // the parked event's id
	At       time.Time   `json:"at"`
	Actor    audit.Actor `json:"actor"`
	Function string      `json:"function,omitempty"`
	Reason   string      `json:"reason,omitempty"` // why it was parked
	Size     int         `json:"size"`
	SHA256   string      `json:"sha256"` // of the event as it is kept
}

// noteParked writes a note where nobody can change it. It returns
// airlock.ErrImmutable when another is there under that name.
func (s *Service) noteParked(ctx context.Context, name, action string, p airlock.Parked, by airlock.Principal) error {
	sum := sha256.Sum256(p.Event)
	body, err := json.Marshal(parkedNote{Format: parkedFormat, Action: action, Event: p.ID, At: s.config.Now().UTC(), Actor: actorOf(by),
		Function: p.Function, Reason: p.Reason, Size: len(p.Event), SHA256: hex.EncodeToString(sum[:])})
	if err != nil {
		return err
	}
	return s.config.Evidence.Append(ctx, anchorsContainer, "parked/"+p.ID+"/"+name+".json", append(body, '\n'))
}

// CanaryReturned notes that a canary event came back. Errors: airlock.ErrNotFound
// for one that nobody sent, *airlock.Fault.
func (s *Service) CanaryReturned(ctx context.Context, id string) error {
	return s.config.Parked.CanaryReturned(ctx, id)
}
