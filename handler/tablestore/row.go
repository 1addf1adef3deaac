package tablestore

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/airlock/handler/airlock"
)

// The service's limits (learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
const (
	maxKeyUnits    = 512 // 1 KiB
	maxStringUnits = 32768
	maxColumns     = 252
	maxEntityBytes = 1 << 20 // as the service counts, in UTF-16
)

// row is an entity to be written. Columns hold strings and small whole numbers only.
type row struct {
	partition, key string
	columns        map[string]any
}

func newRow(partition, key string) row {
	return row{partition: partition, key: key, columns: map[string]any{"Schema": present.written}}
}

// text sets a column to a text of any length, in chunks.
func (r row) text(name, text string) {
	for i, piece := range chunks(text) {
		r.columns[chunkName(name, i)] = piece
	}
}

// entity returns the row as the SDK wants it, or airlock.ErrTooLarge when the
// service would not take it.
func (r row) entity() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	all := map[string]any{"PartitionKey": r.partition, "RowKey": r.key}
	for name, value := range r.columns {
		all[name] = value
	}
	return json.Marshal(all)
}

func (r row) check() error {
	for _, k := range []string{r.partition, r.key} {
		if !utf8.ValidString(k) || strings.ContainsAny(k, "/\\#?'") || strings.ContainsFunc(k, unicode.IsControl) {
			return fmt.Errorf("tablestore: %q cannot be a key", k)
		}
		if units(k) > maxKeyUnits {
			return fmt.Errorf("tablestore: key of %d characters: %w", units(k), airlock.ErrTooLarge)
		}
	}
	if len(r.columns) > maxColumns {
		return fmt.Errorf("tablestore: row %s with %d columns: %w", r.key, len(r.columns), airlock.ErrTooLarge)
	}
	for name, value := range r.columns {
		text, ok := value.(string)
		if !ok {
			continue
		}
		if !utf8.ValidString(text) {
			return fmt.Errorf("tablestore: row %s: column %s is not UTF-8", r.key, name)
		}
		if units(text) > maxStringUnits {
			return fmt.Errorf("tablestore: row %s: column %s of %d characters: %w", r.key, name, units(text), airlock.ErrTooLarge)
		}
	}
	return r.fits(maxEntityBytes)
}

// fits returns airlock.ErrTooLarge when the row has more than limit bytes by the
// service's own formula: 4 bytes, two per unit of the keys, and for each column 8
// bytes, two per unit of its name, and the value (a string has 4 more). There is room for a seal.
func (r row) fits(limit int) error {
	size := 4 + sealBytes + 2*units(r.partition+r.key)
	for name, value := range r.columns {
		size += 8 + 2*len(name) + 4
		if text, ok := value.(string); ok {
			size += 2 * units(text)
		}
	}
	if size > limit {
		return fmt.Errorf("tablestore: row %s of %d bytes: %w", r.key, size, airlock.ErrTooLarge)
	}
	return nil
}
