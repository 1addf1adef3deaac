package events

import (
	"context"
	"encoding/json"
	"fmt"

	"example.org/airlock/handler/airlock"
)

// Redeliver handles a parked event again, as if it had just been delivered to
// its function. It returns nil when the event is done and may be forgotten, else
// the error in the way. It parks nothing.
func (h *Handler) Redeliver(ctx context.Context, p airlock.Parked) error {
	e, err := parseEvent(json.RawMessage(p.Event))
	if err != nil {
		return err
	}
	if e.Type == eventNotification {
		return h.renotify(ctx, e)
	}
	f, ok := functionFor(e.Type)
	if !ok {
		return malformed("no function takes the event type %s", clip(e.Type, maxID))
	}
	if err := h.take(ctx, f, e); outcomeFor(err) != ack {
		return fmt.Errorf("redeliver to %s: %w", f.name, err)
	}
	return nil
}

// renotify asks for a fresh notification. The old one is not sent again as it
// is: somebody who can write a dead letter must not be able to write our mails.
func (h *Handler) renotify(ctx context.Context, e event) error {
	var data struct {
		Request struct {
			ID     string         `json:"id"`
			Status airlock.Status `json:"status"`
		} `json:"request"`
		Workspace struct {
			ID string `json:"id"`
		} `json:"workspace"`
	}
	if err := e.decodeData(&data); err != nil {
		return err
	}
	ws, err := airlock.ParseWorkspaceID(data.Workspace.ID)
	if err != nil {
		return malformed("a notification without a workspace")
	}
	id, err := airlock.ParseRequestID(data.Request.ID)
	if err != nil || !data.Request.Status.Valid() {
		return malformed("a notification without a request or a status")
	}
	return h.service.Renotify(ctx, ws, id, data.Request.Status)
}
