package workflow

import (
	"context"
	"errors"
	"maps"
	"sync"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// RunReconcile is Reconcile at an operator's word, with the orphan sweep and the
// comparison with the log of anchors. The reports count the parts that met errors,
// and the log tells them. The error is for a run that could do nothing at all, or
// *airlock.RefusedError.
func (s *Service) RunReconcile(ctx context.Context, p airlock.Principal) (Report, SweepReport, error) {
	if err := operator(p); err != nil {
		return Report{}, SweepReport{}, err
	}
	var (
		sweep    SweepReport
		sweeping sync.WaitGroup
	)
	sweeping.Go(func() { sweep = s.Sweep(ctx) })
	report, err := s.reconcile(ctx)
	compared, complete := s.compareDaily(ctx) // everything due is anchored by now
	report.Missing = compared.Missing
	if !complete {
		report.Failed++
	}
	sweeping.Wait()
	if err != nil && report.Workspaces > 0 {
		s.config.Log.WarnContext(ctx, "reconciler met an error", "error", err.Error())
		err = nil
	}
	return report, sweep, err
}

// Renotify tells people again that a request reached a status, if it is still
// in that status; an operator asked for it.
func (s *Service) Renotify(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, status airlock.Status) error {
	where, _, _, err := s.find(ctx, ws, id)
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, where, id, airlock.SystemPrincipal("notification"), func(c *change) error {
		if c.Status != status {
			return errUnchanged
		}
		rec := c.record(audit.NotifiedAgain)
		rec.From, rec.To = status, status
		c.emitNotice(string(status))
		return nil
	})
	return err
}

// CurrentWorkspace is a workspace as it is stored now, for a caller that replaces it.
// Of a row that is no valid workspace it returns the readable parts. Errors:
// airlock.ErrNoWorkspace, *airlock.Fault.
func (s *Service) CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	w, err := s.config.Registry.CurrentWorkspace(ctx, id)
	if unreadable(err) {
		err = nil
	}
	return w, err
}

// PutWorkspace writes a registry row. TRE administrators only. The accounts of a
// workspace that has requests cannot be changed: the requests' data lies in them,
// and effects look for it there. Errors: *airlock.InvalidError,
// airlock.ErrExists, airlock.ErrStale, *airlock.PolicyError.
func (s *Service) PutWorkspace(ctx context.Context, p airlock.Principal, w airlock.Workspace) (airlock.Workspace, error) {
	if err := operator(p); err != nil {
		return airlock.Workspace{}, err
	}
	if err := s.accountsMayChange(ctx, w); err != nil {
		return airlock.Workspace{}, err
	}
	stored, err := s.config.Registry.Put(ctx, w, s.registryRecord(p, audit.WorkspaceWritten))
	if err == nil {
		s.config.Log.InfoContext(ctx, "workspace written", "workspace", w.ID, "version", stored.PolicyVersion, "policy", stored.Policy.Hash(), "by", p.ID)
	}
	return stored, err
}

func (s *Service) accountsMayChange(ctx context.Context, w airlock.Workspace) error {
	old, err := s.CurrentWorkspace(ctx, w.ID)
	if errors.Is(err, airlock.ErrNoWorkspace) || err == nil && maps.Equal(old.Accounts, w.Accounts) {
		return nil
	}
	if err != nil {
		return err
	}
	page, err := s.config.Requests.List(ctx, airlock.Query{Workspace: w.ID, Limit: 1})
	if err != nil || len(page.Requests) == 0 {
		return err
	}
	return &airlock.PolicyError{Violations: []airlock.Violation{{Rule: "account_in_use",
		Message: "The workspace has requests whose data lies in its accounts, so they cannot be changed."}}}
}
