package funchost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// serveWebhook answers /runtime/webhooks/{eventgrid,blobs}. Both take Event Grid's
// requests (HttpRequestProcessor.cs of azure-sdk-for-net).
func (h *Host) serveWebhook(w http.ResponseWriter, r *http.Request, extension string) {
	if !h.hasKey(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	trigger := map[string]string{"eventgrid": eventGridTrigger, "blobs": blobTrigger}[extension]
	name := strings.ToLower(r.URL.Query().Get("functionName"))
	if extension == "blobs" {
		name = strings.TrimPrefix(name, "host.functions.")
	}
	f := h.functions[name]
	if f == nil || f.trigger.Type != trigger {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if h.coldStart(f) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.Method {
	case http.MethodOptions:
		w.Header().Set("Webhook-Allowed-Origin", "eventgrid.azure.net")
	case http.MethodPost:
		h.serveEvents(w, r, f)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (h *Host) serveEvents(w http.ResponseWriter, r *http.Request, f *function) {
	body, err := readBody(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	events, err := splitEvents(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	switch strings.ToLower(r.Header.Get("aeg-event-type")) {
	case "subscriptionvalidation":
		answerValidation(w, events)
	case "notification":
		if f.trigger.Type == blobTrigger {
			err = h.blobs.add(f, events)
		} else {
			err = h.invokeEvents(r.Context(), f, events)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	case "unsubscribe":
		w.WriteHeader(http.StatusAccepted)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// splitEvents takes an array of events or a single one.
func splitEvents(body []byte) ([]json.RawMessage, error) {
	var events []json.RawMessage
	if json.Unmarshal(body, &events) == nil {
		return events, nil
	}
	var one map[string]json.RawMessage
	if err := json.Unmarshal(body, &one); err != nil || one == nil {
		return nil, errors.New("neither an event nor an array of events")
	}
	return []json.RawMessage{body}, nil
}

func answerValidation(w http.ResponseWriter, events []json.RawMessage) {
	var e struct {
		Data struct{ ValidationCode string }
	}
	if len(events) == 0 || json.Unmarshal(events[0], &e) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]string{"validationResponse": e.Data.ValidationCode})
}

// invokeEvents runs the function for every event at the same time, or once for
// all if it takes many, and waits for the end of all. One failure fails the batch.
func (h *Host) invokeEvents(ctx context.Context, f *function, events []json.RawMessage) error {
	if strings.EqualFold(f.trigger.Cardinality, "many") {
		e, err := f.batchEnvelope(events)
		if err != nil {
			return err
		}
		return h.invoke(ctx, f, e)
	}
	failures := make([]error, len(events))
	var running sync.WaitGroup
	for i, raw := range events {
		running.Go(func() {
			e, err := f.eventEnvelope(raw)
			if err == nil {
				err = h.invoke(ctx, f, e)
			}
			failures[i] = err
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("exception while executing function: %s: %w", f.name, err)
	}
	return nil
}
