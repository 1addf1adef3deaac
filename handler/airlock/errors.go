package airlock

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrBadID means a text is not an id of the kind wanted.
	ErrBadID = errors.New("airlock: not a valid id")
	// ErrNotFound means there is no such request, or none this caller may know of.
	ErrNotFound = errors.New("airlock: no such request")
	// ErrNoWorkspace means there is no such workspace.
	ErrNoWorkspace = errors.New("airlock: no such workspace")
	// ErrStale means the row changed after it was read; reload and decide again.
	ErrStale = errors.New("airlock: changed meanwhile")
	// ErrExists means the row to be created is there already.
	ErrExists = errors.New("airlock: exists already")
	// ErrTooLarge means the record does not fit into one table entity. Nothing
	// was written, and nothing is ever cut to make it fit.
	ErrTooLarge = errors.New("airlock: record too large for the store")
	// ErrPrecondition means the caller named a version (If-Match) that is not the
	// current one.
	ErrPrecondition = errors.New("airlock: the request is not at the version the caller named")
	// ErrGone means a container or blob is not there.
	ErrGone = errors.New("airlock: container or blob is not there")
	// ErrNoFile means the request's manifest has no file of that name.
	ErrNoFile = errors.New("airlock: the request has no such file")
	// ErrUnlistable means a container holds a blob whose name no listing can carry.
	ErrUnlistable = errors.New("airlock: a name in the container cannot be listed")
	// ErrImmutable means evidence is there already under that name with other content.
	ErrImmutable = errors.New("airlock: exists already and must not be overwritten")
	// ErrNotEvidence means that the item under a name of the evidence account
	// cannot be read for good, as nothing is that this service writes.
	ErrNotEvidence = errors.New("airlock: not readable as evidence")
	// ErrUnknownKey means that an id names none of the service's signing keys.
	ErrUnknownKey = errors.New("airlock: not a signing key of this service")
	// ErrBadToken means a page token is damaged or belongs to another listing.
	ErrBadToken = errors.New("airlock: not a page token of this listing")
	// ErrDisabled means that a workspace's policy takes no new requests.
	ErrDisabled = errors.New("airlock: the workspace takes no new requests")
	// ErrIdempotencyConflict means an Idempotency-Key was used before with another body.
	ErrIdempotencyConflict = errors.New("airlock: the idempotency key was used with another request body")
)

// TransitionError reports a trigger the rule book does not list for a status.
type TransitionError struct {
	From Status
	On   Trigger
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("airlock: cannot %s a request in status %q", e.On, e.From)
}

// RefusedError reports an action that the caller may not take. Rule is a
// stable code; Reason is prose for the caller.
type RefusedError struct{ Rule, Reason string }

func (e *RefusedError) Error() string { return "airlock: refused (" + e.Rule + "): " + e.Reason }

// Violation is one rule of the policy, or of the input, that is not kept.
type Violation struct {
	Rule string `json:"rule"`           // stable code, e.g. "too_many_files"
	File string `json:"file,omitempty"` // the file it concerns
	// Member is the member of a document it concerns, e.g. "accounts.stalexip".
	Member  string `json:"member,omitempty"`
	Message string `json:"message"`
}

// PolicyError names every rule a submission violates, at once.
type PolicyError struct{ Violations []Violation }

func (e *PolicyError) Error() string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = v.Message
	}
	return "airlock: " + strings.Join(texts, " ")
}

// IntegrityError reports bytes that are not the ones the record speaks of:
// tampering, or a copy that went wrong. It is permanent and always audited as a
// security event. It carries no file name: Where names account and stage.
type IntegrityError struct{ Where, What string }

func (e *IntegrityError) Error() string { return "airlock: integrity: " + e.What + " in " + e.Where }

// DamageError reports a request whose own audit trail does not bear out what its
// row says: one of the two was changed by somebody else. Nothing may be done on
// the strength of such a row.
type DamageError struct{ What string }

func (e *DamageError) Error() string { return "airlock: state damaged: " + e.What }

// UnclearVerdictError reports a scan result that names a container of a request and
// does not say which bytes it is about, or not in words that are known.
type UnclearVerdictError struct {
	Where Container
	What  string
}

func (e *UnclearVerdictError) Error() string { return "airlock: unclear verdict: " + e.What }

// QuotaError reports that a person has reached a bound of the policy. Rule is a
// stable code, Reason says to the caller what to do; After is how long to wait, 0
// where waiting does not help.
type QuotaError struct {
	Rule, Reason string
	After        time.Duration
}

func (e *QuotaError) Error() string { return "airlock: quota (" + e.Rule + "): " + e.Reason }

// FaultKind says what an outside fault means for a request.
type FaultKind string

// The kinds of fault. A fault is not an end: only a permanent one ends a request.
const (
	Transient FaultKind = "transient" // try again; nobody need act
	Operator  FaultKind = "operator"  // try again, and tell the operator: a role, a name, a key is missing
	Permanent FaultKind = "permanent" // trying again cannot help
)

// Codes of faults that callers tell apart.
const (
	// ClearingUp: a retry came while the leftovers of the failed step are being
	// deleted.
	ClearingUp = "ClearingUp"
	// UnreadableRow: the store has a row that it cannot make sense of.
	UnreadableRow = "UnreadableRow"
	// StateDamaged: a row is not one that this service wrote where it lies.
	StateDamaged = "StateDamaged"
)

// Fault is an error of a part we depend on, with what it means. Code and
// Operation are stable texts without secrets; Err holds the original and never
// reaches a client or a record.
type Fault struct {
	Kind      FaultKind
	Code      string // e.g. "ServerBusy", "AuthorizationPermissionMismatch"
	Operation string // e.g. "copy blob"
	Account   string
	After     time.Duration // how long the part asks us to wait; 0 = it does not say
	Err       error
}

func (e *Fault) Error() string {
	return fmt.Sprintf("%s on %s: %s (%s): %v", e.Operation, e.Account, e.Code, e.Kind, e.Err)
}

func (e *Fault) Unwrap() error { return e.Err }

// Cause is the part of the fault that may be shown to people.
func (e *Fault) Cause() string { return e.Operation + " on " + e.Account + ": " + e.Code }

// ErrNoExcerpt means that a finding has no place whose bytes can be shown.
var ErrNoExcerpt = errors.New("airlock: no excerpt of that finding")

// ErrGateDecided means that a gate's word comes too late, or that it said something graver
// before.
var ErrGateDecided = errors.New("airlock: the gate has been decided")

// OtherBytesError means that a gate speaks about other bytes than the request has.
type OtherBytesError struct{ Digest string }

func (e *OtherBytesError) Error() string { return "airlock: the gate speaks about other bytes" }

// StatusError reports that something cannot be had in the request's present
// status although the caller may have it in another. Reason is prose for the
// caller, in the words of the existing contract where it has them.
type StatusError struct{ Rule, Reason string }

func (e *StatusError) Error() string { return "airlock: not now (" + e.Rule + "): " + e.Reason }
