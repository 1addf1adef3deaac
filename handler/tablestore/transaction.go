package tablestore

import (
	"context"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"example.org/airlock/handler/airlock"
)

// Limits of an entity-group transaction.
const (
	maxOperations = 100
	maxBodyBytes  = 4 << 20
	// perOperation is more than the SDK writes around one operation besides its
	// entity and its address.
	perOperation = 700
)

// operation is one step of a transaction.
type operation struct {
	row  row
	kind aztables.TransactionType
	etag *azcore.ETag // the row must be at it; nil: at any
}

func insert(r row) operation { return operation{row: r, kind: aztables.TransactionTypeAdd} }

// replace writes a row only over the version that was read. Without an ETag the
// SDK would make it an upsert, so it is not optional here.
func replace(r row, at azcore.ETag) operation {
	return operation{row: r, kind: aztables.TransactionTypeUpdateReplace, etag: &at}
}

// put writes a row whether it is there or not.
func put(r row) operation { return operation{row: r, kind: aztables.TransactionTypeInsertReplace} }

func remove(partition, key string) operation {
	return operation{row: row{partition: partition, key: key}, kind: aztables.TransactionTypeDelete}
}

// submit carries out operations of one partition in one call, all or none. Every
// write goes this way, also that of a single row: there is one place for limits
// and refusals, and the emulator breaks characters in larger bodies of its
// single-row calls (it decodes each piece it receives by itself).
//
// It returns the new ETag of the first row, "" when the answer does not tell. When
// the service refused, it returns the service's answer beside the error.
//
// Errors: those of faultOf; airlock.ErrTooLarge comes before anything is sent.
func (s *Store) submit(ctx context.Context, table table, name string, operations []operation) (azcore.ETag, *refusal, error) {
	actions, err := s.actions(ctx, table.name, operations)
	if err != nil {
		return "", nil, err
	}
	var response *http.Response
	if _, err := table.SubmitTransaction(policy.WithCaptureResponse(ctx, &response), actions, nil); err != nil {
		said, _ := refusalOf(err)
		return "", said, s.faultOf(name, err)
	}
	if answers := batchParts(response); len(answers) == len(operations) {
		return answers[0].etag, nil, nil
	}
	return "", nil, nil
}

// actions seals the rows of operations, translates them for the SDK and keeps the limits.
func (s *Store) actions(ctx context.Context, table string, operations []operation) ([]aztables.TransactionAction, error) {
	if len(operations) > maxOperations {
		return nil, fmt.Errorf("tablestore: transaction of %d operations: %w", len(operations), airlock.ErrTooLarge)
	}
	out := make([]aztables.TransactionAction, len(operations))
	size := 0
	for i, o := range operations {
		r := o.row
		var err error
		if o.kind != aztables.TransactionTypeDelete {
			if r, err = s.sealed(ctx, table, r); err != nil {
				return nil, err
			}
		}
		entity, err := r.entity()
		if err != nil {
			return nil, err
		}
		// The keys stand in the address too, where a byte takes up to three.
		size += perOperation + len(entity) + 3*len(o.row.partition+o.row.key)
		out[i] = aztables.TransactionAction{ActionType: o.kind, Entity: entity, IfMatch: o.etag}
	}
	if size > maxBodyBytes {
		return nil, fmt.Errorf("tablestore: transaction of about %d bytes: %w", size, airlock.ErrTooLarge)
	}
	return out, nil
}
