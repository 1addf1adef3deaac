package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

// DeadLetters is the container into which Event Grid writes events that it could not
// deliver. Errors are airlock.ErrGone and *airlock.Fault.
type DeadLetters interface {
	// Names lists the letters that were written before a moment.
	Names(ctx context.Context, before time.Time) iter.Seq2[string, error]
	// Read returns a letter's content and its ETag, airlock.ErrGone without it.
	Read(ctx context.Context, name string) (body []byte, etag string, err error)
	// Remove deletes a letter as it was at etag, or as it is now with "". One
	// that is gone already, or was written again since, is no error.
	Remove(ctx context.Context, name, etag string) error
}

const (
	// A run of the reconciler handles no more letters than this, and begins none
	// after collectWithin; the next run goes on. Each letter has a time of its own,
	// so that none is parked for the sake of the others.
	lettersPerRun = 200
	collectWithin = 90 * time.Second
	letterWithin  = 60 * time.Second
)

// deadLetter holds the members that Event Grid adds to an event it gave up on. CloudEvents have
// the names in lower case; encoding/json matches both.
type deadLetter struct {
	Reason  string `json:"deadLetterReason"`
	Outcome string `json:"lastDeliveryOutcome"`
}

// onDeadLetter looks at the letter that the blob trigger names. The call is a
// hint: the letter is read from its container, and CollectDeadLetters finds it
// without any call. So a call that names none is done.
func (h *Handler) onDeadLetter(ctx context.Context, env envelope) error {
	name := text(env.Metadata["name"])
	if name == "" {
		h.log.WarnContext(ctx, "a call for a dead letter names none; the reconciler finds it")
		return nil
	}
	return h.open(ctx, name)
}

// CollectDeadLetters handles the dead letters that were written before a moment,
// as many as one run may, and returns how many. Each is handled as if it had
// just been delivered, or parked, and then removed. Safe to repeat, and to run
// beside others. It needs no event: the notice of a new letter is a webhook, which
// Event Grid tries once when the host answers 401, as one that just started does
// (https://github.com/Azure/azure-functions-host/issues/11834). The error of one letter
// does not keep the others; the errors come back joined.
func (h *Handler) CollectDeadLetters(ctx context.Context, before time.Time) (collected int, err error) {
	listing, cancel := context.WithTimeout(ctx, collectWithin)
	defer cancel()
	for name, errList := range h.letters.Names(listing, before) {
		if errList != nil {
			return collected, errors.Join(err, errList)
		}
		if errOpen := h.open(ctx, name); errOpen != nil {
			err = errors.Join(err, errOpen)
		} else {
			collected++
		}
		if collected == lettersPerRun || listing.Err() != nil {
			break
		}
	}
	return collected, err
}

// open handles every event of a letter and removes it. An event that fails now is
// parked at once. It returns an error, and leaves the letter, only when storage
// refuses to read it, to park an event, or to remove it.
func (h *Handler) open(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letterWithin)
	defer cancel()
	where := " (blob " + clip(name, 300) + ")"
	body, etag, err := h.letters.Read(ctx, name)
	switch fault, _ := errors.AsType[*airlock.Fault](err); {
	case errors.Is(err, airlock.ErrGone): // somebody else was faster
		return nil
	case err != nil && (fault == nil || fault.Kind != airlock.Permanent):
		return fmt.Errorf("dead letter: %w", err)
	case err != nil: // it is no letter of Event Grid's
		err = h.park(ctx, "OnDeadLetter", "a dead letter that cannot be read: "+safeCause(err)+where, event{Raw: quotedName(name)})
	default:
		err = h.handleLetter(ctx, body, where)
	}
	if err != nil {
		return err
	}
	if err := h.letters.Remove(context.WithoutCancel(ctx), name, etag); err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	return nil
}

// quotedName stands where the event would, in the record of a letter that
// nobody can read.
func quotedName(name string) json.RawMessage {
	raw, _ := json.Marshal(name) // a string always has a JSON form
	return raw
}

func (h *Handler) handleLetter(ctx context.Context, body []byte, where string) error {
	events, ok := splitEvents(body)
	if !ok {
		return h.park(ctx, "OnDeadLetter", "a dead-letter blob that is not JSON"+where, event{Raw: body})
	}
	for _, raw := range events {
		if err := h.revive(ctx, raw, where); err != nil {
			return err
		}
	}
	return nil
}

// revive handles one dead-lettered event, or parks it.
func (h *Handler) revive(ctx context.Context, raw json.RawMessage, where string) error {
	var dead deadLetter
	_ = json.Unmarshal(raw, &dead) // the event is handled without it
	e, err := parseEvent(raw)
	reason := "dead letter " + clip(dead.Reason, maxID)
	f, known := functionFor(e.Type)
	switch {
	case err != nil:
		return h.park(ctx, "OnDeadLetter", fmt.Sprintf("%s: %v%s", reason, err, where), e)
	case strings.EqualFold(e.Type, eventNotification):
		// It was for the mailer, not for us. Sending it again by ourselves would
		// go round in circles while the mailer is broken; an operator redrives it.
		return h.park(ctx, notifier, reason+" "+clip(dead.Outcome, maxID)+where, e)
	case !known:
		return h.park(ctx, "OnDeadLetter", reason+": no function takes this event type"+where, e)
	}
	ctx = logging.With(ctx, logging.Event, e.ID)
	one, cancel := context.WithTimeout(ctx, h.deadline)
	defer cancel()
	err = h.take(one, f, e)
	if outcomeFor(err) == ack {
		h.log.InfoContext(ctx, "dead letter handled", "function", f.name, "type", clip(e.Type, maxID), "reason", clip(dead.Reason, maxID))
		return nil
	}
	h.log.WarnContext(ctx, "dead letter not handled", "function", f.name, "error", err)
	return h.parkFor(ctx, f.name, fmt.Sprintf("%s: %s%s", reason, safeCause(err), where), err, e)
}
