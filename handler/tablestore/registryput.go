package tablestore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// The generation is a row that every write of the registry replaces together
// with the row it is about. A writer has looked at all rows as they are at one
// generation, so no two can take the same client id or account at once.
// Its key is behind those of all workspaces.
//
// A row that somebody else wrote (Terraform) takes part as soon as it is there:
// what it names is taken. It is used only once it has been admitted itself.
const generationKey = "~generation"

// workspaceTrail is the first part of the keys of the workspaces' audit records:
// trail|{id}|{seq}. They are behind the rows of all workspaces.
const workspaceTrail = "trail"

// Writers who meet try again; there are few of them.
const (
	putTries = 20
	putPause = 100 * time.Millisecond
)

// errMoved means that somebody else wrote the registry meanwhile.
var errMoved = errors.New("tablestore: the registry is at another generation")

// registryNow is the whole registry at one generation.
type registryNow struct {
	generation azcore.ETag // "": there was none yet
	entries    []registryEntry
}

// Put puts a workspace in force: it creates it when w.ETag is empty and else
// replaces the one at that version, counting PolicyVersion up from what is
// stored. It returns the stored workspace. A workspace that breaks a rule, or has the
// client id or an account of another one, is not written, however many write at
// once. record is kept in the workspace's trail, with the document.
//
// Errors: *airlock.InvalidError, airlock.ErrExists, airlock.ErrStale,
// airlock.ErrTooLarge, *airlock.Fault.
func (s *Store) Put(ctx context.Context, w airlock.Workspace, record audit.Record) (airlock.Workspace, error) {
	defer s.forget(w.ID)
	wrong := w.Check(s.reserved)
	for try := 1; ; try++ {
		now, err := s.registryNow(ctx)
		if err != nil {
			return airlock.Workspace{}, err
		}
		if v := slices.Concat(wrong, now.taken(w)); len(v) > 0 {
			return airlock.Workspace{}, &airlock.InvalidError{Violations: v}
		}
		stored, err := s.putAt(ctx, now, w, record)
		if !errors.Is(err, errMoved) || try == putTries {
			return stored, s.busy("write workspace", err)
		}
		s.pause(ctx)
	}
}

// putAt writes a workspace if the registry is still as it was. Errors as Put,
// and errMoved.
func (s *Store) putAt(ctx context.Context, now registryNow, w airlock.Workspace, record audit.Record) (airlock.Workspace, error) {
	const name = "write workspace"
	old, found := now.entry(w.ID)
	switch {
	case w.ETag == "" && found:
		return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrExists)
	case w.ETag != "" && (!found || version(old.etag()) != w.ETag):
		return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrStale)
	}
	old.id = string(w.ID)
	return s.putInForce(ctx, name, now, old, w, record)
}

// putInForce writes a workspace's row in force, with the record of it, over the row that was
// read of it. The outside row, as it is now, counts as seen. Where the row in force is
// damaged, was removed or put back, a TRE administrator's word mends it, and the record
// says so. It returns the workspace then in force. Errors as Put, and errMoved.
func (s *Store) putInForce(ctx context.Context, name string, now registryNow, old registryEntry, w airlock.Workspace, record audit.Record) (airlock.Workspace, error) {
	var before airlock.ChainHead
	version := 0
	if old.admitted() {
		before, version = old.inForce.head, old.inForce.version
	}
	if old.inForce == nil || old.admitted() {
		stored, err := s.putAfter(ctx, name, now, old, before, version, w, record)
		if _, damaged := errors.AsType[*damage](err); !damaged || record.Actor.Kind == audit.System {
			return stored, err
		}
	}
	before, version, err := s.lastRecorded(ctx, w.ID)
	if err != nil {
		return airlock.Workspace{}, err
	}
	record.Security = true
	return s.putAfter(ctx, name, now, old, before, version, w, record)
}

// putAfter is putInForce with the end of the trail and the version that are known.
func (s *Store) putAfter(ctx context.Context, name string, now registryNow, old registryEntry, before airlock.ChainHead, last int, w airlock.Workspace, record audit.Record) (airlock.Workspace, error) {
	document, err := documentOf(w)
	if err != nil {
		return airlock.Workspace{}, err
	}
	next := inForceRow{document: document, mark: rand.Text(), seen: old.outside.digest(), version: last + 1}
	w.PolicyVersion = next.version
	record.Workspace, record.PolicyVersion, record.PolicyHash = w.ID, next.version, w.Policy.Hash()
	if record, err = withDocument(record, w); err != nil {
		return airlock.Workspace{}, err
	}
	sealed, head, err := audit.Seal(before, record)
	if err != nil {
		return airlock.Workspace{}, err
	}
	next.head = head
	at, err := s.enter(ctx, name, now.generation, old, next, sealed)
	if err != nil {
		return airlock.Workspace{}, err
	}
	w.ETag, w.Chain, w.Changed = version(at), head, false
	return w, nil
}

// withDocument puts the document in force into its record. People's names and addresses have no
// place where nothing is ever removed: of the contacts there is a digest.
func withDocument(record audit.Record, w airlock.Workspace) (audit.Record, error) {
	contacts, err := encode(w.Contacts)
	if err != nil {
		return record, err
	}
	w.Contacts = airlock.Contacts{}
	document, err := documentOf(w)
	if err != nil {
		return record, err
	}
	record.Document = []byte(document)
	record.Detail = maps.Clone(record.Detail)
	if record.Detail == nil {
		record.Detail = map[string]string{}
	}
	record.Detail["contacts"] = digest(contacts)
	return record, nil
}

