package workflow

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// change is one decision under way: the request as it will be, and what is
// written with it.
type change struct {
	airlock.Request
	ws      airlock.Workspace
	by      airlock.Principal
	at      time.Time
	records []audit.Record
	events  []airlock.Event
	kept    []airlock.KeptVerdict
	turn    *airlock.EndedTurn // that ends with this decision
	comment *airlock.Comment   // that is written with it
	// unsealed is set when the row was read that has no seal.
	unsealed bool
	// refused is set when the only thing to write is the record of a refusal.
	refused bool
	// continued is set when a gate's work is to go on in another delivery.
	continued bool
	// retryAt is when a step that met a fault is tried again.
	retryAt time.Time
}

// gate is the judgement of the gates now.
func (c *change) gate() airlock.Gate { return c.Gate(c.ws.Policy, c.at) }

// sameStay reports whether the request is still in the status, and since the same
// moment, as when a step began. After a failure and a retry the status is the same
// again, but the step's findings belong to bytes that were given up.
func (c *change) sameStay(r airlock.Request) bool {
	return c.Status == r.Status && c.StatusSince.Equal(r.StatusSince)
}

// errUnchanged ends a decision that finds nothing to do: what it would decide
// has taken effect already. It is no error for the caller.
var errUnchanged = errors.New("workflow: nothing to change")

// maxTries bounds how often a decision that lost a race is made again. Link
// issues and refusals on one request compete for its row, so it is generous.
const maxTries = 12

// decide loads the request, lets f decide on a copy, and commits the result.
// When another writer was faster it starts over, so f must be free of effects
// and judge what it is given. An error of f ends it with nothing written, except
// that the record of a refusal is written alone: it is evidence too. It returns the request as it is now.
func (s *Service) decide(ctx context.Context, ws airlock.Workspace, id airlock.RequestID, by airlock.Principal, f func(c *change) error) (airlock.Request, error) {
	for try := 1; ; try++ {
		was, version, err := s.config.Requests.Load(ctx, ws.ID, id)
		if err != nil {
			return airlock.Request{}, err
		}
		now, err := s.decideOn(ctx, ws, held{Request: was, version: version}, by, f)
		if !errors.Is(err, airlock.ErrStale) || try == maxTries {
			return now.Request, err
		}
		if err := pause(ctx, try); err != nil {
			return airlock.Request{}, err
		}
	}
}

// decideOn is decide for a request that has just been loaded, and returns the row
// it leaves. It returns airlock.ErrStale when the row has changed since.
func (s *Service) decideOn(ctx context.Context, ws airlock.Workspace, at held, by airlock.Principal, f func(c *change) error) (held, error) {
	c := &change{Request: at.Clone(), ws: ws, by: by, at: s.config.Now().UTC()}
	decided := f(c)
	switch {
	case at.Archived() && (decided == nil || errors.Is(decided, errUnchanged)):
		return at, archived(by)
	case errors.Is(decided, errUnchanged):
		return at, nil
	case decided != nil && !c.refused:
		return held{}, decided
	case decided != nil: // the refusal is evidence; the request stays as it is
	default:
		c.Work.Due = s.due(c)
	}
	version, err := s.commit(ctx, c, &at.Request, at.version)
	if err != nil {
		return held{}, err
	}
	return held{Request: c.Request, version: version, own: true}, decided
}

const textArchived = "This airlock request ended in the airlock that was used before. It was imported to be read; its files were not. Ask whoever runs the TRE for them, or create a new request."

// archived is the outcome of a decision about a request that ended in another airlock, for
// which no step looked: a person is told, and the system has nothing to do.
func archived(by airlock.Principal) error {
	if by.ID == airlock.SystemID {
		return nil
	}
	return &airlock.StatusError{Rule: "imported", Reason: textArchived}
}

// commit seals the records and writes everything in one transaction, has somebody go on
// from there, and hands the events to the outbox; neither blocks. It returns the row's new
// version.
func (s *Service) commit(ctx context.Context, c *change, was *airlock.Request, version airlock.Version) (airlock.Version, error) {
	sealed := make([]audit.Sealed, 0, len(c.records))
	for _, record := range c.records {
		one, head, err := audit.Seal(c.Chain, record)
		if err != nil {
			return "", err
		}
		sealed, c.Chain = append(sealed, one), head
	}
	events, version, err := s.config.Requests.Commit(ctx, audit.Commit{Request: c.Request, Was: was, Version: version, Records: sealed, Events: c.events, Verdicts: c.kept, Turn: c.turn, Comment: c.comment, Unsealed: c.unsealed})
	if err != nil {
		return "", err
	}
	s.wrote(lastRow{Request: c.Request, version: version, when: s.config.Now()}, events)
	s.config.Outbox.Kick(events)
	return version, nil
}

