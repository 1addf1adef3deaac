package tablestore

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
)

// The service must not believe rows that somebody else wrote to the tables. So every row
// that decides something carries a seal: a MAC over everything in it, made with a key
// that the tables do not hold.
//
// Some rows have none: audit records, whose chain ends in the sealed row of their
// request or workspace, what others may write to the registry, and the doctor's
// canaries and the registry's generation, which decide nothing.

// Seals makes and checks MACs. Errors are *airlock.Fault.
type Seals interface {
	// MAC returns the MAC of a message and the id of the key.
	MAC(ctx context.Context, message []byte) (mac []byte, keyID string, err error)
	// Genuine reports whether mac is that of the message under the key with that id,
	// which may be one that makes no MACs any more.
	Genuine(ctx context.Context, keyID string, message, mac []byte) (bool, error)
}

// sealColumn holds "{key id}.{MAC, base64url}".
const sealColumn = "Seal"

// sealBytes is more than the column takes of a row's size.
const sealBytes = 200

// sealFormat begins every message that is sealed, so that no other use of the key
// can make a seal.
const sealFormat = "airlock-row/2"

var sealText = base64.RawURLEncoding.Strict()

// carriesSeal reports whether rows like this one have a seal.
func carriesSeal(table, partition, key string) bool {
	switch table {
	case requestsTable:
		return !strings.HasPrefix(key, kindAudit+separator)
	case parkedTable:
		return partition != canaryPartition
	case workspacesTable: // the others are not this service's to write, or are audit records
		return strings.HasSuffix(key, inForceSuffix)
	}
	return true
}

// sealed is the row as it is written: with the format that this program writes,
// and with its seal.
func (s *Store) sealed(ctx context.Context, table string, r row) (row, error) {
	if !carriesSeal(table, r.partition, r.key) {
		return r, nil
	}
	r.columns = maps.Clone(r.columns)
	r.columns["Schema"] = s.formats.written
	mac, id, err := s.seals.MAC(ctx, sealMessage(table, r.partition, r.key, r.columns))
	if err != nil {
		return row{}, err
	}
	r.columns[sealColumn] = id + "." + sealText.EncodeToString(mac)
	return r, nil
}

// genuine reports whether seal is that of the message.
func (s *Store) genuine(ctx context.Context, seal string, message []byte) (bool, error) {
	id, text, ok := strings.Cut(seal, ".")
	if !ok {
		return false, nil
	}
	mac, err := sealText.DecodeString(text)
	if err != nil {
		return false, nil
	}
	return s.seals.Genuine(ctx, id, message, mac)
}

// sealMessage returns the bytes under a seal: the table, the row's keys, and its columns in
// the order of their names, each text with its length before it. A row that was
// copied to another place has another message.
func sealMessage(table, partition, key string, columns map[string]any) []byte {
	m := sealStart(nil, table, partition, key)
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		m = sealValue(m, name, columns[name])
	}
	return m
}

func sealStart(m []byte, table, partition, key string) []byte {
	for _, text := range []string{sealFormat, table, partition, key} {
		m = sealPiece(m, text)
	}
	return m
}

func sealValue(m []byte, name string, value any) []byte {
	m = sealPiece(m, name)
	switch v := value.(type) {
	case string:
		return sealPiece(append(m, 's'), v)
	case int:
		return sealPiece(append(m, 'n'), strconv.Itoa(v))
	case float64: // any number, as it comes from the service
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return sealPiece(append(m, 'n'), strconv.FormatInt(int64(v), 10))
		}
		return sealPiece(append(m, 'f'), strconv.FormatFloat(v, 'g', -1, 64))
	}
	return sealPiece(append(m, 'x'), fmt.Sprint(value))
}

func sealPiece(m []byte, text string) []byte {
	return append(binary.AppendUvarint(m, uint64(len(text))), text...)
}

// damage is why a row is not to be believed.
type damage struct{ what string }

func (d *damage) Error() string { return d.what }

const (
	unsealedRow = "it has no seal: it was written before rows were sealed (POST /api/operations/seal), or by somebody else"
	brokenSeal  = "its seal does not hold: somebody else wrote it, changed it, or put it there from another place"
	rolledBack  = "the audit record that comes next is there already: the request's row is an older one that was put back"
)

// read reads an entity and judges its seal. A row that has none, or not its own, is
// one whose first problem is a damage. Errors are those of the keys.
func (s *Store) read(ctx context.Context, table string, entity []byte) (*stored, error) {
	r := parse(entity)
	r.formats = s.formats
	if r.err != nil || !carriesSeal(table, r.partition, r.key) {
		return r, nil
	}
	seal, has := r.columns[sealColumn].(string)
	delete(r.columns, sealColumn)
	genuine := false
	if has {
		var err error
		if genuine, err = s.genuine(ctx, seal, sealMessage(table, r.partition, r.key, r.columns)); err != nil {
			return nil, err
		}
	}
	switch {
	case genuine:
		s.damages.mended(table, r.partition, r.key)
	case has:
		r.err = s.damaged(ctx, table, r.partition, r.key, brokenSeal)
	default:
		r.err = s.damaged(ctx, table, r.partition, r.key, unsealedRow)
	}
	return r, nil
}

// damaged raises the alarm over a row and returns it as an error.
func (s *Store) damaged(ctx context.Context, table, partition, key, what string) error {
	s.damages.add(table, partition, key)
	if s.onDamage != nil {
		s.onDamage(ctx, airlock.DamagedRow{Table: table, Partition: partition, Key: key, What: what})
	}
	return &damage{what: what}
}