// lastRecorded is the end of a workspace's trail, as it lies there, and the version it
// was about: for a workspace whose row in force is not there, or not to be believed.
// Whether the trail is whole is for its verification to say.
func (s *Store) lastRecorded(ctx context.Context, id airlock.WorkspaceID) (airlock.ChainHead, int, error) {
	rows, err := s.WorkspaceTrail(ctx, id)
	if err != nil || len(rows) == 0 {
		return airlock.ChainHead{}, 0, err
	}
	last := rows[len(rows)-1]
	return airlock.ChainHead{Hash: last.Hash, Length: last.Seq}, versionIn(last), nil
}

func versionIn(row audit.Row) int {
	var r audit.Record
	_ = json.Unmarshal(row.Body, &r) // of a damaged record, none
	return r.PolicyVersion
}

// enter writes a workspace's row in force, over the row that was read of it or as a
// new one, together with its record and the next generation. It returns the row's
// new ETag, or errMoved when the registry is at another generation or the row at
// another version.
func (s *Store) enter(ctx context.Context, name string, generation azcore.ETag, old registryEntry, next inForceRow, sealed audit.Sealed) (azcore.ETag, error) {
	steps := []operation{insert(next.row(old.id)), insert(newRow(registryPartition, generationKey)), insert(trailRow(old.id, next.mark, sealed))}
	if old.inForce != nil {
		steps[0] = replace(steps[0].row, old.inForce.etag)
	}
	if generation != "" {
		steps[1] = replace(steps[1].row, generation)
	}
	etag, said, err := s.submit(ctx, s.registry, name, steps)
	if err == nil && etag != "" || err != nil && !conflict(err) {
		return etag, err
	}
	// A refusal may be our own work, repeated by the SDK after a lost answer.
	found, unconfirmed := s.readEntry(ctx, "confirm workspace", airlock.WorkspaceID(old.id))
	switch {
	case unconfirmed == nil && found.admitted() && found.inForce.mark == next.mark:
		return found.inForce.etag, nil
	case unconfirmed != nil && !errors.Is(unconfirmed, airlock.ErrNotFound):
		return "", unconfirmed
	case said != nil && said.failed == 2 && errors.Is(err, airlock.ErrExists):
		return "", s.unreadable(name, s.damaged(ctx, workspacesTable, registryPartition, inForceKey(old.id), rolledBack))
	}
	return "", errMoved
}

func trailRow(id, mark string, sealed audit.Sealed) row {
	r := newRow(registryPartition, key(workspaceTrail, id, fmt.Sprintf("%08d", sealed.Record.Seq)))
	r.text("Body", string(sealed.Body))
	r.columns["Hash"] = sealed.Hash
	r.columns["Commit"] = mark
	return r
}

// registryNow reads the generation first: every later write moves it.
func (s *Store) registryNow(ctx context.Context) (registryNow, error) {
	const operation = "read registry"
	var now registryNow
	found, err := s.registry.GetEntity(ctx, registryPartition, generationKey, nil)
	if err = s.faultOf(operation, err); err != nil && !errors.Is(err, airlock.ErrNotFound) {
		return now, err
	}
	now.generation = found.ETag
	now.entries, err = s.readEntries(ctx, operation)
	return now, err
}

func (n registryNow) entry(id airlock.WorkspaceID) (registryEntry, bool) {
	for _, e := range n.entries {
		if e.id == string(id) {
			return e, true
		}
	}
	return registryEntry{}, false
}

// taken returns the ids and accounts of w that another workspace has. An admitted
// workspace keeps its own client id and accounts.
func (n registryNow) taken(w airlock.Workspace) []airlock.Violation {
	if own, found := n.entry(w.ID); found && own.admitted() {
		if had, err := own.decoded(); err == nil && w.ClientID == had.ClientID && maps.Equal(w.Accounts, had.Accounts) {
			return n.takenByAdmitted(w)
		}
	}
	return n.clashes(w, func(registryEntry) bool { return true })
}

func (n registryNow) takenByAdmitted(w airlock.Workspace) []airlock.Violation {
	return n.clashes(w, registryEntry.admitted)
}

func (n registryNow) clashes(w airlock.Workspace, with func(registryEntry) bool) []airlock.Violation {
	var out []airlock.Violation
	for _, e := range n.entries {
		if e.id == string(w.ID) || strings.HasPrefix(e.id, workspaceTrail) || !with(e) {
			continue
		}
		other, _ := e.decoded() // of a bad row, the readable part
		out = append(out, w.Clashes(other)...)
	}
	return out
}

// busy makes errMoved, after many tries, a fault that passes.
func (s *Store) busy(operation string, err error) error {
	if errors.Is(err, errMoved) {
		return s.fault(airlock.Transient, "RegistryBusy", operation, err)
	}
	return err
}

func (s *Store) pause(ctx context.Context) {
	select {
	case <-time.After(mathrand.N(putPause)): //nolint:gosec // spreads writers, no secret
	case <-ctx.Done():
	}
}
