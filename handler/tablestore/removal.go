package tablestore

import (
	"context"
	"errors"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"example.org/airlock/handler/airlock"
)

// removeAll deletes rows that are still there and at the version named.
func (s *Store) removeAll(ctx context.Context, operation string, byWorkspace map[airlock.WorkspaceID][]operation) error {
	for _, all := range byWorkspace {
		for batch := range slices.Chunk(all, maxOperations) {
			if err := s.removeBatch(ctx, operation, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeBatch deletes in one call. A transaction with one row that is missing
// or has changed does nothing at all, so after such a refusal they go one by one.
func (s *Store) removeBatch(ctx context.Context, name string, operations []operation) error {
	over := func(err error) bool { return errors.Is(err, airlock.ErrNotFound) || errors.Is(err, airlock.ErrStale) }
	if len(operations) > 1 {
		if _, _, err := s.submit(ctx, s.requests, name, operations); !over(err) {
			return err
		}
	}
	for _, o := range operations {
		if err := s.removeOne(ctx, name, o.row, o.etag); err != nil && !over(err) {
			return err
		}
	}
	return nil
}

func (s *Store) removeOne(ctx context.Context, name string, r row, at *azcore.ETag) error {
	_, err := s.requests.DeleteEntity(ctx, r.partition, r.key, &aztables.DeleteEntityOptions{IfMatch: at})
	return s.faultOf(name, err)
}
