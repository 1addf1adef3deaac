package httpapi_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/doctor"
	"example.org/airlock/handler/workflow"
)

// fakeService gives a test's answers and notes its calls. These
// tests are about the edge: which call reaches the service with which arguments,
// and what becomes of its answers and errors. Some of those errors (a lost race,
// a part that is down) cannot be had from the real service on cue. The real one
// stands behind this edge in the stories.
type fakeService struct {
	mu      sync.Mutex
	asked   []string
	who     airlock.Principal
	query   airlock.Query
	created workflow.NewRequest
	review  workflow.ReviewInput
	reason  string
	tag     string
	file    string
	people  airlock.Contacts
	seen    map[string][]workflow.Earlier
	managed []airlock.Request // nil: requests
	put     airlock.Workspace
	queries []airlock.Query

	err        error
	putErr     error
	request    airlock.Request
	page       func(airlock.Query) airlock.Page
	link       workflow.Link
	trail      workflow.Trail
	raw        []byte
	requests   []airlock.Request
	workspaces []airlock.Workspace
	health     workflow.Health
	parked     []airlock.Parked
	keys       []airlock.PublicKey
	evidence   workflow.ReleaseEvidence
	accepted   workflow.Acceptance
	simulated  workflow.Simulation
	findings   []workflow.GateFindings
	word       workflow.GateWord
}

func (f *fakeService) note(p airlock.Principal, format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked, f.who = append(f.asked, fmt.Sprintf(format, args...)), p
	return f.err
}

func (f *fakeService) one(p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, verb string) (airlock.Request, error) {
	err := f.note(p, "%s %s %s", verb, ws.ID, id)
	return f.request, err
}

func (f *fakeService) Refused(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, action airlock.Action, rule string) error {
	return f.note(p, "refused %s %s %s %s", action, ws.ID, id, rule)
}

func (f *fakeService) Create(_ context.Context, p airlock.Principal, ws airlock.Workspace, in workflow.NewRequest) (airlock.Request, error) {
	f.created = in
	r, err := f.one(p, ws, "", "create")
	r.Type, r.Title, r.Justification = in.Type, in.Title, in.Justification
	return r, err
}

func (f *fakeService) Get(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	return f.one(p, ws, id, "get")
}

func (f *fakeService) WorkspaceHistory(_ context.Context, p airlock.Principal, ws airlock.Workspace) (workflow.Trail, error) {
	return f.trail, f.note(p, "history %s", ws.ID)
}

func (f *fakeService) AcceptWorkspace(_ context.Context, p airlock.Principal, id airlock.WorkspaceID, look bool, digest *string) (workflow.Acceptance, error) {
	named := "any"
	if digest != nil {
		named = *digest
	}
	return f.accepted, f.note(p, "accept %s look=%t %s", id, look, named)
}

func (f *fakeService) Simulate(_ context.Context, p airlock.Principal, id airlock.WorkspaceID, draft airlock.Policy, last int) (workflow.Simulation, error) {
	return f.simulated, f.note(p, "simulate %s gates=%d last=%d", id, len(draft.Gates.Export), last)
}

func (f *fakeService) SealRows(_ context.Context, p airlock.Principal, unanchored bool) (workflow.SealReport, error) {
	return workflow.SealReport{Requests: 2, Left: []string{"x"}, Done: true}, f.note(p, "seal unanchored=%t", unanchored)
}

func (f *fakeService) List(_ context.Context, p airlock.Principal, ws airlock.Workspace, q airlock.Query) (airlock.Page, error) {
	err := f.note(p, "list %s", ws.ID)
	f.query, f.queries = q, append(f.queries, q)
	if f.page == nil {
		return airlock.Page{Requests: f.requests}, err
	}
	return f.page(q), err
}

func (f *fakeService) Submit(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
	f.tag = tag
	return f.one(p, ws, id, "submit")
}

func (f *fakeService) Cancel(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
	f.tag = tag
	return f.one(p, ws, id, "cancel")
}

