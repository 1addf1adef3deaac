package ground

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// RequestsTable holds requests, their index, audit and outbox rows; one partition per workspace.
const RequestsTable = "AirlockRequests"

// Row is one table entity as the service returns it.
type Row map[string]any

// Key is the row's key.
func (r Row) Key() string { return r.string("RowKey") }

// Partition is the row's partition.
func (r Row) Partition() string { return r.string("PartitionKey") }

func (r Row) string(name string) string {
	text, _ := r[name].(string)
	return text
}

// Text returns a text that may lie in several columns: name, name1, name2, …
func (r Row) Text(name string) string {
	text := r.string(name)
	for i := 1; ; i++ {
		piece, ok := r[name+strconv.Itoa(i)].(string)
		if !ok {
			return text
		}
		text += piece
	}
}

// SetText replaces such a text by a short one.
func (r Row) SetText(name, text string) {
	for i := 1; r[name+strconv.Itoa(i)] != nil; i++ {
		delete(r, name+strconv.Itoa(i))
	}
	r[name] = text
}

// Rows returns the rows of a partition whose keys begin with prefix, in the order of their keys; an empty partition
// means all.
func (g *Ground) Rows(ctx context.Context, table, partition, prefix string) ([]Row, error) {
	var filters []string
	if partition != "" {
		filters = append(filters, "PartitionKey eq '"+partition+"'")
	}
	if prefix != "" {
		last := prefix[len(prefix)-1]
		filters = append(filters, "RowKey ge '"+prefix+"' and RowKey lt '"+prefix[:len(prefix)-1]+string(rune(last+1))+"'")
	}
	options := &aztables.ListEntitiesOptions{}
	if len(filters) > 0 {
		filter := strings.Join(filters, " and ")
		options.Filter = &filter
	}
	var rows []Row
	for pager := g.tables.NewClient(table).NewListEntitiesPager(options); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("ground: query %s: %w", table, err)
		}
		for _, text := range page.Entities {
			var row Row
			if err := json.Unmarshal(text, &row); err != nil {
				return nil, fmt.Errorf("ground: row of %s: %w", table, err)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Put makes or replaces a row as it is given.
func (g *Ground) Put(ctx context.Context, table string, row Row) error {
	text, err := json.Marshal(writable(row))
	if err != nil {
		return fmt.Errorf("ground: row of %s: %w", table, err)
	}
	_, err = g.tables.NewClient(table).UpsertEntity(ctx, text, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	if err != nil {
		return fmt.Errorf("ground: write to %s: %w", table, err)
	}
	return nil
}

// Remove deletes a row.
func (g *Ground) Remove(ctx context.Context, table string, row Row) error {
	if _, err := g.tables.NewClient(table).DeleteEntity(ctx, row.Partition(), row.Key(), nil); err != nil {
		return fmt.Errorf("ground: delete from %s: %w", table, err)
	}
	return nil
}

// Exchange puts now in the place of was, which must be as it was read: nil for was means that there must be no row, nil
// for now takes the row away. It returns false, and changes nothing, when somebody else was faster.
func (g *Ground) Exchange(ctx context.Context, table string, was, now Row) (done bool, err error) {
	client := g.tables.NewClient(table)
	var text []byte
	if now != nil {
		if text, err = json.Marshal(writable(now)); err != nil {
			return false, fmt.Errorf("ground: row of %s: %w", table, err)
		}
	}
	at := azcore.ETag(was.string("odata.etag"))
	switch {
	case was == nil:
		_, err = client.AddEntity(ctx, text, nil)
	case now == nil:
		_, err = client.DeleteEntity(ctx, was.Partition(), was.Key(), &aztables.DeleteEntityOptions{IfMatch: &at})
	default:
		_, err = client.UpdateEntity(ctx, text, &aztables.UpdateEntityOptions{IfMatch: &at, UpdateMode: aztables.UpdateModeReplace})
	}
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
		switch refused.StatusCode {
		case http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed:
			return false, nil
		}
	}
	if err != nil {
		return false, fmt.Errorf("ground: exchange a row of %s: %w", table, err)
	}
	return true, nil
}

// Row returns one row, nil for none.
func (g *Ground) Row(ctx context.Context, table, partition, key string) (Row, error) {
	answer, err := g.tables.NewClient(table).GetEntity(ctx, partition, key, nil)
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok && refused.StatusCode == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ground: read %s: %w", table, err)
	}
	var row Row
	if err := json.Unmarshal(answer.Value, &row); err != nil {
		return nil, fmt.Errorf("ground: row of %s: %w", table, err)
	}
	return row, nil
}

// Same reports whether two rows say the same; two that are not there do.
func Same(a, b Row) bool {
	return (a == nil) == (b == nil) && reflect.DeepEqual(writable(a), writable(b))
}
