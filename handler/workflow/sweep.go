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
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/parallel"
)

// SweepReport says what the sweep found. Lists name the first thousand.
type SweepReport struct {
	Containers int `json:"containers"` // looked at
	// Orphans are the containers that were deleted, as account/container: empty
	// drafts of creates that were interrupted.
	Orphans []string `json:"orphans"`
	// Unclaimed names containers that no request on record has bytes in. They were
	// left alone: the record may be missing.
	Unclaimed []string `json:"unclaimed"`
	// Unknown names containers that cannot be a request's; they were left alone.
	Unknown []string `json:"unknown"`
	// Trouble names what could not be looked at or deleted, and why; the first
	// hundred. Empty means that the sweep is complete.
	Trouble []string `json:"trouble"`
}

const (
	// orphanAge is how long a container may exist before anybody asks for its
	// request: create makes the container first.
	orphanAge = time.Hour
	// sweepWithin ends a sweep before the host ends the call.
	sweepWithin = 4 * time.Minute
	// A few accounts at a time, so that one that does not answer holds up none,
	// and of each a few look-ups.
	parallelAccounts = 4
	parallelLookups  = 8
	sweepBatch       = 256
	maxTrouble       = 100
	maxNamed         = 1000
	// maxSwept bounds one sweep's deletions: more interrupted creates than that in
	// a day are something else.
	maxSwept = 100
)

// Sweep walks through all stage accounts and reports the containers that no
// request has bytes in. It deletes nothing because a record is missing: only empty
// drafts of creates that were begun and never completed go, with a record in the
// workspace's trail before, and no more than maxSwept of them. It costs two look-ups
// per container, so it is for once a day and for an operator's word. It reports
// everything that it cannot look at, and goes on.
func (s *Service) Sweep(ctx context.Context) SweepReport {
	ctx, cancel := context.WithTimeout(ctx, sweepWithin)
	defer cancel()
	w := &sweeping{s: s, SweepReport: SweepReport{Orphans: []string{}, Unclaimed: []string{}, Unknown: []string{}, Trouble: []string{}}}
	w.trouble("sweep", s.recovering(ctx, "sweep", func() error { w.all(ctx); return nil }))
	slices.Sort(w.Orphans)
	slices.Sort(w.Unclaimed)
	slices.Sort(w.Unknown)
	if len(w.Orphans) > 0 {
		s.config.Log.WarnContext(ctx, "empty drafts of interrupted creates deleted", "containers", w.Orphans)
	}
	s.unclaimed.Store(int64(len(w.Unclaimed)))
	if n := len(w.Unclaimed); n > 0 {
		s.config.Log.ErrorContext(ctx, "containers that no request claims", "alert", logging.ContainerUnclaimed, "count", n, "containers", w.Unclaimed[:min(n, 20)])
	}
	if len(w.Trouble) > 0 {
		s.config.Log.WarnContext(ctx, "the sweep is not complete", "trouble", w.Trouble)
	}
	return w.SweepReport
}

// sweeping is one sweep under way.
type sweeping struct {
	s     *Service
	mu    sync.Mutex
	swept int // deletions begun
	SweepReport
}

// all looks at all accounts, a few at a time.
func (w *sweeping) all(ctx context.Context) {
	accounts := w.accounts(ctx)
	// A run may end early: the accounts at its end should not be the same every time.
	rand.Shuffle(len(accounts), func(i, k int) { accounts[i], accounts[k] = accounts[k], accounts[i] }) //nolint:gosec // an order, not a secret
	parallel.Each(accounts, parallelAccounts, func(account string) { w.trouble(account, w.account(ctx, account)) })
}

// accounts lists all stage accounts. One that two owners have, or that serves some
// stages of its owner which may not share one, is left out: what is at home in one
// stage would be an orphan in the other.
func (w *sweeping) accounts(ctx context.Context) []string {
	workspaces, err := w.s.config.Registry.Workspaces(ctx)
	w.trouble("registry", err)
	owners := map[string]int{}
	wrong := map[string]bool{}
	note := func(accounts airlock.Accounts) {
		for account, stages := range accounts.Uses() {
			owners[account]++
			wrong[account] = wrong[account] || owners[account] > 1 || !airlock.MayShare(stages)
		}
	}
	note(w.s.config.Accounts)
	for _, ws := range workspaces {
		note(ws.Accounts)
	}
	var all []string
	for account := range owners {
		if wrong[account] {
			w.trouble(account, errors.New("it is registered for two stages"))
			continue
		}
		all = append(all, account)
	}
	return all
}

func (w *sweeping) account(ctx context.Context, account string) error {
	var batch []airlock.ContainerInfo
	look := func() {
		parallel.Each(batch, parallelLookups, func(info airlock.ContainerInfo) {
			con := airlock.Container{Account: account, Name: airlock.ContainerName(info.Name)}
			w.trouble(con.String(), w.s.recovering(ctx, "sweep", func() error { return w.container(ctx, con, info.Changed) }))
		})
		batch = batch[:0]
	}
	for info, err := range w.s.config.Blobs.Containers(ctx, account) {
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

// container looks at one container, and deletes it if it is what an interrupted
// create left.
func (w *sweeping) container(ctx context.Context, con airlock.Container, changed time.Time) error {
	w.note(func(r *SweepReport) { r.Containers++ })
	id := con.Name.Request()
	if id == "" {
		w.note(func(r *SweepReport) { r.Unknown = listed(r.Unknown, con.String()) })
		return nil
	}
	if w.s.config.Now().Sub(changed) < orphanAge {
		return nil
	}
	found, ws, err := w.s.standing(ctx, id, con)
	if err != nil || found == claimed {
		return err
	}
	if found == begun {
		deleted, err := w.sweep(ctx, id, ws, con, changed)
		if err != nil {
			return err
		}
		if deleted {
			w.note(func(r *SweepReport) { r.Orphans = listed(r.Orphans, con.String()) })
			return nil
		}
	}
	w.note(func(r *SweepReport) { r.Unclaimed = listed(r.Unclaimed, con.String()) })
	return nil
}

// sweep deletes an interrupted create's container, and reports false when that is
// something else: it holds something, or there is a request by now.
func (w *sweeping) sweep(ctx context.Context, id airlock.RequestID, ws airlock.Workspace, con airlock.Container, changed time.Time) (bool, error) {
	blobs, err := w.s.config.Blobs.List(ctx, con, 1)
	if err != nil || len(blobs) > 0 {
		return false, err
	}
	if !w.mayDelete() {
		return false, errors.New("one sweep deletes no more; the next one goes on")
	}
	if err := w.s.recordSweep(ctx, con, ws.ID, changed); err != nil {
		return false, err
	}
	// The create may have been repeated meanwhile.
	if _, _, err := w.s.config.Requests.Load(ctx, ws.ID, id); !errors.Is(err, airlock.ErrNotFound) {
		return false, err
	}
	removal, err := w.s.config.Blobs.DeleteContainer(ctx, con, changed)
	return removal != airlock.Kept, err
}

// mayDelete takes one of the deletions that a sweep may make.
func (w *sweeping) mayDelete() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swept++
	return w.swept <= maxSwept
}

// listed adds a name to a list that has room for it.
func listed(list []string, name string) []string {
	if len(list) >= maxNamed {
		return list
	}
	return append(list, name)
}

func (w *sweeping) note(f func(r *SweepReport)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(&w.SweepReport)
}

// trouble notes an obstacle, in words without secrets.
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
