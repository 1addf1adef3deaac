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
// jumps over months. What they do beside that is what the ports promise.

// table holds requests and the index rows a test puts there.
type table struct {
	Requests
	mu         sync.Mutex
	requests   map[airlock.RequestID]airlock.Request
	versions   map[airlock.RequestID]int
	records    []audit.Record
	trails     map[airlock.RequestID][]audit.Row
	events     []airlock.Event
	origins    map[airlock.RequestID]airlock.WorkspaceID // other than the request's own
	lost       []airlock.RequestID                       // by WorkspaceOf
	broken     map[airlock.RequestID]error               // by Load
	loads      int
	damaged    int
	due        []row[airlock.RequestID]
	registered int // calls of Register
	heads      []row[audit.HeadRow]
	outbox     []row[airlock.Event]
	anchored   []audit.HeadRow
	kept       []airlock.KeptVerdict
}

func (t *table) Verdicts(_ context.Context, _ airlock.WorkspaceID, _ airlock.RequestID, etag string) ([]airlock.KeptVerdict, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return ofETag(t.kept, etag), nil
}

func ofETag(kept []airlock.KeptVerdict, etag string) []airlock.KeptVerdict {
	return slices.DeleteFunc(slices.Clone(kept), func(k airlock.KeptVerdict) bool { return etag != "" && k.ETag != etag })
}

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

// junk is what a store says of a row that it cannot read.
func junk() error {
	return &airlock.Fault{Kind: airlock.Operator, Code: airlock.UnreadableRow, Operation: "list", Account: "state", Err: errors.New("row x|junk: unknown column Y")}
}

func (t *table) put(r airlock.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests[r.ID] = r.Clone()
}

func (t *table) get(id airlock.RequestID) airlock.Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.requests[id]
	return r.Clone()
}

// actions are those of the records written, in order.
func (t *table) actions() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	for _, r := range t.records {
		all = append(all, string(r.Action))
	}
	return all
}

func (t *table) Load(_ context.Context, ws airlock.WorkspaceID, id airlock.RequestID) (airlock.Request, airlock.Version, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.loads++
	if err := t.broken[id]; err != nil {
		return airlock.Request{}, "", err
	}
	r, ok := t.requests[id]
	if !ok || r.Workspace != ws {
		return airlock.Request{}, "", airlock.ErrNotFound
	}
	return r.Clone(), airlock.Version(fmt.Sprint(t.versions[id])), nil
}

func (t *table) Commit(_ context.Context, c audit.Commit) ([]airlock.Event, airlock.Version, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if made := c.Was == nil && t.versions[c.Request.ID] == 0; !made && string(c.Version) != fmt.Sprint(t.versions[c.Request.ID]) {
		return nil, "", airlock.ErrStale
	}
	t.versions[c.Request.ID]++
	t.requests[c.Request.ID] = c.Request.Clone()
	for _, sealed := range c.Records {
		t.records = append(t.records, sealed.Record)
		t.trails[c.Request.ID] = append(t.trails[c.Request.ID], rowOf(sealed))
	}
	t.events = append(t.events, c.Events...)
	t.kept = append(t.kept, c.Verdicts...)
	return c.Events, airlock.Version(fmt.Sprint(t.versions[c.Request.ID])), nil
}

func (t *table) WorkspaceOf(_ context.Context, id airlock.RequestID) (airlock.WorkspaceID, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.Contains(t.lost, id) {
		return "", airlock.ErrNotFound
	}
	if ws, ok := t.origins[id]; ok {
		return ws, nil
	}
	if r, ok := t.requests[id]; ok {
		return r.Workspace, nil
	}
	return "", airlock.ErrNotFound
}

func (t *table) Register(_ context.Context, id airlock.RequestID, ws airlock.WorkspaceID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.registered++
	t.origins[id] = ws
	return nil
}

func (t *table) List(_ context.Context, q airlock.Query) (airlock.Page, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var page airlock.Page
	for _, r := range t.requests {
		if r.Workspace == q.Workspace && (q.CreatedBy == "" || r.CreatedBy.ID == q.CreatedBy) && (q.Status == "" || r.Status == q.Status) {
			page.Requests = append(page.Requests, r.Clone())
		}
	}
	return page, nil
}

func (t *table) Due(ctx context.Context, _ airlock.WorkspaceID, _ time.Time) iter.Seq2[airlock.RequestID, error] {
	return yielded(ctx, t.due)
}

func (t *table) Overdue(context.Context, airlock.WorkspaceID) (int, error) { return 0, nil }
func (t *table) Damaged() int                                              { return t.damaged }

func (t *table) Unanchored(ctx context.Context, _ airlock.WorkspaceID) iter.Seq2[audit.HeadRow, error] {
	return yielded(ctx, t.heads)
}

func (t *table) Heads(context.Context, airlock.WorkspaceID) iter.Seq2[audit.HeadRow, error] {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := []row[audit.HeadRow]{}
	for _, r := range t.requests {
		rows = append(rows, row[audit.HeadRow]{value: audit.HeadRow{TrailID: audit.TrailOf(r), Head: r.Chain}, err: t.broken[r.ID]})
	}
	return yielded(context.Background(), rows)
}

func (t *table) Trail(_ context.Context, _ airlock.WorkspaceID, id airlock.RequestID) ([]audit.Row, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.trails[id]), nil
}

func (t *table) Anchored(_ context.Context, rows []audit.HeadRow) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.anchored = append(t.anchored, rows...)
	return nil
}

func (t *table) Unpublished(ctx context.Context, _ airlock.WorkspaceID, _ time.Time) iter.Seq2[airlock.Event, error] {
	return yielded(ctx, t.outbox)
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

// book is the log, kept for a test to read.
type book struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) alerts(code string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.text.String(), "alert="+code)
}

// bench is a Service with everything around it faked, at noon, with a workspace
// whose accounts are named as their stages.
type bench struct {
	*Service
	t        *testing.T
	ws       airlock.Workspace
	table    *table
	registry *workspaces
	storage  *storage
	archive  *archive
	parked   *parkedRows
	book     *book
	clock    time.Time
	letters  func(before time.Time) (int, error) // dead letters; none at first
}

// newBench returns a bench whose table holds the requests of the changes.
func newBench(t *testing.T, changes ...*change) *bench {
	b := &bench{t: t, clock: noon, book: &book{}, letters: func(time.Time) (int, error) { return 0, nil },
		table: &table{requests: map[airlock.RequestID]airlock.Request{}, trails: map[airlock.RequestID][]audit.Row{}, versions: map[airlock.RequestID]int{},
			origins: map[airlock.RequestID]airlock.WorkspaceID{}, broken: map[airlock.RequestID]error{}},
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
	log := slog.New(slog.NewTextHandler(b.book, nil))
	b.Service = New(Config{Requests: b.table, Registry: b.registry, Parked: b.parked, Blobs: b.storage, Evidence: b.archive, Signer: testKey,
		Directory: nobody{}, Outbox: posted{}, Accounts: core,
		BlobHost: func(account string) string { return account }, Grace: 30 * time.Second, Now: func() time.Time { return b.clock }, Log: log,
		DeadLetters: func(_ context.Context, before time.Time) (int, error) { return b.letters(before) }})
	return b
}

func step(id string) airlock.Event {
	return airlock.Event{ID: id, Topic: airlock.TopicStatusChanged, Time: noon}
}

// posted is an outbox that always reaches its topics; package outbox has its own
// tests.
type posted struct{}

func (posted) Kick([]airlock.Event) {}

func (posted) Drain(_ context.Context, rows iter.Seq[airlock.Event]) (sent int, err error) {
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