// move applies one row of the rule book and adds the marks of every transition:
// an audit record, the two events of the contract, and for the system's own
// steps the step result.
func (c *change) move(on airlock.Trigger, reason string) (*audit.Record, error) {
	from := c.Status
	if err := c.Apply(on, c.by, c.at); err != nil {
		return nil, err
	}
	if reason != "" && c.by.ID == airlock.SystemID {
		c.StatusMessage = reason
	}
	if len(c.Holds) > 0 && c.StatusMessage == "" && c.releasable() {
		c.StatusMessage = messageHeld
	}
	c.stampPolicy()
	rec := c.record(audit.Of(on))
	rec.From, rec.To, rec.Reason = from, c.Status, reason
	if on == airlock.TriggerGatesPassed {
		rec.Files = c.sealed()
	}
	c.emitStatusChanged(from)
	c.emitNotice(string(c.Status))
	if c.by.ID == airlock.SystemID {
		c.emitStepResult(from)
	}
	return rec, nil
}

// stampPolicy notes the policy in force at a decision.
func (c *change) stampPolicy() {
	c.PolicyVersion, c.PolicyHash = c.ws.PolicyVersion, c.ws.Policy.Hash()
}

// record appends an audit record of the present decision and returns it to be
// filled in further.
func (c *change) record(action audit.Action) *audit.Record {
	c.records = append(c.records, audit.Record{
		Workspace: c.Workspace, Request: c.ID, At: c.at, Actor: actorOf(c.by), Action: action,
		PolicyVersion: c.ws.PolicyVersion, PolicyHash: c.ws.Policy.Hash(),
	})
	rec := &c.records[len(c.records)-1]
	if c.by.ID == airlock.SystemID {
		rec.OnBehalfOf = c.onBehalfOf()
	}
	return rec
}

// onBehalfOf is the person whose decision the system carries out.
func (c *change) onBehalfOf() airlock.UserID {
	if n := len(c.Reviews); n > 0 {
		return c.Reviews[n-1].Reviewer.ID
	}
	return c.CreatedBy.ID
}

func actorOf(p airlock.Principal) audit.Actor {
	switch {
	case p.ID == airlock.SystemID:
		return audit.Actor{Kind: audit.System, Component: p.Name}
	case p.Application:
		return audit.Actor{Kind: audit.Application, ID: p.ID, Name: p.Name, Roles: p.Roles}
	}
	return audit.Actor{Kind: audit.Person, ID: p.ID, Name: p.Name, Roles: p.Roles}
}

// sealed lists the files as they are scanned and reviewed: these pass the gates, and
// an approval is for these.
func (c *change) sealed() []audit.FileEvidence {
	return evidenceOf(c.Files, "", func(f airlock.File) string { return f.InProgressETag })
}

// evidenceOf lists files as they lie in an account now.
func evidenceOf(files []airlock.File, account string, etag func(airlock.File) string) []audit.FileEvidence {
	out := make([]audit.FileEvidence, len(files))
	for i, f := range files {
		out[i] = audit.FileEvidence{Name: f.Name, Size: f.Size, Account: account, ETag: etag(f), SHA256: f.SHA256}
	}
	return out
}

// pause waits a little, longer with every try and never in step with others.
func pause(ctx context.Context, try int) error {
	limit := min(10<<try, 800)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(5+rand.IntN(limit)) * time.Millisecond): //nolint:gosec // a wait, not a secret
		return nil
	}
}

// messageHeld is shown while an operator has to look at the request.
const messageHeld = "A scan result about this request could not be read. Nothing is released until a TRE administrator has looked at it."

// releasable reports whether the request can still come to its release.
func (c *change) releasable() bool {
	switch c.Status {
	case airlock.Submitted, airlock.InReview, airlock.ApprovalInProgress, airlock.Failed,
		airlock.BlockingInProgress, airlock.BlockedByScan: // from where a retry may lead back
		return true
	}
	return false
}

// registryRecord is a record for a workspace's own trail.
func (s *Service) registryRecord(p airlock.Principal, action audit.Action) audit.Record {
	return audit.Record{At: s.config.Now().UTC(), Actor: actorOf(p), Action: action}
}
