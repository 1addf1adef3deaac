package workflow

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

// memoryContainer is one container.
type memoryContainer struct {
	blobs map[string]airlock.Blob
	made  time.Time
}

// memoryBlobs are the stage accounts, in memory: real storage cannot play another instance
// between two lines of a step on cue. The stories and the chaos runs use it.
type memoryBlobs struct {
	Blobs
	mu       sync.Mutex
	at       map[airlock.Container]*memoryContainer
	now      func() time.Time
	onCopy   func(airlock.CopyOrder) error // before a copy, if set
	onCopied func(airlock.CopyOrder)       // after a copy, if set
	onList   func(airlock.Container)       // after a listing was read, if set
	keeps    string                        // an account that refuses deletions
	halfway  bool                          // hashing never comes to the end
	tags     map[string]airlock.ScanTag
}

func (s *memoryBlobs) ScanTags(context.Context, airlock.Container) (map[string]airlock.ScanTag, error) {
	return s.tags, nil
}

func (s *memoryBlobs) CreateContainer(_ context.Context, c airlock.Container) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at[c] == nil {
		s.at[c] = &memoryContainer{blobs: map[string]airlock.Blob{}, made: s.now()}
	}
	return nil
}

func (s *memoryBlobs) DeleteContainer(_ context.Context, c airlock.Container, asOf time.Time) (airlock.Removal, error) {
	if c.Account == s.keeps {
		return "", &airlock.Fault{Kind: airlock.Operator, Code: "AuthorizationFailure", Operation: "delete container", Account: c.Account}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch l := s.at[c]; {
	case l == nil:
		return airlock.Absent, nil
	case l.made.After(asOf):
		return airlock.Kept, nil
	}
	delete(s.at, c)
	return airlock.Removed, nil
}

func (s *memoryBlobs) List(_ context.Context, c airlock.Container, _ int) (all []airlock.Blob, err error) {
	if s.at[c] == nil {
		return nil, airlock.ErrGone
	}
	for _, b := range s.at[c].blobs {
		all = append(all, b)
	}
	if s.onList != nil {
		s.onList(c)
	}
	return all, nil
}

func (s *memoryBlobs) Copy(_ context.Context, o airlock.CopyOrder, p airlock.CopyProgress) (airlock.CopyProgress, airlock.Copied, error) {
	if s.onCopy != nil {
		if err := s.onCopy(o); err != nil {
			return p, airlock.Copied{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at[o.To] == nil {
		return p, airlock.Copied{}, &airlock.Fault{Kind: airlock.Transient, Code: "ContainerNotFound", Operation: "copy blob", Account: o.To.Account}
	}
	b := airlock.Blob{Name: o.Name, Size: o.Size, ETag: "copy of " + o.SourceETag, Source: o.SourceETag}
	s.at[o.To].blobs[o.Name] = b
	if s.onCopied != nil {
		s.onCopied(o)
	}
	return p, airlock.Copied{ETag: b.ETag, CRC64: sum(7), Made: true}, nil
}

func (s *memoryBlobs) Hash(_ context.Context, _ airlock.Container, _ string, _ int64, p airlock.HashProgress) (airlock.HashProgress, string, error) {
	p.CRC64 = *sum(7)
	if p.Offset++; s.halfway {
		return p, "", nil
	}
	return p, "ab", nil
}

// oneWorkspace is a registry of one.
type oneWorkspace struct {
	Registry
	ws airlock.Workspace
}

func (o *oneWorkspace) Workspace(context.Context, airlock.WorkspaceID) (airlock.Workspace, error) {
	return o.ws, nil
}

func (o *oneWorkspace) Workspaces(context.Context) ([]airlock.Workspace, error) {
	return []airlock.Workspace{o.ws}, nil
}

// noEvidence takes everything and keeps nothing.
type noEvidence struct{ Evidence }

func (noEvidence) Append(context.Context, string, string, []byte) error { return nil }

func (noEvidence) Names(context.Context, string, string) iter.Seq2[string, error] {
	return func(func(string, error) bool) {}
}

// scene is a service around one request, with a clock to be set by hand.
type scene struct {
	*Service
	*table
	*memoryBlobs
	*oneWorkspace
	row   *airlock.Request // as it is stored now
	clock time.Time
}

// sceneOf puts the request's files where its status says.
func sceneOf(c *change) *scene {
	trail := trailOf(&c.Request)
	sc := &scene{table: newTable(), oneWorkspace: &oneWorkspace{ws: c.ws}, clock: noon.Add(time.Hour)}
	sc.row, sc.trails[c.ID] = sc.set(c.Request), trail
	now := func() time.Time { return sc.clock }
	sc.memoryBlobs = &memoryBlobs{at: map[airlock.Container]*memoryContainer{}, now: now}
	core := airlock.Accounts{}
	sc.ws.ID, sc.ws.Accounts = c.Workspace, airlock.Accounts{}
	for _, stage := range airlock.CoreStages {
		core[stage] = string(stage)
	}
	for _, stage := range airlock.WorkspaceStages {
		sc.ws.Accounts[stage] = string(stage)
	}
	quiet := slog.New(slog.DiscardHandler)
	sc.Service = &Service{config: Config{Requests: sc.table, Registry: sc.oneWorkspace, Blobs: sc.memoryBlobs, Evidence: noEvidence{}, Signer: testKey,
		Accounts: core, Grace: 30 * time.Second, BlobHost: func(account string) string { return account }, Log: quiet, Now: now,
		Outbox: sentOutbox{}}}
	if source, ok := c.Source(); ok {
		con := airlock.Container{Account: string(source), Name: airlock.ContainerName(c.ID)}
		sc.at[con] = &memoryContainer{blobs: map[string]airlock.Blob{}, made: noon}
		for _, f := range c.Files {
			sc.at[con].blobs[f.Name] = airlock.Blob{Name: f.Name, Size: f.Size, ETag: f.InProgressETag}
		}
	}
	return sc
}

func (sc *scene) advance(ctx context.Context) error {
	return sc.Advance(ctx, sc.ws.ID, sc.row.ID, "test")
}
