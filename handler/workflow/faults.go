package workflow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// handleFault decides what an error of a step means for the request. A fault is not an
// end: only tampering and a step that can never succeed end the request, everything else
// waits and is tried again, visibly. nil means the error is on record; otherwise the
// caller should have the event delivered again.
//
// An end is decided only on the row the step was judged on: when somebody else
// has moved the request on meanwhile, seeming tampering may be their work, and
// handleFault returns airlock.ErrStale to look again.
func (s *Service) handleFault(ctx context.Context, ws airlock.Workspace, r airlock.Request, v airlock.Version, err error) error {
	timeIsUp := ctx.Err() != nil // ours: a storage call that took too long is a fault like others
	// The record must be written all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	var (
		integrity *airlock.IntegrityError
		damage    *airlock.DamageError
		fault     *airlock.Fault
	)
	switch {
	case errors.As(err, &damage):
		s.damaged(ctx, "a request's audit trail does not bear out its release", "request", r.ID, "status", r.Status, "what", damage.What)
		if r.Status.Moving() {
			return s.failed(ctx, ws, r, v, unrecoverable{code: "state_damaged", operation: "release", cause: "its audit trail does not bear out the release", security: true})
		}
		return s.wait(ctx, ws, r, &airlock.Fault{Kind: airlock.Operator, Code: "StateDamaged", Operation: "sign", Account: "airlock", Err: damage})
	case errors.As(err, &integrity):
		return s.failed(ctx, ws, r, v, unrecoverable{code: "integrity_violation", operation: "verify", account: integrity.Where, cause: integrity.What, security: true})
	case errors.Is(err, airlock.ErrGone) && r.Status.Moving():
		return s.failed(ctx, ws, r, v, unrecoverable{code: "source_gone", operation: "copy", cause: "a submitted file is not there any more", security: true})
	case errors.As(err, &fault) && fault.Kind == airlock.Permanent && r.Status.Moving():
		return s.failed(ctx, ws, r, v, unrecoverable{code: fault.Code, operation: fault.Operation, account: fault.Account, cause: fault.Cause()})
	case errors.Is(err, airlock.ErrTooLarge) && r.Status.Moving():
		return s.failed(ctx, ws, r, v, unrecoverable{code: "record_too_large", operation: "write", cause: "what is on record of its files does not fit into one row any more"})
	case timeIsUp:
		return err
	case errors.As(err, &fault):
		return s.wait(ctx, ws, r, fault)
	}
	return s.wait(ctx, ws, r, &airlock.Fault{Kind: airlock.Transient, Code: "unexpected", Operation: "step", Account: "airlock", Err: err})
}

// wait records that a step is tried again later, and when. A try that somebody
// else's event made before that time changes nothing.
func (s *Service) wait(ctx context.Context, ws airlock.Workspace, r airlock.Request, fault *airlock.Fault) error {
	_, err := s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("reconciler"), func(c *change) error {
		unfinished := c.Status.Moving() || len(c.Work.Delete) > 0 || c.OwesDocument()
		if !c.sameStay(r) || !unfinished {
			return errUnchanged
		}
		first := c.Work.Attempts == 0
		if !first && c.at.Add(fault.After).Before(c.Work.Due) {
			return errUnchanged // a burst of events in bad weather tries often, and must not make the wait longer each time
		}
		c.Work.Attempts++
		c.retryAt = c.at.Add(max(backoff(c.Work.Attempts, s.config.Grace), fault.After))
		if c.Status.Moving() {
			c.StatusMessage = fmt.Sprintf("waiting: %s, attempt %d, next try %s", fault.Cause(), c.Work.Attempts, c.retryAt.Format(time.RFC3339))
		}
		if first || fault.Kind == airlock.Operator && c.Work.Attempts == 3 {
			rec := c.record(audit.Waiting)
			rec.From, rec.To, rec.Reason = c.Status, c.Status, fault.Cause()
			rec.Detail = map[string]string{"kind": string(fault.Kind)}
		}
		return nil
	})
	if fault.Kind == airlock.Operator {
		s.config.Log.ErrorContext(ctx, "an operator has to act", "alert", logging.OperatorActionNeeded, "request", r.ID, "status", r.Status, "cause", fault.Cause())
	}
	return err
}

// unrecoverable is why a request cannot go on.
type unrecoverable struct {
	code, operation, account, cause string
	security                        bool
}

func (s *Service) failed(ctx context.Context, ws airlock.Workspace, r airlock.Request, v airlock.Version, why unrecoverable) error {
	now, err := s.decideOn(ctx, ws, held{Request: r, version: v}, airlock.SystemPrincipal("copy"), func(c *change) error {
		if c.Status.Final() {
			return errUnchanged
		}
		return c.fail(why)
	})
	if err == nil && now.Status == airlock.Failed {
		if why.security {
			s.config.Log.ErrorContext(ctx, "tampering", "alert", logging.IntegrityViolation, "request", r.ID, "status", r.Status, "where", why.account, "what", why.cause)
		}
		s.config.Log.ErrorContext(ctx, "request failed", "alert", logging.RequestFailed, "request", r.ID, "code", why.code, "operation", why.operation, "account", why.account)
		_, err = s.deleteGivenUp(ctx, ws, &now) // half-made destinations, at once
	}
	return err
}

// fail ends the request with its cause on record. Half-made destinations are
// given up; the bytes that a retry resumes from stay until retention ends.
func (c *change) fail(why unrecoverable) error {
	rec, err := c.failBy(airlock.TriggerFail, why, "Request failed: "+why.cause+".")
	if err != nil {
		return err
	}
	rec.Security = why.security
	return nil
}

// failBy ends the request as failed; people read message.
func (c *change) failBy(on airlock.Trigger, why unrecoverable, message string) (*audit.Record, error) {
	in, before := c.Status, len(c.Work.Delete)
	switch {
	case in == airlock.Submitted && !c.Recorded():
		// Where the bytes came from, everything is still there.
		destination, _ := airlock.DestinationOf(c.Type, in)
		c.giveUpStage(destination)
		for i := range c.Files {
			c.Files[i].Uncopied()
		}
	case in.Moving() && in != airlock.Submitted:
		c.undoMove()
	}
	c.Failure = &airlock.Failure{In: in, Code: why.code, Operation: why.operation, Account: why.account, Cause: why.cause}
	if len(c.Work.Delete) > before {
		c.Failure.Cleared = c.at
	}
	rec, err := c.move(on, message)
	if err != nil {
		return nil, err
	}
	c.StatusMessage = message
	rec.Detail = map[string]string{"code": why.code, "operation": why.operation, "account": why.account}
	return rec, nil
}
