package workflow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/inspect/sandbox"
)

const (
	// spare is the part of a delivery's time that is set aside to keep the findings.
	spare = 3 * time.Second
	// sliceTime is how long a step may take where nothing else bounds it.
	sliceTime = 20 * time.Second
	// deadTries is how often a step may die at one place before the file is given up.
	deadTries = 3
	// carefulBytes is the size from which on each file's beginning is kept.
	carefulBytes = 4 << 20
)

// inspectNext goes on with the inspection that a content gate has begun, as far as time
// allows, and puts the gate's word on record when it is done. again asks to look at the
// request once more.
func (s *Service) inspectNext(ctx context.Context, ws airlock.Workspace, r airlock.Request) (again bool, err error) {
	digest := r.ContentDigest()
	for _, g := range r.Gates {
		if g.Status != airlock.RunRunning || g.Policy.Kind != airlock.ContentGate || g.Digest != digest {
			continue
		}
		done, p, err := s.inspectFiles(ctx, r, g)
		switch {
		case errors.Is(err, airlock.ErrStale): // another process is at it
			return false, nil
		case err != nil:
			return false, err
		case !done:
			return false, s.inspectLater(ctx, ws, r)
		}
		return true, s.inspected(ctx, ws, r, g, p.Reports)
	}
	return false, nil
}

// inspectLater asks for another delivery.
func (s *Service) inspectLater(ctx context.Context, ws airlock.Workspace, r airlock.Request) error {
	_, err := s.decide(context.WithoutCancel(ctx), ws, r.ID, airlock.SystemPrincipal("content gate"), func(c *change) error {
		if !c.sameStay(r) || !c.gate().Inspect {
			return errUnchanged
		}
		c.emitContinue()
		return nil
	})
	return err
}

// inspectFiles looks inside the files from where the last delivery left off. Before a step
// its try is kept, so that a process that dies of a file finds out; between small files
// that is spared as long as nothing has died. A step that another process may still be at
// is done here as well, and is no try of the file's: whoever keeps its end first has done it.
func (s *Service) inspectFiles(ctx context.Context, r airlock.Request, g airlock.GateRun) (done bool, p *progress, err error) {
	if p, err = s.loadProgress(ctx, r, g); err != nil {
		return false, nil, err
	}
	until := s.sliceEnd(ctx)
	careful, first, elsewhere := p.Tries > 0, true, p.maybeElsewhere(s.config.Now())
	for p.File < len(r.Files) {
		f := r.Files[p.File]
		if !first && time.Until(until) <= 0 {
			return false, p, s.saveProgress(ctx, p)
		}
		if p.Tries >= deadTries && !elsewhere {
			p.finish(sandbox.GiveUp(fileOf(f, g), p.Kept, f.Size))
			continue
		}
		if !elsewhere {
			p.Tries++
		}
		p.Began, elsewhere = s.config.Now(), false
		if first || careful || f.Size > carefulBytes {
			if err := s.saveProgress(ctx, p); err != nil {
				return false, p, err
			}
		}
		first = false
		if err := s.inspectFile(ctx, r, g, p, until); err != nil {
			return false, p, err
		}
	}
	return true, p, nil
}

// sliceEnd is when a step of this delivery should end.
func (s *Service) sliceEnd(ctx context.Context) time.Time {
	until := time.Now().Add(sliceTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-spare).Before(until) {
		until = deadline.Add(-spare)
	}
	return until
}

func (p *progress) finish(report inspect.Report) {
	p.Reports = append(p.Reports, airlock.RoomFor(p.Reports, report))
	p.File, p.Tries, p.Began, p.Kept = p.File+1, 0, time.Time{}, nil
}

func fileOf(f airlock.File, g airlock.GateRun) sandbox.File {
	limits := inspect.DefaultLimits()
	if n := g.Policy.InspectLimit; n > 0 {
		limits = limits.UpTo(n)
	}
	return sandbox.File{Name: f.Name, Limits: limits}
}

