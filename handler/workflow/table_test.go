package workflow

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow/storetest"
)

// table holds requests and the index rows a test puts there. As a store of requests it
// does what the real one does (package storetest); beside that a test breaks what the
// emulator cannot be told to break.
type table struct {
	Requests
	mu         sync.Mutex
	requests   map[airlock.RequestID]*airlock.Request
	versions   map[airlock.RequestID]int
	records    []audit.Record // of all requests, as they were written
	trails     map[airlock.RequestID][]audit.Row
	events     []airlock.Event
	kept       []keptRow
	turns      map[airlock.RequestID][]airlock.EndedTurn
	comments   map[airlock.RequestID][]airlock.Comment
	origins    map[airlock.RequestID]airlock.WorkspaceID // other than the request's own
	lost       []airlock.RequestID                       // by WorkspaceOf
	broken     map[airlock.RequestID]error               // by Load
	fits       func(airlock.Request) bool                // nil: everything fits
	loads      int
	damaged    int
	due        []row[airlock.RequestID]
	registered int // calls of Register
	heads      []row[audit.HeadRow]
	outbox     []row[airlock.Event]
	anchored   []audit.HeadRow
}

// keptRow is a verdict that is not in force, and whose.
type keptRow struct {
	request airlock.RequestID
	airlock.KeptVerdict
}

func newTable() *table {
	return &table{requests: map[airlock.RequestID]*airlock.Request{}, versions: map[airlock.RequestID]int{}, trails: map[airlock.RequestID][]audit.Row{},
		turns: map[airlock.RequestID][]airlock.EndedTurn{}, comments: map[airlock.RequestID][]airlock.Comment{},
		origins: map[airlock.RequestID]airlock.WorkspaceID{}, broken: map[airlock.RequestID]error{}}
}

func TestTheTableDoesWhatAStoreDoes(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Requests { return newTable() })
}

func (t *table) put(r airlock.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set(r)
}

// set stores a request where the one before it is: a test may hold on to it.
func (t *table) set(r airlock.Request) *airlock.Request {
	if t.requests[r.ID] == nil {
		t.requests[r.ID] = &airlock.Request{}
	}
	*t.requests[r.ID] = r.Clone()
	return t.requests[r.ID]
}

func (t *table) get(id airlock.RequestID) airlock.Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.requests[id]; r != nil {
		return r.Clone()
	}
	return airlock.Request{}
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

func (t *table) version(id airlock.RequestID) airlock.Version {
	return airlock.Version(fmt.Sprint(t.versions[id]))
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
	return r.Clone(), t.version(id), nil
}

func (t *table) Commit(_ context.Context, c audit.Commit) ([]airlock.Event, airlock.Version, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := c.Request.ID
	_, there := t.requests[id]
	switch {
	case t.fits != nil && !t.fits(c.Request):
		return nil, "", airlock.ErrTooLarge
	case c.Was == nil && there:
		return nil, "", airlock.ErrExists
	case c.Was != nil && (!there || c.Version != t.version(id)):
		return nil, "", airlock.ErrStale
	}
	t.versions[id]++
	t.set(c.Request)
	for _, sealed := range c.Records {
		t.records = append(t.records, sealed.Record)
		t.trails[id] = append(t.trails[id], rowOf(sealed))
	}
	t.events = append(t.events, c.Events...)
	for _, k := range c.Verdicts {
		t.kept = slices.DeleteFunc(t.kept, func(old keptRow) bool { return old.request == id && old.Same(k) })
		t.kept = append(t.kept, keptRow{id, k})
	}
	if c.Turn != nil {
		t.turns[id] = append(t.turns[id], *c.Turn)
	}
	if c.Comment != nil {
		t.comments[id] = slices.DeleteFunc(t.comments[id], func(old airlock.Comment) bool { return old.Number == c.Comment.Number })
		t.comments[id] = append(t.comments[id], *c.Comment)
		slices.SortFunc(t.comments[id], func(a, b airlock.Comment) int { return cmp.Compare(a.Number, b.Number) })
	}
	return c.Events, t.version(id), nil
}

func (t *table) Verdicts(_ context.Context, _ airlock.WorkspaceID, id airlock.RequestID, etag string) ([]airlock.KeptVerdict, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []airlock.KeptVerdict
	for _, k := range t.kept {
		if k.request == id && (etag == "" || k.ETag == etag) {
			all = append(all, k.KeptVerdict)
		}
	}
	return all, nil
}

func (t *table) Turns(_ context.Context, _ airlock.WorkspaceID, id airlock.RequestID) ([]airlock.EndedTurn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.turns[id]), nil
}

func (t *table) Comments(_ context.Context, _ airlock.WorkspaceID, id airlock.RequestID) ([]airlock.Comment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.comments[id]), nil
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

func (t *table) Register(_ context.Context, id airlock.RequestID, ws airlock.WorkspaceID) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.registered++
	_, known := t.origins[id]
	t.origins[id] = ws
	return known, nil
}

func (t *table) List(_ context.Context, q airlock.Query) (airlock.Page, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var page airlock.Page
	for _, r := range t.requests {
		if r.Workspace == q.Workspace && (q.CreatedBy == "" || r.CreatedBy.ID == q.CreatedBy) && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, r.Status)) {
			page.Requests = append(page.Requests, r.Clone())
		}
	}
	return page, nil
}

func (t *table) Due(ctx context.Context, _ airlock.WorkspaceID, _ time.Time) iter.Seq2[airlock.RequestID, error] {
	return yielded(ctx, t.due)
}

func (t *table) SeenIn(_ context.Context, ws airlock.WorkspaceID, sha256 string, most int) (ids []airlock.RequestID, err error) {
	for id, r := range t.requests {
		if r.Workspace == ws && len(ids) < most && slices.ContainsFunc(r.Files, func(f airlock.File) bool { return f.SHA256 == sha256 }) {
			ids = append(ids, id)
		}
	}
	return ids, nil
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
		rows = append(rows, row[audit.HeadRow]{value: audit.HeadRow{TrailID: audit.TrailOf(*r), Head: r.Chain}, err: t.broken[r.ID]})
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
