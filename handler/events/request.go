package events

import (
	"strings"

	"example.org/airlock/handler/airlock"
)

// requestHint is the part of an event of our own topics that names its request.
type requestHint struct {
	RequestID string `json:"request_id"`
	// Workspace is the full workspace id. The contract's workspace_id holds only
	// its last four characters, which name nothing.
	Workspace string `json:"workspace"`
}

// hintOf returns which request an event of one of our own topics is about: by its data,
// else by the beginning of its subject.
func hintOf(e event) (airlock.Hint, error) {
	var h requestHint
	_ = e.decodeData(&h) // the subject says it too
	ws, err := airlock.ParseWorkspaceID(h.Workspace)
	if err != nil {
		ws = ""
	}
	for _, candidate := range []string{h.RequestID, firstSegment(e.Subject)} {
		if id, err := airlock.ParseRequestID(candidate); err == nil {
			return airlock.Hint{Workspace: ws, Request: id, Event: e.ID, Because: e.because()}, nil
		}
	}
	return airlock.Hint{}, malformed("%s names no request", clip(e.Type, maxID))
}

func firstSegment(subject string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(subject, "/"), "/")
	return first
}