func (f *fakeService) Retry(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
	f.tag = tag
	return f.one(p, ws, id, "retry")
}

func (f *fakeService) Review(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in workflow.ReviewInput, tag string) (airlock.Request, error) {
	f.tag, f.review = tag, in
	return f.one(p, ws, id, "review")
}

func (f *fakeService) Revoke(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, reason, tag string) (airlock.Request, error) {
	f.tag, f.reason = tag, reason
	return f.one(p, ws, id, "revoke")
}

func (f *fakeService) GiveUp(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, reason, tag string) (airlock.Request, error) {
	f.tag, f.reason = tag, reason
	return f.one(p, ws, id, "give-up")
}

func (f *fakeService) Link(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, file string) (workflow.Link, error) {
	f.file = file
	_, err := f.one(p, ws, id, "link")
	return f.link, err
}

func (f *fakeService) EditRequest(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, _ workflow.Edit, tag string) (airlock.Request, error) {
	f.tag = tag
	return f.one(p, ws, id, "edit")
}

func (f *fakeService) Claim(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	return f.one(p, ws, id, "claim")
}

func (f *fakeService) Unclaim(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	return f.one(p, ws, id, "unclaim")
}

func (f *fakeService) Comment(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in workflow.NewComment) (airlock.Request, airlock.Comment, error) {
	r, err := f.one(p, ws, id, "comment")
	return r, airlock.Comment{ID: "c0c0c0c0-0000-4000-8000-000000000001", By: p, Text: in.Text, Visibility: in.Visibility}, err
}

func (f *fakeService) ReadComments(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.Comment, error) {
	r, err := f.one(p, ws, id, "comments")
	return r, nil, err
}

func (f *fakeService) Retract(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, comment string) (airlock.Request, airlock.Comment, error) {
	r, err := f.one(p, ws, id, "retract")
	return r, airlock.Comment{ID: comment, By: p, Visibility: airlock.ForEveryone}, err
}

func (f *fakeService) Files(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, bool, error) {
	r, err := f.one(p, ws, id, "files")
	return r, r.Status.Open(), err
}

func (f *fakeService) Seen(_ context.Context, p airlock.Principal, _ airlock.Workspace, r airlock.Request) (map[string][]workflow.Earlier, error) {
	return f.seen, f.note(p, "seen %s", r.ID)
}

func (f *fakeService) Find(_ context.Context, p airlock.Principal, id airlock.RequestID) (airlock.WorkspaceID, error) {
	return f.request.Workspace, f.note(p, "find %s", id)
}

func (f *fakeService) People(_ context.Context, p airlock.Principal, ws airlock.Workspace) (airlock.Contacts, error) {
	return f.people, f.note(p, "people %s", ws.ID)
}

func (f *fakeService) Findings(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []workflow.GateFindings, error) {
	r, err := f.one(p, ws, id, "findings")
	return r, f.findings, err
}

func (f *fakeService) Excerpt(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, at workflow.ExcerptAt) (workflow.Excerpt, error) {
	return workflow.Excerpt{Offset: 5, Bytes: f.raw}, f.note(p, "excerpt %s %s %+v", ws.ID, id, at)
}

func (f *fakeService) GateTask(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string) (airlock.Request, airlock.GateRun, error) {
	r, err := f.one(p, ws, id, "task "+gate)
	if len(r.Gates) == 0 {
		return r, airlock.GateRun{}, err
	}
	return r, r.Gates[0], err
}

func (f *fakeService) GateLink(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string) (workflow.Link, error) {
	return f.link, f.note(p, "gate link %s %s %s", ws.ID, id, gate)
}

func (f *fakeService) GateSpeaks(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string, say func(airlock.Request) (workflow.GateWord, error)) (airlock.Request, error) {
	r, err := f.one(p, ws, id, "speaks "+gate)
	if err == nil {
		f.word, err = say(r)
	}
	return r, err
}

