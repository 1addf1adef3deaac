package tablestore

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"example.org/airlock/handler/airlock"
)

const parkedPartition = "parked"

// A parked event is kept as it came where it is a text of moderate length. Event
// Grid delivers up to 1 MB, more than a row holds, and a blob may hold anything:
// such an event is packed.
const (
	asText       = "text"
	asGzip       = "gzip+base64"
	maxPlainText = 256 << 10
	// maxUnpacked bounds what a packed row may unfold to.
	maxUnpacked = 16 << 20
)

// Park stores an event that nobody could handle. It changes nothing when an
// event with that id is parked already. An empty p.ID is replaced by one made
// from p.At.
//
// Errors: airlock.ErrTooLarge, *airlock.Fault.
func (s *Store) Park(ctx context.Context, p airlock.Parked) error {
	if p.ID == "" {
		p.ID = ascending(p.At) + "-" + rand.Text()
	}
	r, err := parkedRow(p)
	if err != nil {
		return err
	}
	if _, _, err = s.submit(ctx, s.parked, "park event", []operation{insert(r)}); errors.Is(err, airlock.ErrExists) {
		return nil
	}
	return err
}

// ListParked returns parked events in the order of their ids, at most limit.
func (s *Store) ListParked(ctx context.Context, limit int) ([]airlock.Parked, error) {
	const operation = "list parked events"
	all := []airlock.Parked{}
	if limit < 1 {
		return all, nil
	}
	q := query{filter: "PartitionKey eq " + quoted(parkedPartition), top: int32(min(limit, maxPage))}
	for r, err := range s.rows(ctx, operation, s.parked, q) {
		if err != nil {
			return nil, err
		}
		p, err := readParked(r)
		if err != nil {
			return nil, s.unreadable(operation, err)
		}
		if all = append(all, p); len(all) == limit {
			break
		}
	}
	return all, nil
}

// Parked returns one parked event, or airlock.ErrNotFound.
func (s *Store) Parked(ctx context.Context, id string) (airlock.Parked, error) {
	const operation = "read parked event"
	found, err := s.parked.GetEntity(ctx, parkedPartition, escape(id), nil)
	if err != nil {
		return airlock.Parked{}, s.judge(operation, err)
	}
	p, err := readParked(parse(found.Value))
	if err != nil {
		return airlock.Parked{}, s.unreadable(operation, err)
	}
	return p, nil
}

// Unpark removes a parked event; that it is gone already is no error.
func (s *Store) Unpark(ctx context.Context, id string) error {
	_, err := s.parked.DeleteEntity(ctx, parkedPartition, escape(id), nil)
	if err = s.judge("remove parked event", err); errors.Is(err, airlock.ErrNotFound) {
		return nil
	}
	return err
}

func parkedRow(p airlock.Parked) (row, error) {
	r := newRow(parkedPartition, escape(p.ID))
	r.text("Function", p.Function)
	r.text("Reason", p.Reason)
	r.columns["At"] = p.At.UTC().Format(time.RFC3339Nano)
	if len(p.Event) <= maxPlainText && plain(p.Event) {
		r.columns["Encoding"] = asText
		r.text("Event", string(p.Event))
		return r, nil
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(p.Event); err != nil {
		return row{}, fmt.Errorf("tablestore: pack event %s: %w", p.ID, err)
	}
	if err := z.Close(); err != nil {
		return row{}, fmt.Errorf("tablestore: pack event %s: %w", p.ID, err)
	}
	r.columns["Encoding"] = asGzip
	r.text("Event", base64.StdEncoding.EncodeToString(packed.Bytes()))
	return r, nil
}

func readParked(r *stored) (airlock.Parked, error) {
	r.known()
	id, ok := unescape(r.key)
	if !ok {
		r.fail("the key is no id")
	}
	at, err := time.Parse(time.RFC3339Nano, r.text("At"))
	if err != nil {
		r.fail("column At: %w", err)
	}
	p := airlock.Parked{ID: id, Function: r.text("Function"), Reason: r.text("Reason"), At: at}
	encoding, event := r.text("Encoding"), r.text("Event")
	switch encoding {
	case asText:
		p.Event = []byte(event)
	case asGzip:
		if p.Event, err = unpack(event); err != nil {
			r.fail("column Event: %w", err)
		}
	default:
		r.fail("unknown encoding %q", encoding)
	}
	return p, r.done()
}

func unpack(text string) ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err == nil && len(out) > maxUnpacked {
		return nil, airlock.ErrTooLarge
	}
	return out, err
}
