package ground

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

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
