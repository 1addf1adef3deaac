package tablestore

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"example.org/airlock/handler/airlock"
)

// canaryPartition is in the table of parked events: a canary is an event that is
// waited for.
const canaryPartition = "canary"

// Sent notes a canary event that is about to be published.
//
// Errors: *airlock.Fault.
func (s *Store) Sent(ctx context.Context, id string) error {
	r := newRow(canaryPartition, escape(id))
	r.columns["At"] = time.Now().UTC().Format(time.RFC3339Nano)
	_, _, err := s.submit(ctx, s.parked, "note canary", []operation{insert(r)})
	return err
}

// CanaryReturned notes that the event was delivered. An event that nobody sent is
// airlock.ErrNotFound and leaves no row.
func (s *Store) CanaryReturned(ctx context.Context, id string) error {
	const operation = "note canary"
	r := newRow(canaryPartition, escape(id))
	r.columns["Returned"] = true
	body, err := r.entity()
	if err != nil {
		return err
	}
	_, err = s.parked.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeMerge, IfMatch: to.Ptr(azcore.ETagAny)})
	return s.faultOf(operation, err)
}

// Returned reports whether a canary event was delivered.
//
// Errors: airlock.ErrNotFound, *airlock.Fault.
func (s *Store) Returned(ctx context.Context, id string) (bool, error) {
	found, err := s.parked.GetEntity(ctx, canaryPartition, escape(id), nil)
	if err != nil {
		return false, s.faultOf("read canary", err)
	}
	_, returned := parse(found.Value).columns["Returned"]
	return returned, nil
}

// Forget removes a canary's row; that it is gone already is no error.
func (s *Store) Forget(ctx context.Context, id string) error {
	_, err := s.parked.DeleteEntity(ctx, canaryPartition, escape(id), nil)
	if err = s.faultOf("forget canary", err); errors.Is(err, airlock.ErrNotFound) {
		return nil
	}
	return err
}
