package tablestore

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// noRow is the key of a row that no table has.
const noRow = "airlock-doctor"

func (s *Store) tables() map[string]table {
	return map[string]table{requestsTable: s.requests, requestWorkspacesTable: s.requestWorkspaces, workspacesTable: s.registry, parkedTable: s.parked}
}

// Names lists the tables.
func (s *Store) Names() []string {
	return []string{requestsTable, requestWorkspacesTable, workspacesTable, parkedTable}
}

// TryRead reports whether a table can be read. Errors: *airlock.Fault.
func (s *Store) TryRead(ctx context.Context, table string) error {
	_, _, err := s.fetch(ctx, s.tables()[table], query{filter: "PartitionKey eq " + odataText(noRow), top: 1}, cursor{})
	return s.faultOf("read a table", err)
}

// TryWrite reports whether a table can be written: it deletes a row that does not
// exist. Errors: *airlock.Fault.
func (s *Store) TryWrite(ctx context.Context, table string) error {
	_, err := s.tables()[table].DeleteEntity(ctx, noRow, noRow, nil)
	if err = s.faultOf("write a table", err); errors.Is(err, airlock.ErrNotFound) {
		return nil
	}
	return err
}