func (f *fakeService) Turns(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.EndedTurn, error) {
	r, err := f.one(p, ws, id, "turns")
	return r, nil, err
}

func (f *fakeService) History(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (workflow.Trail, error) {
	_, err := f.one(p, ws, id, "history")
	return f.trail, err
}

func (f *fakeService) Receipt(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) ([]byte, error) {
	_, err := f.one(p, ws, id, "receipt")
	return f.raw, err
}

func (f *fakeService) ExportEvidence(_ context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID,
	render func(workflow.ReleaseEvidence) ([]audit.Document, error)) ([]audit.Document, error) {
	if _, err := f.one(p, ws, id, "evidence"); err != nil {
		return nil, err
	}
	return render(f.evidence)
}

func (f *fakeService) Mine(_ context.Context, p airlock.Principal, q airlock.Query) ([]airlock.Request, error) {
	f.query = q
	return f.requests, f.note(p, "mine")
}

func (f *fakeService) Managed(_ context.Context, p airlock.Principal, q airlock.Query) ([]airlock.Request, error) {
	f.query = q
	if f.managed != nil {
		return f.managed, f.note(p, "managed")
	}
	return f.requests, f.note(p, "managed")
}

func (f *fakeService) Workspaces(context.Context) ([]airlock.Workspace, error) {
	return f.workspaces, f.err
}

// Workspace is the registry's part.
func (f *fakeService) Workspace(_ context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, "look up "+string(id))
	for _, w := range f.workspaces {
		if w.ID == id {
			return w, nil
		}
	}
	return airlock.Workspace{}, airlock.ErrNoWorkspace
}

func (f *fakeService) CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	return f.Workspace(ctx, id)
}

func (f *fakeService) PutWorkspace(_ context.Context, p airlock.Principal, w airlock.Workspace) (airlock.Workspace, error) {
	if f.putErr != nil {
		return airlock.Workspace{}, f.putErr
	}
	// As the store does.
	wrong := w.Check(airlock.Reserved{Audience: coreAudience, Accounts: map[string]string{"stalimexlocal": "the core's", "stalstatelocal": "the service's own"}})
	for _, other := range f.workspaces {
		if other.ID != w.ID {
			wrong = append(wrong, w.Clashes(other)...)
		}
	}
	if len(wrong) > 0 {
		return airlock.Workspace{}, &airlock.InvalidError{Violations: wrong}
	}
	f.put = w
	w.PolicyVersion, w.ETag = 8, "Vy8iZGF0ZXRpbWUnMjAyNy0wMS0wMiciIg"
	return w, f.note(p, "put %s", w.ID)
}

func (f *fakeService) Health(context.Context) workflow.Health { return f.health }

func (f *fakeService) RunReconcile(_ context.Context, p airlock.Principal) (workflow.Report, workflow.SweepReport, error) {
	return workflow.Report{Workspaces: 2}, workflow.SweepReport{Orphans: []string{}, Unknown: []string{}}, f.note(p, "reconcile")
}

func (f *fakeService) ReceiptKeys(context.Context) ([]airlock.PublicKey, error) {
	return f.keys, f.err
}

func (f *fakeService) ListParked(_ context.Context, p airlock.Principal) ([]airlock.Parked, error) {
	return f.parked, f.note(p, "parked")
}

func (f *fakeService) redrive(_ context.Context, p airlock.Principal, id string, discard bool) error {
	if discard {
		return f.note(p, "discard %s", id)
	}
	return f.note(p, "redrive %s", id)
}

var moment = time.Date(2026, 1, 2, 3, 4, 5, 123_000_000, time.UTC)

func (f *fakeService) Examine(context.Context) doctor.Report {
	return doctor.Report{{Check: "topic", About: "step_result", State: doctor.Wrong, Says: "It cannot be sent events.", Fix: "Give it the role."},
		{Check: "clock", About: "this app's clock", State: doctor.OK, Says: "It is right."}}
}
