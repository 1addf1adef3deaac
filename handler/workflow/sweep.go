package workflow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/parallel"
)

// SweepReport says what the orphan sweep found.
type SweepReport struct {
	Containers int      `json:"containers"` // looked at
	Orphans    []string `json:"orphans"`    // account/container that were deleted
	// Unknown names containers that were left alone: no request's, or of a request
	// whose workspace is not registered, so that nobody can say what it holds.
	Unknown []string `json:"unknown"`
	// Trouble names what could not be looked at or deleted, and why; the first
	// hundred. Empty means that the sweep is complete.
	Trouble []string `json:"trouble"`
}

const (
	// orphanAge is how long a container may exist without a request: create makes
	// the container first.
	orphanAge = time.Hour
	// sweepWithin ends a sweep before the host ends the call.
	sweepWithin = 4 * time.Minute
	// A few accounts at a time, so that one that does not answer holds up none,
	// and of each a few look-ups.
	parallelAccounts = 4
	parallelLookups  = 8
	sweepBatch       = 256
	maxTrouble       = 100
)

// Sweep walks through all stage accounts and deletes containers that no request
// has bytes in: leftovers of creates that were interrupted and of copies that
// lost a race. It costs two look-ups per container, so it is for once a day and
// for an operator's word. What it cannot look at it reports, and goes on.
func (s *Service) Sweep(ctx context.Context) SweepReport {
	ctx, cancel := context.WithTimeout(ctx, sweepWithin)
	defer cancel()
	w := &sweeping{s: s, SweepReport: SweepReport{Orphans: []string{}, Unknown: []string{}, Trouble: []string{}}}
	w.trouble("sweep", s.safely(ctx, "sweep", func() error { w.all(ctx); return nil }))
	slices.Sort(w.Orphans)
	slices.Sort(w.Unknown)
	if len(w.Orphans) > 0 {
		s.Log.WarnContext(ctx, "orphan containers deleted", "containers", w.Orphans)
	}
	if len(w.Trouble) > 0 {
		s.Log.WarnContext(ctx, "the orphan sweep is not complete", "trouble", w.Trouble)
	}
	return w.SweepReport
}

// site is an account with what it is for.
type site struct {
	account string
	stage   airlock.Stage
}

// sweeping is one sweep under way.
type sweeping struct {
	s  *Service
	mu sync.Mutex
	SweepReport
}

// all looks at all accounts, a few at a time.
func (w *sweeping) all(ctx context.Context) {
	sites := w.sites(ctx)
	// What one run has no time for should not be the same every time.
	rand.Shuffle(len(sites), func(i, k int) { sites[i], sites[k] = sites[k], sites[i] }) //nolint:gosec // an order, not a secret
	parallel.Each(sites, parallelAccounts, func(at site) { w.trouble(at.account, w.account(ctx, at)) })
}

// sites lists all stage accounts. One that is registered for two stages is none
// of them: what is at home in one would be an orphan in the other.
func (w *sweeping) sites(ctx context.Context) []site {
	workspaces, err := w.s.Registry.Workspaces(ctx)
	w.trouble("registry", err)
	stages := map[string]airlock.Stage{}
	twice := map[string]bool{}
	note := func(accounts airlock.Accounts, of []airlock.Stage) {
		for _, stage := range of {
			account := accounts[stage]
			if account == "" {
				continue
			}
			if was, known := stages[account]; known && was != stage {
				twice[account] = true
			}
			stages[account] = stage
		}
	}
	note(w.s.Accounts, airlock.CoreStages)
	for _, ws := range workspaces {
		note(ws.Accounts, airlock.WorkspaceStages)
	}
	var all []site
	for account, stage := range stages {
		if twice[account] {
			w.trouble(account, errors.New("it is registered for two stages"))
			continue
		}
		all = append(all, site{account, stage})
	}
	return all
}

func (w *sweeping) account(ctx context.Context, at site) error {
	var batch []airlock.ContainerInfo
	look := func() {
		parallel.Each(batch, parallelLookups, func(info airlock.ContainerInfo) {
			name := at.account + "/" + info.Name
			w.trouble(name, w.s.safely(ctx, "sweep", func() error { return w.container(ctx, at, name, info) }))
		})
		batch = batch[:0]
	}
	for info, err := range w.s.Blobs.Containers(ctx, at.account) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			look()
			return err
		}
		if batch = append(batch, info); len(batch) == sweepBatch {
			look()
		}
	}
	look()
	return nil
}

// container looks at one container, and deletes it if it is an orphan.
func (w *sweeping) container(ctx context.Context, at site, name string, info airlock.ContainerInfo) error {
	w.note(func(r *SweepReport) { r.Containers++ })
	id, err := airlock.ParseRequestID(info.Name)
	if err != nil {
		w.note(func(r *SweepReport) { r.Unknown = append(r.Unknown, name) })
		return nil
	}
	orphan, err := w.s.orphan(ctx, id, at, info.Changed)
	if errors.Is(err, airlock.ErrNoWorkspace) {
		w.note(func(r *SweepReport) { r.Unknown = append(r.Unknown, name) })
		return nil
	}
	if err != nil || !orphan {
		return err
	}
	if _, err := w.s.Blobs.DeleteContainer(ctx, airlock.Container{Account: at.account, Name: id}, info.Changed); err != nil {
		return err
	}
	w.note(func(r *SweepReport) { r.Orphans = append(r.Orphans, name) })
	return nil
}

func (w *sweeping) note(f func(r *SweepReport)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(&w.SweepReport)
}

// trouble notes what was in the way, in words without secrets.
func (w *sweeping) trouble(where string, err error) {
	if err == nil {
		return
	}
	why := err.Error()
	if fault, ok := errors.AsType[*airlock.Fault](err); ok {
		why = fault.Cause()
	}
	w.note(func(r *SweepReport) {
		if len(r.Trouble) < maxTrouble {
			r.Trouble = append(r.Trouble, fmt.Sprintf("%s: %s", where, why))
		}
	})
}

// orphan reports whether no request has a claim on the container. Errors:
// airlock.ErrNoWorkspace, *airlock.Fault.
func (s *Service) orphan(ctx context.Context, id airlock.RequestID, at site, changed time.Time) (bool, error) {
	if s.Now().Sub(changed) < orphanAge {
		return false, nil
	}
	ws, err := s.locate(ctx, "", id)
	if err == nil {
		var r airlock.Request
		if r, _, err = s.Requests.Load(ctx, ws.ID, id); err == nil {
			return r.Accounts[at.stage] != at.account || !r.MayHold(at.stage), nil
		}
	}
	if errors.Is(err, airlock.ErrNotFound) {
		return true, nil
	}
	return false, err
}
