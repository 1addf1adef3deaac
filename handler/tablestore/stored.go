package tablestore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// stored is an entity as it was read. Reading a column takes it out, so that
// done can tell what nobody knew. The first problem is kept and stops the rest.
type stored struct {
	partition, key string
	etag           azcore.ETag
	columns        map[string]any
	formats        formats // that this program reads
	err            error
}

// parse reads an entity as the SDK returns it.
func parse(entity []byte) *stored {
	r := &stored{}
	if err := json.Unmarshal(entity, &r.columns); err != nil {
		r.err = fmt.Errorf("not an entity: %w", err)
		return r
	}
	r.partition, _ = r.columns["PartitionKey"].(string)
	r.key, _ = r.columns["RowKey"].(string)
	if etag, ok := r.columns["odata.etag"].(string); ok {
		r.etag = azcore.ETag(etag)
	}
	for name := range r.columns {
		if name == "PartitionKey" || name == "RowKey" || name == "Timestamp" ||
			strings.HasPrefix(name, "odata.") || strings.HasSuffix(name, "@odata.type") {
			delete(r.columns, name)
		}
	}
	return r
}

func (r *stored) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// known checks the version of the row's format.
func (r *stored) known() {
	if v := r.number("Schema"); !r.formats.knows(v) {
		r.fail("the format is version %d, this program knows %d to %d", v, r.formats.oldest, r.formats.newest)
	}
}

// text returns a text that row.text wrote.
func (r *stored) text(name string) string {
	first, ok := r.columns[name].(string)
	if !ok {
		r.fail("column %s is missing or no text", name)
		return ""
	}
	delete(r.columns, name)
	var all strings.Builder
	all.WriteString(first)
	for i := 1; ; i++ {
		piece, ok := r.columns[chunkName(name, i)].(string)
		if !ok {
			return all.String()
		}
		delete(r.columns, chunkName(name, i))
		all.WriteString(piece)
	}
}

// optional is text for a column that may be missing.
func (r *stored) optional(name string) string {
	if _, ok := r.columns[name]; !ok {
		return ""
	}
	return r.text(name)
}

// number returns a whole number, 0 when the column is missing.
func (r *stored) number(name string) int {
	value, ok := r.columns[name]
	if !ok {
		return 0
	}
	n, ok := value.(float64)
	if !ok || n != float64(int32(n)) {
		r.fail("column %s is no number", name)
	}
	delete(r.columns, name)
	return int(n)
}

// document reads a text column as JSON, strictly: a member nobody knows is an
// error, for writing the row back would lose it.
func (r *stored) document(name string, into any) {
	text := r.text(name)
	if r.err == nil {
		if err := decode(text, into); err != nil {
			r.fail("column %s: %w", name, err)
		}
	}
}

// done returns the first problem; a column that was not read is one.
func (r *stored) done() error {
	for name := range r.columns {
		r.fail("unknown column %s", name)
	}
	if r.err != nil {
		return fmt.Errorf("row %s: %w", r.key, r.err)
	}
	return nil
}

func decode(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

func encode(value any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the rows stay readable, and short
	if err := e.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
