package tablestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Load reads a request with one point read.
//
// Errors: airlock.ErrNotFound, *airlock.Fault.
func (s *Store) Load(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) (airlock.Request, airlock.Version, error) {
	r, _, at, err := s.load(ctx, "load request", ws, id)
	if err != nil {
		return airlock.Request{}, "", err
	}
	return r, version(at), nil
}

func (s *Store) load(ctx context.Context, operation string, ws airlock.WorkspaceID, id airlock.RequestID) (airlock.Request, string, azcore.ETag, error) {
	found, err := s.requests.GetEntity(ctx, string(ws), requestKey(id), nil)
	if err != nil {
		return airlock.Request{}, "", "", s.faultOf(operation, err)
	}
	row, err := s.read(ctx, requestsTable, found.Value)
	if err != nil {
		return airlock.Request{}, "", "", err
	}
	r, mark, err := readRequest(row)
	if err != nil {
		return airlock.Request{}, "", "", s.unreadable(operation, err)
	}
	return r, mark, found.ETag, nil
}

// Commit writes a decision with everything that belongs to it in one
// transaction, one call. It returns the events with their keys and the new
// version of the request.
//
// These errors leave nothing written: airlock.ErrStale (not at
// c.Version any more), airlock.ErrExists (c.Was is nil and the request exists),
// airlock.ErrTooLarge. After an *airlock.Fault it is open whether the decision
// was written: load the request to know.
//
// The SDK repeats a transaction whose answer got lost; the repetition is
// refused although the first try was done. The mark on the rows tells such a
// refusal from a lost race.
func (s *Store) Commit(ctx context.Context, c audit.Commit) ([]airlock.Event, airlock.Version, error) {
	mark := rand.Text()
	operations, events, err := plan(c, mark)
	if err != nil {
		return nil, "", err
	}
	// Each round drops at least one operation, so it ends.
	for {
		at, refused, err := s.submit(ctx, s.requests, commitRequest, operations)
		switch {
		case err == nil && at != "":
			return events, version(at), nil
		case err != nil && !conflict(err):
			return nil, "", err
		}
		v, done, unconfirmed := s.committed(ctx, c, mark)
		switch {
		case unconfirmed != nil:
			return nil, "", unconfirmed
		case done:
			return events, v, nil
		case err == nil:
			// Written, says the service, and the rows do not show it.
			return nil, "", s.fault(airlock.Transient, "UnconfirmedCommit", commitRequest, errors.New("the rows do not show what was written"))
		}
		if operations, err = s.withoutMissing(ctx, operations, refused, err); err != nil {
			return nil, "", err
		}
	}
}

const commitRequest = "commit request"

// conflict reports whether a refusal may be our own work seen twice.
func conflict(judged error) bool {
	return errors.Is(judged, airlock.ErrStale) || errors.Is(judged, airlock.ErrExists) || errors.Is(judged, airlock.ErrNotFound)
}

// committed looks whether the commit with that mark was written, and returns
// the version it made. When somebody else has written since, the audit row
// still has the mark, and the version is one that no row is at.
func (s *Store) committed(ctx context.Context, c audit.Commit, mark string) (airlock.Version, bool, error) {
	_, found, at, err := s.load(ctx, "confirm commit", c.Request.Workspace, c.Request.ID)
	switch {
	case errors.Is(err, airlock.ErrNotFound):
		return "", false, nil
	case err != nil:
		return "", false, err
	case found == mark:
		return version(at), true, nil
	case len(c.Records) == 0:
		return "", false, nil
	}
	record, err := s.requests.GetEntity(ctx, string(c.Request.Workspace), auditKey(c.Request.ID, c.Records[0].Record.Seq), nil)
	if err = s.faultOf("confirm commit", err); errors.Is(err, airlock.ErrNotFound) {
		return "", false, nil
	} else if err != nil {
		return "", false, err
	}
	return superseded, parse(record.Value).optional("Commit") == mark, nil
}

// withoutMissing judges a refusal that is not our own work. A refusal of the
// first operation is a lost race. An index row that should be deleted and is
// not there must not hold up its request for ever: the transaction is tried
// again without its deletion, still under the request row's guard.
func (s *Store) withoutMissing(ctx context.Context, operations []operation, refused *refusal, judged error) ([]operation, error) {
	i := refused.failed
	if i <= 0 || i >= len(operations) {
		if operations[0].etag != nil {
			return nil, fmt.Errorf("tablestore: %s: %w", commitRequest, airlock.ErrStale)
		}
		return nil, judged
	}
	if operations[i].kind == aztables.TransactionTypeDelete && errors.Is(judged, airlock.ErrNotFound) {
		return slices.Delete(slices.Clone(operations), i, i+1), nil
	}
	// The request is where it was read, and yet a row that is written once is there.
	if row := operations[i].row; strings.HasPrefix(row.key, kindAudit+separator) && errors.Is(judged, airlock.ErrExists) {
		err := s.damaged(ctx, requestsTable, row.partition, operations[0].row.key, rolledBack)
		return nil, s.unreadable(commitRequest, fmt.Errorf("row %s: %w", row.key, err))
	}
	return nil, s.fault(airlock.Operator, refused.Name(), commitRequest, fmt.Errorf("row %s: %w", operations[i].row.key, refused))
}
