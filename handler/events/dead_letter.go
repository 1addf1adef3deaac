package events

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"example.org/airlock/handler/logging"
)

// deadLetter is what Event Grid adds to an event it gave up on. CloudEvents have
// the names in lower case; encoding/json matches both.
type deadLetter struct {
	Reason  string `json:"deadLetterReason"`
	Outcome string `json:"lastDeliveryOutcome"`
}

// onDeadLetter handles every event in a dead-letter blob as if it had been
// delivered to its function. What fails now is parked at once: the blob
// trigger's own retries end in a queue that nobody reads. It returns an error
// only when parking fails, so that the host tries the blob again.
func (h *Handler) onDeadLetter(ctx context.Context, env envelope) error {
	blob := blobBytes(env.binding("blob"))
	where := blobName(env)
	events, ok := splitEvents(blob)
	if !ok {
		return h.park(ctx, "OnDeadLetter", "a dead-letter blob that is not JSON"+where, event{Raw: blob})
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
	return h.park(ctx, f.name, fmt.Sprintf("%s: %s%s", reason, safeCause(err), where), e)
}

// blobName says which dead-letter blob it is, for the person who looks it up.
func blobName(env envelope) string {
	if name := clip(text(env.Metadata["name"]), 300); name != "" {
		return " (blob " + name + ")"
	}
	return ""
}
