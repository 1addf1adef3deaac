package workflow

import (
	"context"
	"errors"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/parallel"
)

// Simulation holds the outcomes that another policy would have had for a workspace's last requests.
type Simulation struct {
	// Turns are those of the requests, the newest request and the last turn first.
	Turns []SimulatedTurn
	// UnderWay counts requests that are left out: drafts, and those at their gates now.
	UnderWay int
	// Damaged counts rows that are left out: nobody is to believe them.
	Damaged int
}

// SimulatedTurn is one turn of a request that has been at its gates.
type SimulatedTurn struct {
	airlock.SimulatedTurn

	Request airlock.RequestID
	Turn    int
	Type    airlock.RequestType
	Status  airlock.Status // the request's, now
	Created time.Time
}

// MaxSimulated is how many requests a simulation looks at.
const MaxSimulated = 50

// Simulate judges the last requests of a workspace, at most MaxSimulated of them, by a draft
// of its policy. It reads records, no file, and changes nothing.
//
// TRE administrators only. Errors: *airlock.RefusedError, *airlock.InvalidError for a
// policy that could not be stored, airlock.ErrNoWorkspace, *airlock.Fault.
func (s *Service) Simulate(ctx context.Context, p airlock.Principal, id airlock.WorkspaceID, draft airlock.Policy, last int) (Simulation, error) {
	if err := operator(p); err != nil {
		return Simulation{}, err
	}
	if bad := draft.Check(); len(bad) > 0 {
		return Simulation{}, &airlock.InvalidError{Violations: bad}
	}
	ws, err := s.config.Registry.Workspace(ctx, id)
	if err != nil {
		return Simulation{}, err
	}
	requests, damaged, err := s.lastRequests(ctx, ws.ID, min(last, MaxSimulated))
	if err != nil {
		return Simulation{}, err
	}
	type judged struct {
		listed airlock.Request
		turns  []SimulatedTurn
		err    error
	}
	var all []*judged
	for _, r := range requests {
		all = append(all, &judged{listed: r})
	}
	const atOnce = 4 // a report has up to 16 MiB
	parallel.Each(all, atOnce, func(j *judged) { j.turns, j.err = s.simulate(ctx, j.listed, draft) })
	out := Simulation{Damaged: damaged}
	for _, j := range all {
		if j.err != nil {
			return Simulation{}, j.err
		}
		if out.Turns = append(out.Turns, j.turns...); len(j.turns) == 0 {
			out.UnderWay++
		}
	}
	return out, nil
}

// lastRequests are the newest requests of a workspace, and how many rows among them are
// damaged.
func (s *Service) lastRequests(ctx context.Context, ws airlock.WorkspaceID, most int) (all []airlock.Request, damaged int, err error) {
	q := airlock.Query{Workspace: ws}
	for len(all) < most {
		q.Limit = most - len(all)
		page, err := s.config.Requests.List(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		all, damaged = append(all, page.Requests...), damaged+page.Damaged
		if q.Token = page.Next; q.Token == "" {
			break
		}
	}
	return all, damaged, nil
}

// simulate judges the turns of a request, the last one first; none while it is under way.
func (s *Service) simulate(ctx context.Context, listed airlock.Request, draft airlock.Policy) ([]SimulatedTurn, error) {
	if listed.Status == airlock.Draft {
		return nil, nil
	}
	r, _, err := s.config.Requests.Load(ctx, listed.Workspace, listed.ID) // a listed one has not all of its files
	if err != nil {
		return nil, err
	}
	all := []airlock.Request{r}
	if r.Status == airlock.Submitted || len(r.Files) == 0 {
		all = nil
	}
	if r.Turn() > 1 {
		ended, err := s.config.Requests.Turns(ctx, r.Workspace, r.ID)
		if err != nil {
			return nil, err
		}
		for i := len(ended) - 1; i >= 0; i-- {
			if t := ended[i]; t.Turn < r.Turn() {
				then := r
				then.Resubmits, then.Status, then.Files, then.Gates = t.Turn-1, airlock.Returned, t.Files, t.Gates
				all = append(all, then)
			}
		}
	}
	var out []SimulatedTurn
	for _, turn := range all {
		reports, err := s.reports(ctx, turn)
		if err != nil {
			return nil, err
		}
		out = append(out, SimulatedTurn{SimulatedTurn: turn.Simulate(draft, reports), Request: r.ID, Turn: turn.Turn(), Type: r.Type, Status: r.Status, Created: r.CreatedWhen})
	}
	return out, nil
}

// reports are the reports of a turn's gates, by gate. One that is gone, or is not the one
// on record, is left out.
func (s *Service) reports(ctx context.Context, r airlock.Request) (map[string]airlock.Findings, error) {
	out := map[string]airlock.Findings{}
	for _, g := range r.Gates {
		if g.Report == nil {
			continue
		}
		found, err := s.readFindings(ctx, g)
		if tampered, ok := errors.AsType[*airlock.IntegrityError](err); ok {
			s.config.Log.ErrorContext(ctx, "a report of findings is not the one on record", "alert", logging.IntegrityViolation, "request", r.ID, "gate", g.Policy.ID, "what", tampered.What)
			continue
		}
		if errors.Is(err, airlock.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[g.Policy.ID] = found
	}
	return out, nil
}
