package workflow

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"iter"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/inspect/sandbox"
	"example.org/airlock/handler/transfer"
)

// Requests is the store of requests. A row that it cannot read is an *airlock.Fault
// with the code airlock.UnreadableRow, one that is not as the service wrote it, or not
// where, one with the code airlock.StateDamaged. A listing yields such a fault and goes
// on; any other error ends it. List leaves such rows out and counts them.
type Requests interface {
	// Load returns airlock.ErrNotFound when the workspace has no such request.
	Load(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) (airlock.Request, airlock.Version, error)

	// Commit writes the request, its index rows, its audit records and its
	// outbox rows in one transaction. It returns the events with their Key set and
	// the row's new version.
	// It returns airlock.ErrStale, and writes nothing, when the row is not at
	// c.Version; airlock.ErrExists when c.Was is nil and the request exists;
	// airlock.ErrTooLarge when it does not fit. A transaction whose answer got
	// lost and which the SDK repeated is recognised as done.
	Commit(ctx context.Context, c audit.Commit) ([]airlock.Event, airlock.Version, error)

	// Register notes which workspace a request belongs to, and reports whether that was
	// on record. Safe to repeat.
	Register(ctx context.Context, id airlock.RequestID, ws airlock.WorkspaceID) (known bool, err error)
	// WorkspaceOf returns airlock.ErrNotFound for an id that was never registered.
	WorkspaceOf(ctx context.Context, id airlock.RequestID) (airlock.WorkspaceID, error)

	// List reads one page, mostly with one storage call, at most four. Long
	// manifests are cut in it:
	// at most 20 files of a request are listed.
	List(ctx context.Context, q airlock.Query) (airlock.Page, error)

	// Due yields the requests of a workspace whose Work.Due has come, the oldest
	// first, reading only index rows that are due.
	Due(ctx context.Context, ws airlock.WorkspaceID, now time.Time) iter.Seq2[airlock.RequestID, error]

	// SeenIn returns requests of a workspace that had a file with that SHA-256, at most so
	// many. The index may lack some: those of older requests, and of requests with many files.
	SeenIn(ctx context.Context, ws airlock.WorkspaceID, sha256 string, most int) ([]airlock.RequestID, error)

	// Overdue counts the requests of a workspace that are past their deadline and
	// not ended, reading only index rows of unfinished work.
	Overdue(ctx context.Context, ws airlock.WorkspaceID) (int, error)

	// Unanchored yields the chain heads of a workspace that changed since they
	// were last anchored, reading only those rows.
	Unanchored(ctx context.Context, ws airlock.WorkspaceID) iter.Seq2[audit.HeadRow, error]
	// Anchored forgets that heads are to be anchored, unless they changed since.
	Anchored(ctx context.Context, rows []audit.HeadRow) error

	// Heads yields the heads of all trails of a workspace, as the rows hold them that
	// the trails belong to, whether they are anchored or not; without versions. It reads
	// all those rows: it is for a daily run.
	Heads(ctx context.Context, ws airlock.WorkspaceID) iter.Seq2[audit.HeadRow, error]

	// Unpublished yields the outbox rows of a workspace written before the given
	// time, the oldest first.
	Unpublished(ctx context.Context, ws airlock.WorkspaceID, before time.Time) iter.Seq2[airlock.Event, error]

	// Verdicts returns the verdicts of a request that are kept in rows of their own,
	// those for one ETag or, with "", all.
	Verdicts(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, etag string) ([]airlock.KeptVerdict, error)

	// Turns returns the turns of a request that have ended, the first one first.
	Turns(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]airlock.EndedTurn, error)

	// Comments returns the comments on a request, the first one first.
	Comments(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]airlock.Comment, error)

	// Trail returns a request's audit rows as stored, in order of their sequence
	// numbers, without judging them.
	Trail(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]audit.Row, error)

	// Unsealed yields the requests of a workspace whose rows were written before rows
	// were sealed. SealRest then seals the other rows of sealed requests,
	// SealOthers the rows of no workspace; they return how many rows they sealed and
	// the keys of those they left.
	Unsealed(ctx context.Context, ws airlock.WorkspaceID) iter.Seq2[airlock.UnsealedRequest, error]
	SealRest(ctx context.Context, ws airlock.WorkspaceID) (sealed int, left []string, err error)
	SealOthers(ctx context.Context) (sealed int, left []string, err error)

	// Damaged counts the rows of the state that this process lately found to be not
	// as the service wrote them.
	Damaged() int
}

