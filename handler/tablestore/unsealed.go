package tablestore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"example.org/airlock/handler/airlock"
)

// Rows that were written before rows were sealed are believed by nothing but this
// file, which a TRE administrator sets to work. Anybody who can write the table could
// have written them too: the anchored trail has to bear them out before they get a
// seal (workflow).

// unsealedOnly selects rows that have the last format without a seal.
func unsealedOnly(filter string) string {
	return filter + fmt.Sprintf(" and Schema eq %d", unsealedFormat)
}

// ofKind selects the rows of a kind in a workspace.
func ofKind(ws airlock.WorkspaceID, kind string) string {
	from, to := between(kind)
	return rangeFilter(string(ws), from, to)
}

// Unsealed yields the requests of a workspace whose rows were written before rows
// were sealed. A row that it cannot read is yielded as an error, and it goes on; a
// failed call ends it.
func (s *Store) Unsealed(ctx context.Context, ws airlock.WorkspaceID) iter.Seq2[airlock.UnsealedRequest, error] {
	const operation = "list unsealed requests"
	return func(yield func(airlock.UnsealedRequest, error) bool) {
		for r, err := range s.unsealed(ctx, operation, s.requests, unsealedOnly(ofKind(ws, kindRequest))) {
			if err != nil {
				yield(airlock.UnsealedRequest{}, err)
				return
			}
			request, _, err := readRequest(r)
			if err != nil {
				err = s.unreadable(operation, err)
			}
			if !yield(airlock.UnsealedRequest{Request: request, Version: version(r.etag)}, err) {
				return
			}
		}
	}
}

// unsealed yields rows that have no seal, as they were written then.
func (s *Store) unsealed(ctx context.Context, operation string, table table, filter string) iter.Seq2[*stored, error] {
	return func(yield func(*stored, error) bool) {
		for at := (cursor{}); ; {
			entities, next, err := s.fetch(ctx, table, query{filter: filter, etags: true}, at)
			if err != nil {
				yield(nil, s.faultOf(operation, err))
				return
			}
			for _, entity := range entities {
				r := parse(entity)
				r.formats = formats{oldest: unsealedFormat, newest: unsealedFormat}
				if _, has := r.columns[sealColumn]; !has && !yield(r, nil) {
					return
				}
			}
			if next.end() {
				return
			}
			at = next
		}
	}
}

// SealRest seals what else of a workspace was written before rows were sealed and
// belongs to a request that is sealed: events that are not published, and verdicts.
// Rows of listings of such a request were written anew with it; the rest of them
// is removed. It returns how many rows it sealed, and the keys of those it left alone.
// Safe to repeat.
//
// Errors: *airlock.Fault.
func (s *Store) SealRest(ctx context.Context, ws airlock.WorkspaceID) (sealed int, left []string, err error) {
	known := map[airlock.RequestID]bool{}
	for _, kind := range []string{kindOutbox, kindVerdict, kindByTime, kindByStatus, kindByCreator, kindHead} {
		for r, err := range s.unsealed(ctx, "list unsealed rows", s.requests, unsealedOnly(ofKind(ws, kind))) {
			if err != nil {
				return sealed, left, err
			}
			id := requestOf(kind, r.key)
			genuine, err := s.isSealed(ctx, known, ws, id)
			if err != nil {
				return sealed, left, err
			}
			if !genuine {
				left = append(left, r.key)
				continue
			}
			if err := s.sealOrRemove(ctx, kind, r); err != nil {
				return sealed, left, err
			}
			sealed++
		}
	}
	return sealed, left, nil
}

// requestOf is the request that a row's key names.
func requestOf(kind, key string) airlock.RequestID {
	parts := strings.Split(key, separator)
	at := len(parts) - 1
	switch kind {
	case kindOutbox:
		at = 2
	case kindVerdict, kindHead:
		at = 1
	}
	if at >= len(parts) {
		return ""
	}
	return airlock.RequestID(parts[at])
}

// isSealed reports whether a request's own row has its seal.
func (s *Store) isSealed(ctx context.Context, known map[airlock.RequestID]bool, ws airlock.WorkspaceID, id airlock.RequestID) (bool, error) {
	if genuine, asked := known[id]; asked {
		return genuine, nil
	}
	if _, err := airlock.ParseRequestID(string(id)); err != nil {
		return false, nil
	}
	_, _, err := s.Load(ctx, ws, id)
	var fault *airlock.Fault
	switch {
	case err == nil:
		known[id] = true
	case errors.Is(err, airlock.ErrNotFound), errors.As(err, &fault) && (fault.Code == airlock.StateDamaged || fault.Code == airlock.UnreadableRow):
		known[id] = false
	default:
		return false, err
	}
	return known[id], nil
}

// sealOrRemove seals a row as it is. A row of a listing, or a head that is to be
// anchored, is removed: the request has others.
func (s *Store) sealOrRemove(ctx context.Context, kind string, r *stored) error {
	if kind == kindOutbox || kind == kindVerdict {
		return s.sealAsItIs(ctx, s.requests, r)
	}
	gone := remove(r.partition, r.key)
	gone.etag = &r.etag
	return s.unlessChanged(ctx, s.requests, gone)
}

func (s *Store) sealAsItIs(ctx context.Context, table table, r *stored) error {
	return s.unlessChanged(ctx, table, replace(row{partition: r.partition, key: r.key, columns: r.columns}, r.etag))
}

// unlessChanged does one thing to a row if it is as it was read. A faster writer has
// done the work already.
func (s *Store) unlessChanged(ctx context.Context, table table, o operation) error {
	_, _, err := s.submit(ctx, table, "seal row", []operation{o})
	if errors.Is(err, airlock.ErrNotFound) || errors.Is(err, airlock.ErrStale) {
		return nil
	}
	return err
}

// SealOthers seals the rows of request ids and parked events from before rows were
// sealed: an id if the workspace that it names has the request, sealed; a parked event
// as it is, for an operator looks at it anyway. Results as SealRest.
func (s *Store) SealOthers(ctx context.Context) (sealed int, left []string, err error) {
	for r, err := range s.unsealed(ctx, "list unsealed ids", s.requestWorkspaces, fmt.Sprintf("Schema eq %d", unsealedFormat)) {
		if err != nil {
			return sealed, left, err
		}
		ws, _ := r.columns["Workspace"].(string)
		genuine, err := s.isSealed(ctx, map[airlock.RequestID]bool{}, airlock.WorkspaceID(ws), airlock.RequestID(r.partition))
		if err != nil {
			return sealed, left, err
		}
		if !genuine {
			left = append(left, r.partition)
			continue
		}
		if err := s.sealAsItIs(ctx, s.requestWorkspaces, r); err != nil {
			return sealed, left, err
		}
		sealed++
	}
	for r, err := range s.unsealed(ctx, "list unsealed events", s.parked, unsealedOnly("PartitionKey eq "+odataText(parkedPartition))) {
		if err != nil {
			return sealed, left, err
		}
		if err := s.sealAsItIs(ctx, s.parked, r); err != nil {
			return sealed, left, err
		}
		sealed++
	}
	return sealed, left, nil
}
