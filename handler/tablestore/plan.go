package tablestore

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// plan lists the operations of a commit, the request's row first: it carries
// the guard, so that a late writer is refused there. It returns the events
// with their keys set. mark goes onto the request's row and the audit rows.
func plan(c audit.Commit, mark string) ([]operation, []airlock.Event, error) {
	if err := coherent(c); err != nil {
		return nil, nil, err
	}
	r, err := requestRow(c.Request, mark)
	if err != nil {
		return nil, nil, err
	}
	if err := r.fits(maxEntityBytes - reserved(c.Request.Status)); err != nil {
		return nil, nil, err
	}
	var out []operation
	if c.Was == nil {
		out = append(out, insert(r))
	} else {
		at, ok := etag(c.Version)
		if !ok {
			return nil, nil, fmt.Errorf("tablestore: commit request %s: %w", c.Request.ID, airlock.ErrStale)
		}
		out = append(out, replace(r, at))
	}
	index, err := planIndex(c)
	if err != nil {
		return nil, nil, err
	}
	records, err := planRecords(c, mark)
	if err != nil {
		return nil, nil, err
	}
	outbox, events, err := planOutbox(c)
	if err != nil {
		return nil, nil, err
	}
	verdicts, err := planVerdicts(c)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat(out, index, records, planHead(c), planSeen(c), outbox, verdicts, planTurn(c), planComment(c)), events, nil
}

// endReserve is the part of a request's row that only its end may take: a request
// with a full row can still be stopped.
const endReserve = 32 << 10

func reserved(s airlock.Status) int {
	switch s {
	case airlock.Failed, airlock.Cancelled, airlock.Revoked, airlock.BlockingInProgress, airlock.BlockedByScan:
		return 0
	}
	return endReserve
}

// coherent refuses commits that would leave rows nobody finds again.
func coherent(c audit.Commit) error {
	r := c.Request
	switch {
	case r.ID == "" || r.Workspace == "" || r.CreatedWhen.IsZero() || r.Status == "":
		return errors.New("tablestore: commit of a request without id, workspace, time or status")
	case c.Was == nil:
		return nil
	case c.Was.ID != r.ID || c.Was.Workspace != r.Workspace || c.Was.CreatedBy.ID != r.CreatedBy.ID || !c.Was.CreatedWhen.Equal(r.CreatedWhen),
		len(c.Was.Accounts) > 0 && !maps.Equal(c.Was.Accounts, r.Accounts):
		return fmt.Errorf("tablestore: commit changes what never changes of request %s", c.Was.ID)
	}
	return nil
}

// planIndex brings the index rows from the old state to the new one and leaves
// unchanged rows alone.
func planIndex(c audit.Commit) ([]operation, error) {
	now, err := indexRows(c.Request)
	if err != nil {
		return nil, err
	}
	var before []row
	if c.Was != nil {
		if before, err = indexRows(*c.Was); err != nil {
			return nil, err
		}
	}
	var out []operation
	for _, old := range before {
		if !slices.ContainsFunc(now, func(r row) bool { return r.key == old.key }) {
			out = append(out, remove(old.partition, old.key))
		}
	}
	for _, r := range now {
		if c.Unsealed || !slices.ContainsFunc(before, func(old row) bool { return r.key == old.key && maps.Equal(r.columns, old.columns) }) {
			out = append(out, put(r))
		}
	}
	return out, nil
}

func planRecords(c audit.Commit, mark string) ([]operation, error) {
	var out []operation
	for _, sealed := range c.Records {
		if !survives(sealed.Body) {
			return nil, fmt.Errorf("tablestore: audit record %d of request %s is no text", sealed.Record.Seq, c.Request.ID)
		}
		r := newRow(string(c.Request.Workspace), auditKey(c.Request.ID, sealed.Record.Seq))
		r.text("Body", string(sealed.Body))
		r.columns["Hash"] = sealed.Hash
		r.columns["Commit"] = mark
		out = append(out, insert(r))
	}
	return out, nil
}

func planOutbox(c audit.Commit) ([]operation, []airlock.Event, error) {
	var out []operation
	events := slices.Clone(c.Events)
	for i := range events {
		e := &events[i]
		if e.ID == "" || e.Time.IsZero() || e.Request != c.Request.ID || e.Workspace != c.Request.Workspace {
			return nil, nil, fmt.Errorf("tablestore: event %q does not belong to request %s", e.ID, c.Request.ID)
		}
		document, err := encode(e)
		if err != nil {
			return nil, nil, fmt.Errorf("tablestore: event %q: %w", e.ID, err)
		}
		e.Key = outboxKey(*e, i)
		r := newRow(string(e.Workspace), e.Key)
		r.text("Event", document)
		out = append(out, insert(r))
	}
	return out, events, nil
}