// Registry is the store of workspaces, as they are in force. A row of somebody else, such
// as Terraform, is put in force once, when the workspace is new.
type Registry interface {
	// Workspace returns airlock.ErrNoWorkspace for an unknown id. It may answer
	// from a cache of a few seconds.
	// A row that is no valid workspace is a fault with the code airlock.UnreadableRow.
	Workspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error)
	// CurrentWorkspace is Workspace without the cache. Beside the error for a row
	// that is no valid workspace it returns the readable part, at least id and ETag.
	CurrentWorkspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error)
	// Workspaces returns all of them, ordered by id; the same cache. With a row
	// that is no valid workspace it returns the others and an error that names it.
	Workspaces(ctx context.Context) ([]airlock.Workspace, error)
	// Put puts a workspace in force: it creates it when w.ETag is "", else replaces the one at
	// that ETag, and keeps record with the document in the workspace's trail. It returns the stored workspace, or
	// *airlock.InvalidError for a workspace that breaks a rule or has what another
	// one has, airlock.ErrExists, airlock.ErrStale. The cache forgets the row.
	Put(ctx context.Context, w airlock.Workspace, record audit.Record) (airlock.Workspace, error)
	// Outside returns a workspace's foreign row beside its row in force.
	Outside(ctx context.Context, id airlock.WorkspaceID) (airlock.OutsideChange, error)
	// Accept puts that in force, if it is still the one with that digest: else, and
	// when nothing differs, it is airlock.ErrStale. Errors as Put.
	Accept(ctx context.Context, id airlock.WorkspaceID, digest string, record audit.Record) (airlock.Workspace, error)
	// Record adds a record to a workspace's trail, and changes nothing that is in force
	// or waits for being accepted.
	Record(ctx context.Context, id airlock.WorkspaceID, record audit.Record) error
	// WorkspaceTrail returns a workspace's audit rows as stored, in order of their
	// sequence numbers, without judging them.
	WorkspaceTrail(ctx context.Context, id airlock.WorkspaceID) ([]audit.Row, error)
}

// ParkedEvents is the store of parked events.
type ParkedEvents interface {
	Park(ctx context.Context, p airlock.Parked) error // sets nothing when p.ID exists already
	// ListParked returns the newest parked events, newest first. One that cannot
	// be read is among them with its id and the reason alone.
	ListParked(ctx context.Context, limit int) ([]airlock.Parked, error)
	// CountParked counts parked events, up to limit, without reading them.
	CountParked(ctx context.Context, limit int) (int, error)
	// Parked returns airlock.ErrNotFound for an unknown id, and a fault with the
	// code airlock.UnreadableRow for an event that cannot be read.
	Parked(ctx context.Context, id string) (airlock.Parked, error)
	Unpark(ctx context.Context, id string) error // gone already is no error
	// CanaryReturned notes that a canary event was delivered; airlock.ErrNotFound
	// for one that nobody sent.
	CanaryReturned(ctx context.Context, id string) error
}

// Blobs is the store of data. Its errors are airlock.ErrGone,
// *airlock.IntegrityError and *airlock.Fault, nothing else.
type Blobs interface {
	transfer.Blobs
	// DeleteContainer makes sure that the container as it was at a moment does not
	// exist, and says what became of it: one that was made or changed after asOf stays.
	DeleteContainer(ctx context.Context, c airlock.Container, asOf time.Time) (airlock.Removal, error)
	// ScanTags returns the scanner's tags on the blobs of a container, by name; a blob
	// without one is left out. airlock.ErrGone without the container.
	ScanTags(ctx context.Context, c airlock.Container) (map[string]airlock.ScanTag, error)
	// Refresh makes a blob anew of its own blocks, pinned to etag, so that it gets a
	// new ETag and a new scan. Repeating the call after a lost answer finds it and
	// succeeds, with Made false. Other bytes than etag are an *airlock.IntegrityError.
	Refresh(ctx context.Context, c airlock.Container, name, etag string, size int64) (airlock.Copied, error)
	// Link signs a link to the container that works from a moment on until expiry.
	Link(ctx context.Context, c airlock.Container, p airlock.Permission, from, expiry time.Time) (string, error)
	// FileLink signs a link to read one file of the container, likewise.
	FileLink(ctx context.Context, c airlock.Container, name string, from, expiry time.Time) (string, error)
	// ReadAt fills b with a blob's bytes from offset on, pinned to etag. Other bytes are an
	// *airlock.IntegrityError.
	ReadAt(ctx context.Context, c airlock.Container, name, etag string, size int64, b []byte, offset int64) error
	// Containers yields the containers of an account with their last change.
	Containers(ctx context.Context, account string) iter.Seq2[airlock.ContainerInfo, error]
}

