package workflow

import (
	"context"
	"errors"
	"time"

	"example.org/airlock/handler/airlock"
)

// SweepReport says what the orphan sweep found.
type SweepReport struct {
	Containers int      `json:"containers"` // looked at
	Orphans    []string `json:"orphans"`    // account/container that were deleted
	Unknown    []string `json:"unknown"`    // containers that are no request's and were left alone
}

// orphanAge is how long a container may exist without a request: create makes
// the container first.
const orphanAge = time.Hour

// sweepHour is when the daily sweep runs (UTC).
const sweepHour = 3

// sweepTime reports, once a day and process, that it is time for the sweep: in
// the first minutes of its hour, so that the timer meets it and a process that
// starts later in the day does not sweep again.
func (s *Service) sweepTime(now time.Time) bool {
	now = now.UTC()
	today := now.Format(time.DateOnly)
	if now.Hour() != sweepHour || now.Minute() >= 5 {
		return false
	}
	last := s.swept.Swap(&today)
	return last == nil || *last != today
}

// Sweep walks through all stage accounts and deletes containers that no request
// has bytes in: leftovers of creates that were interrupted and of copies that
// lost a race. It costs a look-up per container, so it is for once a day and for
// an operator's word. Containers whose name is no request id are reported and
// left alone.
func (s *Service) Sweep(ctx context.Context) (SweepReport, error) {
	report := SweepReport{Orphans: []string{}, Unknown: []string{}}
	workspaces, err := s.Registry.Workspaces(ctx)
	if err != nil {
		return report, err
	}
	for _, stage := range airlock.CoreStages {
		if err := s.sweepAccount(ctx, s.Accounts[stage], stage, &report); err != nil {
			return report, err
		}
	}
	for _, ws := range workspaces {
		for _, stage := range airlock.WorkspaceStages {
			if err := s.sweepAccount(ctx, ws.Accounts[stage], stage, &report); err != nil {
				return report, err
			}
		}
	}
	if len(report.Orphans) > 0 {
		s.Log.WarnContext(ctx, "orphan containers deleted", "containers", report.Orphans)
	}
	return report, nil
}

func (s *Service) sweepAccount(ctx context.Context, account string, stage airlock.Stage, report *SweepReport) error {
	for info, err := range s.Blobs.Containers(ctx, account) {
		if err != nil {
			return err
		}
		report.Containers++
		id, err := airlock.ParseRequestID(info.Name)
		if err != nil {
			report.Unknown = append(report.Unknown, account+"/"+info.Name)
			continue
		}
		orphan, err := s.orphan(ctx, id, stage, account, info.Changed)
		if err != nil {
			return err
		}
		if !orphan {
			continue
		}
		if err := s.Blobs.DeleteContainer(ctx, airlock.Container{Account: account, Name: id}, info.Changed); err != nil {
			return err
		}
		report.Orphans = append(report.Orphans, account+"/"+info.Name)
	}
	return nil
}

// orphan reports whether no request has a claim on the container.
func (s *Service) orphan(ctx context.Context, id airlock.RequestID, stage airlock.Stage, account string, changed time.Time) (bool, error) {
	if s.Now().Sub(changed) < orphanAge {
		return false, nil
	}
	ws, err := s.locate(ctx, "", id)
	if err == nil {
		var r airlock.Request
		if r, _, err = s.Requests.Load(ctx, ws.ID, id); err == nil {
			return s.accounts(ws)[stage] != account || !mayHold(r, stage), nil
		}
	}
	return errors.Is(err, airlock.ErrNotFound), ignoreMissing(err)
}

func ignoreMissing(err error) error {
	if errors.Is(err, airlock.ErrNotFound) {
		return nil
	}
	return err
}
