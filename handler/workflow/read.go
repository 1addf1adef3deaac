package workflow

import (
	"context"
	"slices"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/parallel"
)

// Get returns a request. Errors: airlock.ErrNotFound, *airlock.RefusedError,
// *airlock.Fault.
func (s *Service) Get(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, error) {
	if err := readable(p, ws); err != nil {
		return airlock.Request{}, err
	}
	r, _, err := s.config.Requests.Load(ctx, ws.ID, id)
	return r, err
}

// List returns a page of a workspace's requests. Errors: *airlock.RefusedError,
// airlock.ErrBadToken, *airlock.Fault.
func (s *Service) List(ctx context.Context, p airlock.Principal, ws airlock.Workspace, q airlock.Query) (airlock.Page, error) {
	if err := readable(p, ws); err != nil {
		return airlock.Page{}, err
	}
	q.Workspace = ws.ID
	return s.config.Requests.List(ctx, q)
}

func readable(p airlock.Principal, ws airlock.Workspace) error {
	if access := airlock.Decide(p, airlock.ActionRead, airlock.Request{}, ws.Policy); !access.Allowed {
		return refusal(access, airlock.ActionRead, airlock.Request{})
	}
	return nil
}

// Trail is a request's audit trail with the result of verifying it.
type Trail struct {
	Request      airlock.Request
	Rows         []audit.Row
	Verification audit.Verification
	At           time.Time // when it was read
}

// History returns the audit trail, verified against the head on the request's
// own row and against the anchored heads. Errors: airlock.ErrNotFound, *airlock.RefusedError, *airlock.Fault.
func (s *Service) History(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (Trail, error) {
	for try := 1; ; try++ {
		r, err := s.Get(ctx, p, ws, id)
		if err != nil {
			return Trail{}, err
		}
		rows, err := s.config.Requests.Trail(ctx, ws.ID, id)
		if err != nil {
			return Trail{}, err
		}
		t := Trail{Request: r, Rows: rows, At: s.config.Now(), Verification: audit.VerifyTrail(audit.TrailOf(r), r.Chain, rows)}
		if err := s.holdAgainstAnchors(ctx, &t); err != nil {
			return Trail{}, err
		}
		// A record written between the two reads looks like a fork; look again.
		if t.Verification.OK || try == 3 {
			if !t.Verification.OK {
				s.config.Log.ErrorContext(ctx, "audit trail does not verify", "alert", logging.AuditChainBroken, "request", id)
			}
			return t, nil
		}
	}
}

// Turns returns a request with those of its turns that have ended, the first one first.
// Errors: as Get.
func (s *Service) Turns(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.EndedTurn, error) {
	r, err := s.Get(ctx, p, ws, id)
	if err != nil {
		return airlock.Request{}, nil, err
	}
	turns, err := s.config.Requests.Turns(ctx, ws.ID, id)
	return r, turns, err
}

// Receipt returns the release receipt. It is airlock.ErrGone until the request
// is approved and the receipt stored. Errors also as Get.
func (s *Service) Receipt(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) ([]byte, error) {
	r, err := s.Get(ctx, p, ws, id)
	if err != nil {
		return nil, err
	}
	if r.Receipt == "" {
		return nil, airlock.ErrGone
	}
	return s.config.Evidence.Read(ctx, receiptsContainer, r.Receipt)
}

// ReceiptKeys returns the public keys that receipts and anchors were signed with,
// the oldest first. They are for everybody.
func (s *Service) ReceiptKeys(ctx context.Context) ([]airlock.PublicKey, error) {
	return s.config.Signer.PublicKeys(ctx)
}

// Mine returns the caller's own requests of all workspaces, newest first, at
// most q.Limit of them.
func (s *Service) Mine(ctx context.Context, p airlock.Principal, q airlock.Query) ([]airlock.Request, error) {
	q.CreatedBy = p.ID
	return s.across(ctx, q, func(airlock.Workspace) (bool, error) { return true, nil })
}

// Managed returns the requests of the workspaces whose airlock manager the caller
// is, newest first, at most q.Limit of them, the caller's own included. A core
// token does not say what its bearer is in a workspace, so the directory does.
func (s *Service) Managed(ctx context.Context, p airlock.Principal, q airlock.Query) ([]airlock.Request, error) {
	return s.across(ctx, q, func(ws airlock.Workspace) (bool, error) {
		return s.config.Directory.Holds(ctx, ws, p.ID, airlock.RoleManager)
	})
}

// across asks every workspace that use accepts, a few at a time, and merges the
// answers. Trouble with one workspace fails the call: a list that silently lacks
// entries would mislead. Only a workspace whose registry row is not valid, which nobody
// can use at all, is passed over.
func (s *Service) across(ctx context.Context, q airlock.Query, use func(airlock.Workspace) (bool, error)) ([]airlock.Request, error) {
	workspaces, err := s.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var (
		mu    sync.Mutex
		all   []airlock.Request
		fault error
	)
	parallel.Each(workspaces, 8, func(ws airlock.Workspace) {
		found, err := s.inWorkspace(ctx, ws, q, use)
		mu.Lock()
		defer mu.Unlock()
		if err != nil && fault == nil {
			fault = err
		}
		all = append(all, found...)
	})
	if fault != nil {
		return nil, fault
	}
	slices.SortFunc(all, func(a, b airlock.Request) int { return b.CreatedWhen.Compare(a.CreatedWhen) })
	return all[:min(len(all), q.Limit)], nil
}

func (s *Service) inWorkspace(ctx context.Context, ws airlock.Workspace, q airlock.Query, use func(airlock.Workspace) (bool, error)) ([]airlock.Request, error) {
	if wanted, err := use(ws); err != nil || !wanted {
		return nil, err
	}
	q.Workspace = ws.ID
	page, err := s.config.Requests.List(ctx, q)
	return page.Requests, err
}
