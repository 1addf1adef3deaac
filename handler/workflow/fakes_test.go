package workflow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// The fakes here stand for storage where a test needs what the emulator cannot
// be told to do: a row that cannot be read, a fault at one place, a clock that
// jumps over months. Beside that they do as the ports promise.

// row is a row of a listing, or the error in its place.
type row[T any] struct {
	value T
	err   error
}

func yielded[T any](ctx context.Context, rows []row[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, r := range rows {
			if err := ctx.Err(); err != nil {
				yield(r.value, err)
				return
			}
			if !yield(r.value, r.err) {
				return
			}
		}
	}
}

// junk is a store's answer about a row that it cannot read.
func junk() error {
	return &airlock.Fault{Kind: airlock.Operator, Code: airlock.UnreadableRow, Operation: "list", Account: "state", Err: errors.New("row x|junk: unknown column Y")}
}

// workspaces is the registry.
type workspaces struct {
	Registry
	rows []airlock.Workspace
	err  error // beside the rows
	puts []airlock.Workspace
	// current is a row that another instance wrote a moment ago.
	current    *airlock.Workspace
	currentErr error // beside the current row
	recording  sync.Mutex
	records    []audit.Record
	noRecords  error // nothing is recorded
}

func (w *workspaces) Record(_ context.Context, _ airlock.WorkspaceID, record audit.Record) error {
	if w.noRecords != nil {
		return w.noRecords
	}
	w.recording.Lock()
	defer w.recording.Unlock()
	w.records = append(w.records, record)
	return nil
}

func (w *workspaces) Workspace(_ context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	for _, ws := range w.rows {
		if ws.ID == id {
			return ws, nil
		}
	}
	return airlock.Workspace{}, airlock.ErrNoWorkspace
}

func (w *workspaces) CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	if w.current != nil {
		return *w.current, w.currentErr
	}
	ws, err := w.Workspace(ctx, id)
	return ws, errors.Join(err, w.currentErr)
}

func (w *workspaces) Workspaces(context.Context) ([]airlock.Workspace, error) { return w.rows, w.err }

func (w *workspaces) Put(_ context.Context, ws airlock.Workspace, _ audit.Record) (airlock.Workspace, error) {
	w.puts = append(w.puts, ws)
	return ws, nil
}

// logBuffer is the log, kept for a test to read.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) alerts(code string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.text.String(), "alert="+code)
}

// testBed is a Service with everything around it faked, at noon, with a workspace
// whose accounts are named as their stages.
type testBed struct {
	*Service
	t        *testing.T
	ws       airlock.Workspace
	table    *table
	registry *workspaces
	storage  *storage
	archive  *archive
	parked   *parkedRows
	logs     *logBuffer
	clock    time.Time
	letters  func(before time.Time) (int, error) // dead letters; none at first
}

// newTestBed returns a test bed whose table holds the requests of the changes.
func newTestBed(t *testing.T, changes ...*change) *testBed {
	b := &testBed{t: t, clock: noon, logs: &logBuffer{}, letters: func(time.Time) (int, error) { return 0, nil },
		table:   newTable(),
		storage: &storage{containers: map[string][]airlock.ContainerInfo{}, blobs: map[airlock.Container][]airlock.Blob{}, faults: map[string]error{}},
		archive: &archive{items: map[string]string{}, faults: map[string]error{}},
		parked:  &parkedRows{rows: map[string]airlock.Parked{}, broken: map[string]bool{}},
	}
	b.ws = submitted().ws
	b.ws.ID, b.ws.Accounts = submitted().Workspace, airlock.Accounts{}
	for _, stage := range airlock.WorkspaceStages {
		b.ws.Accounts[stage] = string(stage)
	}
	core := airlock.Accounts{}
	for _, stage := range airlock.CoreStages {
		core[stage] = string(stage)
	}
	b.registry = &workspaces{rows: []airlock.Workspace{b.ws}}
	for _, c := range changes {
		r := c.Clone()
		b.table.trails[c.ID] = trailOf(&r)
		b.table.put(r)
	}
	log := slog.New(slog.NewTextHandler(b.logs, nil))
	b.Service = New(Config{Requests: b.table, Registry: b.registry, Parked: b.parked, Blobs: b.storage, Evidence: b.archive, Inspector: inProcessInspector{}, Progress: &memoryProgress{}, Signer: testKey,
		Directory: nobody{}, Outbox: sentOutbox{}, Accounts: core,
		BlobHost: func(account string) string { return account }, Grace: 30 * time.Second, Now: func() time.Time { return b.clock }, Log: log,
		DeadLetters: func(_ context.Context, before time.Time) (int, error) { return b.letters(before) }})
	return b
}

func step(id string) airlock.Event {
	return airlock.Event{ID: id, Topic: airlock.TopicStatusChanged, Time: noon}
}

// sentOutbox is an outbox that always reaches its topics; package outbox has its own
// tests.
type sentOutbox struct{}

func (sentOutbox) Kick([]airlock.Event) {}

func (sentOutbox) Drain(_ context.Context, rows iter.Seq[airlock.Event]) (sent int, err error) {
	for range rows {
		sent++
	}
	return sent, nil
}

// nobody is a directory without people: in these tests none holds a role.
type nobody struct{}

func (nobody) Holds(context.Context, airlock.Workspace, airlock.UserID, airlock.Role) (bool, error) {
	return false, nil
}

func (nobody) Members(context.Context, airlock.Workspace, airlock.Role) ([]airlock.Person, error) {
	return nil, nil
}

// parkedRows is the table of parked events. Those that are broken cannot be read.
type parkedRows struct {
	rows   map[string]airlock.Parked
	broken map[string]bool
	down   error
}

func (p *parkedRows) Park(_ context.Context, e airlock.Parked) error {
	if _, there := p.rows[e.ID]; !there {
		p.rows[e.ID] = e
	}
	return p.down
}

func (p *parkedRows) ListParked(context.Context, int) ([]airlock.Parked, error) {
	return slices.Collect(maps.Values(p.rows)), p.down
}

func (p *parkedRows) CountParked(context.Context, int) (int, error) { return len(p.rows), p.down }

func (p *parkedRows) Parked(_ context.Context, id string) (airlock.Parked, error) {
	e, there := p.rows[id]
	switch {
	case !there:
		return airlock.Parked{}, airlock.ErrNotFound
	case p.broken[id]:
		return airlock.Parked{}, junk()
	}
	return e, p.down
}

func (p *parkedRows) Unpark(_ context.Context, id string) error {
	delete(p.rows, id)
	return nil
}

func (p *parkedRows) CanaryReturned(context.Context, string) error { return p.down }

// named is a request like c's with an id that ends in n.
func named(n int, c *change) *change {
	c.ID = airlock.RequestID(fmt.Sprintf("af89dccd-cdf8-4e47-8cfe-%012d", n))
	return c
}

// places are the first turn's containers in some stages.
func places(stages ...airlock.Stage) []airlock.Place {
	var out []airlock.Place
	for _, stage := range stages {
		out = append(out, airlock.Place{Stage: stage, Turn: 1})
	}
	return out
}
