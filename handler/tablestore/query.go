package tablestore

import (
	"context"
	"iter"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// query selects rows of one table, in the order of their keys.
type query struct {
	filter  string
	columns []string // nil: all; of rows that were read in part nobody can tell who wrote them
	top     int32    // rows per call, 0: as many as the service gives
	etags   bool     // the rows' ETags are wanted: only full metadata promises them
}

// cursor is where the service wants to go on. The zero cursor is the start of a
// listing and, from fetch, its end.
type cursor struct {
	Partition string `json:"p"`
	Row       string `json:"r"`
}

func (c cursor) end() bool { return c == cursor{} }

// fetch makes one call. Its error is the SDK's.
func (s *Store) fetch(ctx context.Context, table table, q query, at cursor) ([][]byte, cursor, error) {
	page, next, err := s.ask(ctx, table, q, at)
	if err != nil {
		return nil, cursor{}, err
	}
	rows, err := page.rows()
	if err != nil {
		return nil, cursor{}, err
	}
	return rows, next, nil
}

// ask is fetch without a look at the rows.
func (s *Store) ask(ctx context.Context, table table, q query, at cursor) (*answer, cursor, error) {
	o := &aztables.ListEntitiesOptions{Filter: &q.filter}
	if len(q.columns) > 0 {
		o.Select = to.Ptr(strings.Join(q.columns, ","))
	}
	if q.etags {
		o.Format = to.Ptr(aztables.MetadataFormatFull)
	}
	if q.top > 0 {
		o.Top = &q.top
	}
	if at.Partition != "" {
		o.NextPartitionKey = &at.Partition
	}
	if at.Row != "" {
		o.NextRowKey = &at.Row
	}
	ctx, taken := awaited(ctx)
	page, err := table.NewListEntitiesPager(o).NextPage(ctx)
	if err != nil {
		return nil, cursor{}, err
	}
	var next cursor
	if page.NextPartitionKey != nil {
		next.Partition = *page.NextPartitionKey
	}
	if page.NextRowKey != nil {
		next.Row = *page.NextRowKey
	}
	return taken, next, nil
}

// rows yields every row of a query, a page at a time, as far as the caller
// reads. A fault ends it.
func (s *Store) rows(ctx context.Context, operation string, table table, q query) iter.Seq2[*stored, error] {
	return func(yield func(*stored, error) bool) {
		for at := (cursor{}); ; {
			entities, next, err := s.fetch(ctx, table, q, at)
			if err != nil {
				yield(nil, s.faultOf(operation, err))
				return
			}
			for _, entity := range entities {
				r, err := parse(entity), error(nil)
				if len(q.columns) == 0 { // a seal is of the whole row
					r, err = s.read(ctx, table.name, entity)
				}
				if !yield(r, err) || err != nil {
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
