package events

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// Service is what deliveries ask of the workflow. All of it is safe to repeat
// and to call concurrently. Errors are judged by the table in delivery.go.
type Service interface {
	// Advance looks at a request and does what its state calls for. ws is a hint
	// and may be "" or wrong. because names the delivery (event type, blank, event
	// id) for records and logs. It returns airlock.ErrNotFound for an unknown request.
	Advance(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, because string) error
	// ScanResult records a verdict where it belongs to a sealed file, and advances.
	ScanResult(ctx context.Context, h airlock.ScanHint) error
	// DataDeletion deletes a request's container in an account if the request's
	// state says that it is to go.
	DataDeletion(ctx context.Context, account string, id airlock.RequestID) error
	// Renotify tells people again that a request reached a status, if it is still
	// in that status. It is asked only when an operator redrives a notification.
	Renotify(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, status airlock.Status) error
	// Park keeps an event that cannot be handled, audits it and raises an alert.
	// An event with the same ID is kept once.
	Park(ctx context.Context, p airlock.Parked) error
	// CanaryReturned notes that a canary event came back. One that nobody sent is
	// airlock.ErrNotFound.
	CanaryReturned(ctx context.Context, id string) error
	// Reconcile does whatever is due in all workspaces.
	Reconcile(ctx context.Context) error
}
