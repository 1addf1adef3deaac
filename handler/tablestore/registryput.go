package tablestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
)

// The generation is a row that every write of the registry replaces together
// with the row it is about. Whoever writes has looked at all rows as they are
// at one generation, so no two can take the same client id or account at once.
// Its key is behind those of all workspaces.
//
// A row that somebody else wrote (Terraform) takes part as soon as it is there:
// what it names is taken. It is used only once it has been admitted itself.
const generationKey = "~generation"

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
	rows       []registryRow
}

// Put writes a workspace: it creates the row when w.ETag is empty and else
// replaces the one at that version, counting PolicyVersion up from what is
// stored. It returns what was stored. A workspace that breaks a rule, or has the
// client id or an account of another one, is not written, however many write at
// once.
//
// Errors: *airlock.InvalidError, airlock.ErrExists, airlock.ErrStale,
// airlock.ErrTooLarge, *airlock.Fault.
func (s *Store) Put(ctx context.Context, w airlock.Workspace) (airlock.Workspace, error) {
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
		stored, err := s.putAt(ctx, now, w)
		if !errors.Is(err, errMoved) || try == putTries {
			return stored, s.busy("write workspace", err)
		}
		s.pause(ctx)
	}
}

// putAt writes a workspace if the registry is still as it was. Errors as Put,
// and errMoved.
func (s *Store) putAt(ctx context.Context, now registryNow, w airlock.Workspace) (airlock.Workspace, error) {
	const name = "write workspace"
	old, found := now.row(w.ID)
	switch {
	case w.ETag == "" && found:
		return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrExists)
	case w.ETag != "" && (!found || version(old.etag) != w.ETag):
		return airlock.Workspace{}, fmt.Errorf("tablestore: %s: %w", name, airlock.ErrStale)
	}
	w.PolicyVersion = old.version + 1
	mark := rand.Text()
	r, err := workspaceRow(w, mark)
	if err != nil {
		return airlock.Workspace{}, err
	}
	at, err := s.enter(ctx, name, now.generation, r, old.etag, mark)
	if err != nil {
		return airlock.Workspace{}, err
	}
	w.ETag = version(at)
	return w, nil
}

// enter writes a row of the registry, over the version at or, when that is empty,
// as a new one, together with the next generation. It returns the row's new ETag,
// or errMoved when the registry is at another generation or the row at another version.
func (s *Store) enter(ctx context.Context, name string, generation azcore.ETag, r row, at azcore.ETag, mark string) (azcore.ETag, error) {
	next := newRow(registryPartition, generationKey)
	steps := []operation{insert(r), insert(next)}
	if at != "" {
		steps[0] = replace(r, at)
	}
	if generation != "" {
		steps[1] = replace(next, generation)
	}
	etag, _, err := s.submit(ctx, s.registry, name, steps)
	if err == nil && etag != "" || err != nil && !conflict(err) {
		return etag, err
	}
	// A refusal may be our own work, repeated by the SDK after a lost answer.
	found, unconfirmed := s.readWorkspace(ctx, "confirm workspace", airlock.WorkspaceID(r.key))
	switch {
	case unconfirmed == nil && found.mark == mark:
		return found.etag, nil
	case unconfirmed != nil && !errors.Is(unconfirmed, airlock.ErrNotFound):
		return "", unconfirmed
	}
	return "", errMoved
}

// admit has a row that nobody looked at yet, because it was not written here,
// checked against the others and marked. A row that cannot be admitted is
// returned as one that nobody can read. Errors: airlock.ErrNotFound, *airlock.Fault.
func (s *Store) admit(ctx context.Context, r registryRow) (registryRow, error) {
	const name = "admit workspace"
	for try := 1; ; try++ {
		w, err := r.decoded()
		if err != nil || r.admitted {
			return r, nil // decoding it again tells what is wrong
		}
		now, err := s.registryNow(ctx)
		if err != nil {
			return r, err
		}
		if v := now.takenByAdmitted(w); len(v) > 0 {
			return refused(r, fmt.Errorf("row %s: %w", r.id, &airlock.InvalidError{Violations: v})), nil
		}
		mark := rand.Text()
		_, err = s.enter(ctx, name, now.generation, r.marked(mark), r.etag, mark)
		if err != nil && !errors.Is(err, errMoved) || err != nil && try == putTries {
			return r, s.busy(name, err)
		}
		if err != nil {
			s.pause(ctx)
		}
		if r, err = s.readWorkspace(ctx, name, airlock.WorkspaceID(r.id)); err != nil {
			return r, err
		}
	}
}

// registryNow reads the generation first: what is written after that moves it.
func (s *Store) registryNow(ctx context.Context) (registryNow, error) {
	const operation = "read registry"
	var now registryNow
	found, err := s.registry.GetEntity(ctx, registryPartition, generationKey, nil)
	if err = s.faultOf(operation, err); err != nil && !errors.Is(err, airlock.ErrNotFound) {
		return now, err
	}
	now.generation = found.ETag
	now.rows, err = s.readWorkspaces(ctx, operation)
	return now, err
}

func (n registryNow) row(id airlock.WorkspaceID) (registryRow, bool) {
	for _, r := range n.rows {
		if r.id == string(id) {
			return r, true
		}
	}
	return registryRow{}, false
}

// taken returns what w names that another workspace has. What w has itself, as
// an admitted row, no newcomer can take from it.
func (n registryNow) taken(w airlock.Workspace) []airlock.Violation {
	if own, found := n.row(w.ID); found && own.admitted {
		if had, err := own.decoded(); err == nil && w.ClientID == had.ClientID && maps.Equal(w.Accounts, had.Accounts) {
			return n.takenByAdmitted(w)
		}
	}
	return n.clashes(w, func(registryRow) bool { return true })
}

func (n registryNow) takenByAdmitted(w airlock.Workspace) []airlock.Violation {
	return n.clashes(w, func(r registryRow) bool { return r.admitted })
}

func (n registryNow) clashes(w airlock.Workspace, with func(registryRow) bool) []airlock.Violation {
	var out []airlock.Violation
	for _, r := range n.rows {
		if r.id == string(w.ID) || !with(r) {
			continue
		}
		other, _ := r.decoded() // of a bad row, what can be made out
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
