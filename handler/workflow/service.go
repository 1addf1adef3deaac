package workflow

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// Config holds a Service's dependencies. All members are required.
type Config struct {
	Requests  Requests
	Registry  Registry
	Parked    ParkedEvents
	Blobs     Blobs
	Evidence  Evidence
	Inspector Inspector
	Progress  Progress
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
	config Config
	silent silentScanners
	// unclaimed counts the containers that the last sweep of this process found no
	// request for.
	unclaimed atomic.Int64
	running   turnstile
	recent    recent
	next      chan airlock.RequestID // that somebody should go on with
	health    healthCache
	anchors   *audit.AnchorLog
	daily     daily
	submits   hourly // of each person
	excerpts  hourly // of each person
	full      hourly // creates that found no room
	seen      seenHeads
}

// New panics on a missing dependency, which is a wiring mistake, not a run-time
// condition. It starts nothing.
func New(c Config) *Service {
	if c.Requests == nil || c.Registry == nil || c.Parked == nil || c.Blobs == nil || c.Evidence == nil || c.Inspector == nil || c.Progress == nil || c.Signer == nil ||
		c.Directory == nil || c.Outbox == nil || c.Accounts == nil || c.BlobHost == nil || c.DeadLetters == nil || c.Grace <= 0 ||
		c.Now == nil || c.Log == nil {
		panic("workflow: missing dependency")
	}
	return &Service{config: c, anchors: newAnchorLog(c), next: make(chan airlock.RequestID, backgroundLength)}
}

// accounts are the names of all stage accounts as one workspace sees them now. A
// request has its own, as they were when it was created.
func (s *Service) accounts(ws airlock.Workspace) airlock.Accounts {
	all := airlock.Accounts{}
	for stage, name := range s.config.Accounts {
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
		found, err := s.config.Requests.WorkspaceOf(ctx, id)
		if err != nil {
			return airlock.Workspace{}, err
		}
		hint = found
	}
	return s.config.Registry.Workspace(ctx, hint)
}

// Workspaces lists the registry. A row that is no valid workspace is left out: it
// must not take the list from all others. The reconciler raises the alert.
func (s *Service) Workspaces(ctx context.Context) ([]airlock.Workspace, error) {
	all, err := s.config.Registry.Workspaces(ctx)
	if unreadable(err) {
		return all, nil
	}
	return all, err
}

// newAnchorLog is the log of anchors in the evidence account.
func newAnchorLog(c Config) *audit.AnchorLog {
	return &audit.AnchorLog{
		Append: func(ctx context.Context, name string, body []byte) error {
			return c.Evidence.Append(ctx, anchorsContainer, name, body)
		},
		Read: func(ctx context.Context, name string) ([]byte, error) {
			return c.Evidence.Read(ctx, anchorsContainer, name)
		},
		Sign: c.Signer.Sign,
		Key:  c.Signer.PublicKey,
		Damaged: func(ctx context.Context, passed []audit.PassedOver) {
			c.Log.ErrorContext(ctx, "the log of anchors goes on behind what is no entry of it", "alert", logging.EvidencePlanted,
				"from", passed[0].Seq, "to", passed[len(passed)-1].Seq)
		},
	}
}

// Report says what one run of the reconciler did.
type Report struct {
	Workspaces int `json:"workspaces"`
	Advanced   int `json:"advanced"`  // requests that were due and looked after
	Published  int `json:"published"` // events that had stayed in the outbox
	Anchored   int `json:"anchored"`  // chain heads written to the anchor log
	// Missing counts chain heads that were in neither the log nor the list of what is to
	// be anchored, and were anchored now: only the daily run looks for them.
	Missing int `json:"missing"`
	// DeadLetters counts letters of events that nobody could deliver: each was
	// handled or parked, and removed.
	DeadLetters int `json:"deadLetters"`
	Failed      int `json:"failed"` // things to be tried again
}

// Health is the state that operators and monitors may see without a token: no ids, no
// names of people or files.
type Health struct {
	StorageReachable bool
	// OldestUnpublished is the age of the oldest event in the outbox.
	OldestUnpublished time.Duration
	// Overdue counts requests past the deadline of their status.
	Overdue int
	// Parked counts parked events; from a thousand on, no further.
	Parked int
	// ScanSilent counts the in-progress accounts that owe verdicts, as this process
	// knows; the log names them.
	ScanSilent int
	// Damaged counts rows of the state that are not to be believed, as this process
	// knows; the log names them.
	Damaged int
	// Unclaimed counts containers that no request claims, as the last sweep of this
	// process found; the log names them.
	Unclaimed int
}

// healthCache keeps an answer for a few seconds: the route needs no token, and
// must not let strangers make storage calls.
type healthCache struct {
	mu    sync.Mutex
	at    time.Time
	value Health
}

// daily remembers the daily sweep. It belongs to this process alone: sweeping
// twice does no harm.
type daily struct {
	mu    sync.Mutex
	done  string // the day of the last complete sweep
	tried time.Time
}
