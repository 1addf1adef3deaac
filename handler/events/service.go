package events

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// Service is the part of the workflow that deliveries call. All of it is safe to repeat
// and to call concurrently. Errors are judged by the table in delivery.go.
type Service interface {
	// Heed looks at the request that an event is about and does what its state calls
	// for. It returns airlock.ErrNotFound for an unknown request.
	Heed(ctx context.Context, h airlock.Hint) error
	// ScanResult records a verdict where it belongs to a sealed file, and advances.
	ScanResult(ctx context.Context, h airlock.ScanHint) error
	// Renotify tells people again that a request reached a status, if it is still
	// in that status. It is asked only when an operator redrives a notification.
	Renotify(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, status airlock.Status) error
	// Park keeps an event that cannot be handled, audits it and raises an alert.
	// An event with the same ID is kept once.
	Park(ctx context.Context, p airlock.Parked) error
	// CanaryReturned notes that a canary event came back. One that nobody sent is
	// airlock.ErrNotFound.
	CanaryReturned(ctx context.Context, id string) error
	// Reconcile does all work that is due in all workspaces.
	Reconcile(ctx context.Context) error
}