// Inspector looks inside a file for a while. Its error is sandbox.ErrDied for a step that
// the file may have killed, ctx's, or one of the source; the step may be repeated.
type Inspector interface {
	Step(ctx context.Context, f sandbox.File, kept []byte, src inspect.Source, within time.Duration) (sandbox.Outcome, error)
}

// Progress keeps how far inspections have come: a cache that may lose everything.
type Progress interface {
	// Load returns airlock.ErrGone when there is nothing, and a fault of the code
	// airlock.StateDamaged, with the ETag, when somebody else has written it.
	Load(ctx context.Context, name string) (body []byte, etag string, err error)
	// Save replaces the item at etag; "" stands for nothing. It returns the new ETag,
	// or airlock.ErrStale.
	Save(ctx context.Context, name string, body []byte, etag string) (string, error)
}

// Outbox publishes events that are written.
type Outbox interface {
	// Kick offers events that have just been committed. It never blocks and never
	// fails: events that it cannot take stay in the store for the reconciler.
	Kick(events []airlock.Event)
	// Drain sends all rows, removes those that are out and returns their number. The
	// error names everything that stays. Safe to repeat.
	Drain(ctx context.Context, rows iter.Seq[airlock.Event]) (sent int, err error)
}

// EvidenceContainers lists the containers that Evidence needs.
func EvidenceContainers() []string {
	return []string{anchorsContainer, receiptsContainer, findingsContainer}
}

// Evidence is the append-only store of anchors, receipts and findings.
type Evidence interface {
	// Append stores body under container/name once. The same bytes already there
	// are success; other bytes are airlock.ErrImmutable.
	Append(ctx context.Context, container, name string, body []byte) error
	// Read returns airlock.ErrGone when there is no such item, and
	// airlock.ErrNotEvidence when the item there can never be read.
	Read(ctx context.Context, container, name string) ([]byte, error)
	// Names lists the items of a container whose name begins with prefix.
	Names(ctx context.Context, container, prefix string) iter.Seq2[string, error]
}

// Signer signs receipts and anchors, and knows the keys they were signed with.
type Signer interface {
	// Sign returns the signature over the SHA-256 digest (raw r||s, ECDSA P-256)
	// and the id of the key.
	Sign(ctx context.Context, digest []byte) (signature []byte, keyID string, err error)
	// PublicKey returns the public half of the key with that id, which may be one
	// that signs no more: airlock.ErrUnknownKey if the service never had it.
	PublicKey(ctx context.Context, keyID string) (*ecdsa.PublicKey, error)
	// PublicKeys returns all of them, the oldest first.
	PublicKeys(ctx context.Context) ([]airlock.PublicKey, error)
}

// Directory knows who holds a role. No decision asks it: it may be slow, or away.
type Directory interface {
	// Holds reports whether a person holds a role in a workspace now, or did some
	// minutes ago. Without an answer that recent it is an *airlock.Fault.
	Holds(ctx context.Context, ws airlock.Workspace, id airlock.UserID, role airlock.Role) (bool, error)
	// Members returns those who hold a role in a workspace, likewise.
	Members(ctx context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error)
}

// Containers of the evidence account.
const (
	receiptsContainer = "receipts"
	anchorsContainer  = "anchors"
	findingsContainer = "findings"
)

// unreadable tells a row that nobody can read, or is to believe, from a call that
// failed.
func unreadable(err error) bool {
	fault, ok := errors.AsType[*airlock.Fault](err)
	return ok && (fault.Code == airlock.UnreadableRow || fault.Code == airlock.StateDamaged)
}
