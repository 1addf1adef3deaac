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
	"strings"
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
	// maxUnpacked bounds the size of an unpacked row.
	maxUnpacked = 16 << 20
)

// parkedKey is the row key of a parked event. Ids begin with the event's time in
// hexadecimal digits; their mirror image has the newest first.
func parkedKey(id string) string { return mirrored(escape(id)) }

// mirrored exchanges 0 and f, 1 and e, and so on. Doing it twice undoes it.
func mirrored(text string) string {
	const digits = "0123456789abcdef"
	return strings.Map(func(c rune) rune {
		if at := strings.IndexRune(digits, c); at >= 0 {
			return rune(digits[len(digits)-1-at])
		}
		return c
	}, text)
}

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

// ListParked returns parked events, the newest first, at most limit. An event
// whose row cannot be read is among them with its id and the reason alone.
//
// Errors: *airlock.Fault.
func (s *Store) ListParked(ctx context.Context, limit int) ([]airlock.Parked, error) {
	all := []airlock.Parked{}
	if limit < 1 {
		return all, nil
	}
	for r, err := range s.rows(ctx, "list parked events", s.parked, parkedQuery(limit)) {
		if err != nil {
			return nil, err
		}
		p, err := readParked(r)
		if err != nil {
			p = airlock.Parked{ID: p.ID, Reason: "the stored event cannot be read: " + err.Error()}
		}
		if all = append(all, p); len(all) == limit {
			break
		}
	}
	return all, nil
}

// CountParked counts parked events, up to limit, without reading them.
//
// Errors: *airlock.Fault.
func (s *Store) CountParked(ctx context.Context, limit int) (int, error) {
	q := parkedQuery(limit)
	q.columns = keysOnly
	n := 0
	for _, err := range s.rows(ctx, "count parked events", s.parked, q) {
		if err != nil {
			return 0, err
		}
		if n++; n >= limit {
			break
		}
	}
	return n, nil
}

func parkedQuery(limit int) query {
	return query{filter: "PartitionKey eq " + odataText(parkedPartition), top: int32(min(max(limit, 1), maxPage))}
}

// Parked returns one parked event, or airlock.ErrNotFound.
func (s *Store) Parked(ctx context.Context, id string) (airlock.Parked, error) {
	const operation = "read parked event"
	found, err := s.parked.GetEntity(ctx, parkedPartition, parkedKey(id), nil)
	if err != nil {
		return airlock.Parked{}, s.faultOf(operation, err)
	}
	r, err := s.read(ctx, parkedTable, found.Value)
	if err != nil {
		return airlock.Parked{}, err
	}
	p, err := readParked(r)
	if err != nil {
		return airlock.Parked{}, s.unreadable(operation, err)
	}
	return p, nil
}

// Unpark removes a parked event; that it is gone already is no error.
func (s *Store) Unpark(ctx context.Context, id string) error {
	_, err := s.parked.DeleteEntity(ctx, parkedPartition, parkedKey(id), nil)
	if err = s.faultOf("remove parked event", err); errors.Is(err, airlock.ErrNotFound) {
		return nil
	}
	return err
}

func parkedRow(p airlock.Parked) (row, error) {
	r := newRow(parkedPartition, parkedKey(p.ID))
	r.text("Function", p.Function)
	r.text("Reason", p.Reason)
	r.columns["At"] = p.At.UTC().Format(time.RFC3339Nano)
	if p.Concerns != nil {
		r.columns["Account"], r.columns["Request"] = p.Concerns.Account, string(p.Concerns.Name)
	}
	if len(p.Event) <= maxPlainText && survives(p.Event) {
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

// readParked returns the event's id also with an error.
func readParked(r *stored) (airlock.Parked, error) {
	r.known()
	id, ok := unescape(mirrored(r.key))
	if !ok {
		id = mirrored(r.key)
		r.fail("the key is no id")
	}
	at, err := time.Parse(time.RFC3339Nano, r.text("At"))
	if err != nil {
		r.fail("column At: %w", err)
	}
	p := airlock.Parked{ID: id, Function: r.text("Function"), Reason: r.text("Reason"), At: at}
	if account, request := r.optional("Account"), r.optional("Request"); request != "" {
		p.Concerns = &airlock.Container{Account: account, Name: airlock.ContainerName(request)}
	}
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
