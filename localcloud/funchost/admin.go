package funchost

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// serveAdmin answers the host's own administration, which needs the master key:
// POST functions/{name} runs a trigger function in the background, GET
// host/status says that the host runs.
func (h *Host) serveAdmin(w http.ResponseWriter, r *http.Request, path string) {
	if !h.hasKey(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if strings.EqualFold(path, "host/status") && r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"state": "Running", "version": hostVersion})
		return
	}
	name, ok := strings.CutPrefix(strings.ToLower(path), "functions/")
	f := h.functions[name]
	if !ok || f == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var body struct{ Input *string }
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&body) != nil || body.Input == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var data any = *body.Input
	if f.trigger.Type == eventGridTrigger {
		if !json.Valid([]byte(*body.Input)) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		data = json.RawMessage(*body.Input)
	}
	go func() { _ = h.Invoke(context.WithoutCancel(r.Context()), f.name, data) }() // logged there
	w.WriteHeader(http.StatusAccepted)
}
