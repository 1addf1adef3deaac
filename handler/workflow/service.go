package workflow

import (
	"context"
	"log/slog"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Config holds what a Service needs. All members are required.
type Config struct {
	Requests  Requests
	Registry  Registry
	Parked    ParkedEvents
	Blobs     Blobs
	Evidence  Evidence
	Signer    Signer
	Directory Directory
	Outbox    Outbox
	// Accounts names the core stage accounts.
	Accounts airlock.Accounts
	// BlobHost turns an account into the host of its blob endpoint, for the URLs
	// in deletion events.
	BlobHost func(account string) string
	// DeadLetters handles the events that Event Grid gave up on before a moment, as
	// many as one run may, and returns how many. Safe to repeat.
	DeadLetters func(ctx context.Context, before time.Time) (int, error)
	// Grace is how long the reconciler leaves a step to its event.
	Grace time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Service runs the use cases. It is safe for concurrent use, also by several
// processes. Its zero value is not usable; call New.
type Service struct {
	Config
	silent  silence
	running turnstile
	health  healthCache
	anchors *audit.AnchorLog
	daily   daily
}

// New panics on a missing dependency: that is a wiring mistake, not a run-time
// condition. It starts nothing.
func New(c Config) *Service {
	if c.Requests == nil || c.Registry == nil || c.Parked == nil || c.Blobs == nil || c.Evidence == nil || c.Signer == nil ||
		c.Directory == nil || c.Outbox == nil || c.Accounts == nil || c.BlobHost == nil || c.DeadLetters == nil || c.Grace <= 0 ||
		c.Now == nil || c.Log == nil {
		panic("workflow: missing dependency")
	}
	return &Service{Config: c, anchors: newAnchorLog(c)}
}

// accounts are the names of all stage accounts as one workspace sees them now. A
// request has its own, as they were when it was created.
func (s *Service) accounts(ws airlock.Workspace) airlock.Accounts {
	all := airlock.Accounts{}
	for stage, name := range s.Accounts {
		all[stage] = name
	}
	for _, stage := range airlock.WorkspaceStages {
		all[stage] = ws.Accounts[stage]
	}
	return all
}

// locate finds the workspace of a request. The hint, from an event, saves a
// look-up when it is right; when it is wrong the table decides.
func (s *Service) locate(ctx context.Context, hint airlock.WorkspaceID, id airlock.RequestID) (airlock.Workspace, error) {
	if hint == "" {
		found, err := s.Requests.WorkspaceOf(ctx, id)
		if err != nil {
			return airlock.Workspace{}, err
		}
		hint = found
	}
	return s.Registry.Workspace(ctx, hint)
}
