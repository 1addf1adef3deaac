package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

// Config holds a Doctor's dependencies; all are required.
type Config struct {
	Blobs              Blobs
	Tables             Tables
	Evidence           Evidence
	EvidenceContainers []string
	Inspections        Inspections
	Topics             Topics
	Keys               map[string]Key // by what they are for
	Registry           Registry
	Directory          Directory
	Issuer             Issuer
	Canary             Canary
	DeadLetters        DeadLetters
	Work               Work
	Accounts           airlock.Accounts // the core's
	Now                func() time.Time
	// Within bounds one check.
	Within time.Duration
	// Patience is how long the canary event may take.
	Patience time.Duration
}

// Doctor examines a deployment. It is safe for concurrent use.
type Doctor struct{ config Config }

// New panics on a missing dependency, which is a mistake in the wiring.
func New(c Config) *Doctor {
	if c.Blobs == nil || c.Tables == nil || c.Evidence == nil || len(c.EvidenceContainers) == 0 || c.Inspections == nil || c.Topics == nil || len(c.Keys) == 0 || c.Registry == nil ||
		c.Directory == nil || c.Issuer == nil || c.Canary == nil || c.DeadLetters == nil || c.Work == nil || c.Now == nil || c.Within == 0 || c.Patience == 0 {
		panic("doctor: missing dependency")
	}
	return &Doctor{c}
}

// parallel bounds the checks under way.
const parallel = 12

// Examine makes every check and returns the findings. It ends with ctx: a
// check that did not finish then says that it cannot tell.
func (d *Doctor) Examine(ctx context.Context) Report {
	e := &examination{config: d.config, turns: make(chan struct{}, parallel)}
	e.state(ctx)
	e.evidence(ctx)
	e.inspections(ctx)
	e.topics(ctx)
	e.keys(ctx)
	e.issuer(ctx)
	e.work(ctx)
	e.deadLetters(ctx)
	e.canary(ctx)
	e.registry(ctx) // with all workspaces' accounts and people
	e.accounts(ctx, d.config.Accounts, airlock.CoreStages, "")
	e.clock(ctx)
	e.running.Wait()
	e.report.sort()
	return e.report
}

// examination is one under way.
type examination struct {
	config  Config
	turns   chan struct{}
	running sync.WaitGroup
	mu      sync.Mutex
	report  Report
}

func (e *examination) found(f ...Finding) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.report = append(e.report, f...)
}

// check makes one check in its turn. A panic is a finding: the other checks go on.
func (e *examination) check(ctx context.Context, check, about string, look func(context.Context) Finding) {
	e.running.Go(func() {
		select {
		case e.turns <- struct{}{}:
			defer func() { <-e.turns }()
		case <-ctx.Done():
			e.found(Finding{Check: check, About: about, State: CannotTell, Says: "There was no time left.", Fix: "Examine again."})
			return
		}
		limited, cancel := context.WithTimeout(ctx, e.config.Within)
		defer cancel()
		defer func() {
			if broken := recover(); broken != nil {
				e.found(Finding{Check: check, About: about, State: CannotTell, Says: fmt.Sprintf("The check broke: %v.", broken), Fix: "Report this as a fault of the airlock."})
			}
		}()
		f := look(limited)
		if f.State == Wrong && ctx.Err() != nil {
			f.State, f.Fix = CannotTell, "There was no time left; examine again."
		}
		e.found(f)
	})
}

// try makes a check of something that is done or refused.
func (e *examination) try(ctx context.Context, check, about, does, role string, do func(context.Context) error) {
	e.check(ctx, check, about, func(ctx context.Context) Finding { return of(check, about, does, role, do(ctx)) })
}