// inspectFile does one step at the file in hand. A step that died is none: its try
// stands. A read that storage failed is not held against the file.
func (s *Service) inspectFile(ctx context.Context, r airlock.Request, g airlock.GateRun, p *progress, until time.Time) error {
	f := r.Files[p.File]
	stage, _ := airlock.StageOf(r.Type, r.Status)
	con, err := r.Container(stage)
	if err != nil {
		return err
	}
	src := inspect.Cached(&blobSource{ctx: ctx, blobs: s.config.Blobs, where: con, file: f})
	outcome, err := s.config.Inspector.Step(ctx, fileOf(f, g), p.Kept, src, max(time.Until(until), time.Millisecond))
	switch {
	case errors.Is(err, sandbox.ErrDied):
		p.Began = time.Time{}
		s.config.Log.WarnContext(ctx, "an inspection died", "request", r.ID, "file", p.File+1, "tries", p.Tries, "error", err.Error())
		return nil
	case err != nil && ctx.Err() == nil:
		p.Tries, p.Began = max(0, p.Tries-1), time.Time{}
		if saved := s.saveProgress(context.WithoutCancel(ctx), p); saved != nil {
			return errors.Join(err, saved)
		}
		return err
	case err != nil:
		return err
	}
	p.Tries, p.Began, p.Kept = 0, time.Time{}, outcome.Kept
	if outcome.Done {
		p.finish(outcome.Report)
	}
	return nil
}

// blobSource is a file of a request, pinned to its ETag.
type blobSource struct {
	ctx   context.Context //nolint:containedctx // io.ReaderAt knows none; it lives as long as one step
	blobs Blobs
	where airlock.Container
	file  airlock.File
}

func (b *blobSource) Size() int64 { return b.file.Size }

func (b *blobSource) ReadAt(buffer []byte, offset int64) (int, error) {
	if err := b.blobs.ReadAt(b.ctx, b.where, b.file.Name, b.file.InProgressETag, b.file.Size, buffer, offset); err != nil {
		return 0, err
	}
	return len(buffer), nil
}

// inspected puts the word of a content gate on record: the findings first, then the row.
func (s *Service) inspected(ctx context.Context, ws airlock.Workspace, r airlock.Request, g airlock.GateRun, reports []airlock.FileReport) error {
	set, err := g.Policy.RuleSet(r.Type)
	if err != nil { // the catalogue has lost a rule since submit
		return s.settle(ctx, ws, r, g, airlock.SystemPrincipal("content gate"), func(c *change, run *airlock.GateRun) {
			c.unjudged(run, "its rules are not known any more: "+err.Error())
		})
	}
	found := airlock.Findings{Format: airlock.FindingsFormat, Request: r.ID, Turn: r.Turn(), Gate: g.Policy.ID, Digest: g.Digest,
		RuleSet: set.Hash(), Files: airlock.JudgeReports(set, airlock.JoinReports(r.Files, reports))}
	found.Outcome = found.Worst()
	report, err := s.keepFindings(ctx, found)
	if err != nil {
		return err
	}
	return s.settle(ctx, ws, r, g, airlock.SystemPrincipal("content gate"), func(c *change, run *airlock.GateRun) {
		c.spoken(run, found, report)
	})
}

// spoken puts a gate's word in force.
func (c *change) spoken(g *airlock.GateRun, found airlock.Findings, report airlock.GateReport) {
	g.Note(found, report)
	rec := c.gateRecord(audit.GateVerdict, g)
	rec.Detail["outcome"], rec.Detail["rules"], rec.Detail["findings"] = string(g.Status), g.RuleSet, report.SHA256
	rec.Detail["counts"], rec.Detail["review"] = g.Counts.String(), fmt.Sprint(g.Review)
}

// settle lets f end a gate's run, if it is still the one that was begun, and does what
// follows.
func (s *Service) settle(ctx context.Context, ws airlock.Workspace, r airlock.Request, g airlock.GateRun, by airlock.Principal, f func(*change, *airlock.GateRun)) error {
	_, err := s.decide(ctx, ws, r.ID, by, func(c *change) error {
		run := c.Run(g.Policy.ID)
		if c.Status != airlock.Submitted || c.Turn() != r.Turn() || run == nil || run.Status != airlock.RunRunning || run.Digest != g.Digest {
			return errUnchanged
		}
		f(c, run)
		return s.passWithTags(ctx, c)
	})
	return err
}
