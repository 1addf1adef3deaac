package tablestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

const missingInForce = "what was in force of this workspace was removed from the table: the log of anchors knows the workspace"

// admitRow puts a foreign row of a new workspace in force, once it was
// checked against the others. Afterwards the outside row changes nothing by itself. A
// workspace that cannot be admitted is returned as one that nobody can read. Errors:
// airlock.ErrNotFound, *airlock.Fault.
func (s *Store) admitRow(ctx context.Context, e registryEntry) (registryEntry, error) {
	const name = "admit workspace"
	for try := 1; ; try++ {
		w, err := e.decoded()
		if err != nil || e.inForce != nil {
			return e, nil // decoding it again tells what is wrong
		}
		if known, err := s.knownBefore(ctx, w.ID); err != nil {
			return e, err
		} else if known {
			return refused(e, fmt.Errorf("row %s: %w", e.id, s.damaged(ctx, workspacesTable, registryPartition, inForceKey(e.id), missingInForce))), nil
		}
		now, err := s.registryNow(ctx)
		if err != nil {
			return e, err
		}
		if v := now.takenByAdmitted(w); len(v) > 0 {
			return refused(e, fmt.Errorf("row %s: %w", e.id, &airlock.InvalidError{Violations: v})), nil
		}
		_, err = s.putInForce(ctx, name, now, e, w, audit.Record{At: time.Now(), Actor: audit.Actor{Kind: audit.System, Component: "registry"}, Action: audit.WorkspaceAdmitted,
			Detail: map[string]string{"outside": e.outside.digest()}})
		if _, damaged := errors.AsType[*damage](err); damaged {
			return refused(e, err), nil
		}
		if err != nil && !errors.Is(err, errMoved) || err != nil && try == putTries {
			return e, s.busy(name, err)
		}
		if err != nil {
			s.pause(ctx)
		}
		if e, err = s.readEntry(ctx, name, airlock.WorkspaceID(e.id)); err != nil {
			return e, err
		}
	}
}

// knownBefore reports whether a workspace was in force at some time: then a row
// without its row in force is not new.
func (s *Store) knownBefore(ctx context.Context, id airlock.WorkspaceID) (bool, error) {
	if s.known == nil {
		return false, nil
	}
	return s.known(ctx, id)
}

// Accept puts a foreign change of an admitted workspace in force,
// if that is still the outside row with that digest. Where they removed the row, the
// workspace takes no new requests any more; its requests stay. It returns what is in
// force then. record is kept in the workspace's trail, with the document.
//
// Errors: airlock.ErrNoWorkspace, airlock.ErrStale when it is another one or nothing
// differs, *airlock.InvalidError, *airlock.Fault.
func (s *Store) Accept(ctx context.Context, id airlock.WorkspaceID, seen string, record audit.Record) (airlock.Workspace, error) {
	const name = "accept workspace"
	defer s.forget(id)
	for try := 1; ; try++ {
		now, err := s.registryNow(ctx)
		if err != nil {
			return airlock.Workspace{}, err
		}
		e, found := now.entry(id)
		if !found {
			return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrNoWorkspace)
		}
		if !e.differs() || e.outside.digest() != seen {
			return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrStale)
		}
		w, err := s.wanted(e)
		if err != nil {
			return airlock.Workspace{}, err
		}
		if v := now.taken(w); len(v) > 0 {
			return airlock.Workspace{}, &airlock.InvalidError{Violations: v}
		}
		w, err = s.putInForce(ctx, name, now, e, w, record)
		if !errors.Is(err, errMoved) || try == putTries {
			return w, s.busy(name, err)
		}
		s.pause(ctx)
	}
}

// Record adds a record to the trail of a workspace that is in force. It changes nothing
// that is in force, and what somebody else wrote waits as before. Not safe to repeat: it
// adds another one.
//
// Errors: airlock.ErrNoWorkspace, *airlock.Fault.
func (s *Store) Record(ctx context.Context, id airlock.WorkspaceID, record audit.Record) error {
	const name = "record of workspace"
	defer s.forget(id)
	for try := 1; ; try++ {
		now, err := s.registryNow(ctx)
		if err != nil {
			return err
		}
		e, found := now.entry(id)
		if !found {
			return fmt.Errorf("tablestore: %s: %w", name, airlock.ErrNoWorkspace)
		}
		w, err := e.decoded()
		if err == nil && !e.admitted() {
			err = fmt.Errorf("row %s: it is not in force yet", e.id)
		}
		if err != nil {
			return s.unreadable(name, err)
		}
		next := *e.inForce
		next.mark = rand.Text()
		record.Workspace, record.PolicyVersion, record.PolicyHash = id, next.version, w.Policy.Hash()
		sealed, head, err := audit.Seal(next.head, record)
		if err != nil {
			return err
		}
		next.head = head
		_, err = s.enter(ctx, name, now.generation, e, next, sealed)
		if !errors.Is(err, errMoved) || try == putTries {
			return s.busy(name, err)
		}
		s.pause(ctx)
	}
}

// wanted is the workspace as the outside row has it.
func (s *Store) wanted(e registryEntry) (airlock.Workspace, error) {
	if e.outside == nil {
		w, err := e.decoded()
		w = w.Clone()
		w.Policy.Enabled = false
		return w, err
	}
	if e.outside.err != nil {
		return airlock.Workspace{}, s.unreadable("accept workspace", e.outside.err)
	}
	w, err := decodeWorkspace(e.id, e.outside.document, s.reserved)
	if invalid, ok := errors.AsType[*airlock.InvalidError](err); ok {
		return w, invalid
	}
	if err != nil {
		return w, s.unreadable("accept workspace", err)
	}
	return w, nil
}

// Outside returns a workspace's foreign row and its row in force: two
// documents, "" where there is no row, and the digest that Accept takes. Not from
// memory. differs is false when that was taken.
//
// Errors: airlock.ErrNoWorkspace, *airlock.Fault.
func (s *Store) Outside(ctx context.Context, id airlock.WorkspaceID) (o airlock.OutsideChange, err error) {
	const operation = "compare workspace"
	e, err := s.readEntry(ctx, operation, id)
	if err != nil {
		return o, s.noWorkspace(operation, err)
	}
	if e.inForce == nil || e.inForce.err != nil {
		_, err := e.decoded()
		return o, s.unreadable(operation, err)
	}
	o = airlock.OutsideChange{Differs: e.differs(), InForce: e.inForce.document, Digest: e.outside.digest()}
	if e.outside != nil {
		o.Outside = e.outside.document
		// As it would be in force: with what it does not say filled in.
		if w, err := decodeWorkspace(e.id, e.outside.document, s.reserved); err == nil {
			o.Outside, err = documentOf(w)
			return o, err
		}
	}
	return o, nil
}
