package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/identity"
)

// The codes of problems. They are part of the contract with clients: a code may
// be added, never renamed.
const (
	codeMalformed       = "malformed_body"
	codeHeader          = "malformed_header"
	codeWrongStatus     = "wrong_status"
	codeNotNow          = "not_now"
	codeTokenMissing    = "token_missing"
	codeTokenExpired    = "token_expired"
	codeTokenSignature  = "token_signature"
	codeTokenInvalid    = "token_invalid"
	codeRoleMissing     = "role_missing"
	codeNotPermitted    = "not_permitted"
	codeNoRoute         = "no_such_route"
	codeNoWorkspace     = "no_such_workspace"
	codeNoRequest       = "no_such_request"
	codeNoReceipt       = "no_receipt_yet"
	codeNoComment       = "no_such_comment"
	codeNoExcerpt       = "no_excerpt"
	codeUnacknowledged  = "findings_not_acknowledged"
	codeOtherBytes      = "other_bytes"
	codeGateDecided     = "gate_decided"
	codeNoTurn          = "no_such_turn"
	codeNoFile          = "no_such_file"
	codeNoEvent         = "no_such_event"
	codeMethod          = "method_not_allowed"
	codeDisabled        = "airlock_disabled"
	codeBodyTimeout     = "body_timeout"
	codeChanged         = "changed_meanwhile"
	codeIdempotency     = "idempotency_conflict"
	codeWorkspaceExists = "workspace_exists"
	codeIntegrity       = "integrity"
	codePrecondition    = "precondition_failed"
	codeBodyTooLarge    = "body_too_large"
	codeRecordTooLarge  = "record_too_large"
	codeMediaType       = "unsupported_media_type"
	codeInvalid         = "invalid_request"
	codeBadPage         = "bad_page"
	codePolicy          = "policy_violation"
	codeTooManyToSort   = "too_many_to_sort"
	codeUnexpected      = "unexpected"
	codeDrafts          = "too_many_drafts"
	codeRate            = "too_many_requests"
	codeStorage         = "storage_unavailable"
	codeKeys            = "keys_unavailable"
	codeDamaged         = "state_damaged"
)

// kind is one row of the table of problems.
type kind struct {
	code   string
	status int
	title  string
	detail string // the contract's text where it has one
	// match says which errors of the parts behind us are meant; nil: only the
	// edge itself reports it.
	match func(error) bool
	// show puts the part of the error that is safe for callers into the problem; nil:
	// nothing is.
	show func(err error, p *Problem)
}

// kinds is the only place where an error gets a status, a code and a text. The
// first row that matches counts; an error that none matches has the last row.
var kinds = []kind{
	{codeMalformed, http.StatusBadRequest, "Malformed body", "The body is not acceptable JSON", nil, showEdge},
	{codeHeader, http.StatusBadRequest, "Malformed header", "A header is malformed", nil, showEdge},
	{codeWrongStatus, http.StatusBadRequest, "Not in this status", "Airlock request status change was illegal", as[*airlock.TransitionError], nil},
	{codeNotNow, http.StatusBadRequest, "Not available in this status", "Not available in the request's present status", as[*airlock.StatusError], showStatus},

	{codeTokenMissing, http.StatusUnauthorized, "No bearer token", "Could not validate credentials", is(identity.ErrMissing), nil},
	{codeTokenExpired, http.StatusUnauthorized, "Token expired", "Expired token signature", is(identity.ErrExpired), nil},
	{codeTokenSignature, http.StatusUnauthorized, "Token signature wrong", "Invalid token signature", is(identity.ErrSignature), nil},
	{codeTokenInvalid, http.StatusUnauthorized, "Token not valid here", "Invalid token", is(identity.ErrInvalid), nil},

	{codeRoleMissing, http.StatusForbidden, "Role missing", "The user is missing a required role", nil, showEdge},
	{codeNotPermitted, http.StatusForbidden, "Not permitted", "Not permitted", as[*airlock.RefusedError], showRefusal},

	{codeNoRoute, http.StatusNotFound, "No such route", "Not Found", nil, nil},
	{codeNoWorkspace, http.StatusNotFound, "No such workspace", "Workspace does not exist", is(airlock.ErrNoWorkspace), nil},
	{codeNoRequest, http.StatusNotFound, "No such request", "Airlock request does not exist", is(airlock.ErrNotFound), nil},
	{codeNoReceipt, http.StatusNotFound, "No receipt yet", "There is no receipt for this airlock request yet", nil, nil},
	{codeNoComment, http.StatusNotFound, "No such comment", "The airlock request has no such comment", nil, nil},
	{codeNoFile, http.StatusNotFound, "No such file", "The airlock request has no submitted file of that name", is(airlock.ErrNoFile), nil},
	{codeNoExcerpt, http.StatusNotFound, "No excerpt", "There are no bytes to show of that finding", is(airlock.ErrNoExcerpt), nil},
	{codeNoTurn, http.StatusNotFound, "No such turn", "The airlock request has no such turn", nil, nil},
	{codeNoEvent, http.StatusNotFound, "No such event", "There is no such parked event", nil, nil},
	{codeMethod, http.StatusMethodNotAllowed, "Method not allowed", "Method Not Allowed", nil, nil},
	{codeDisabled, http.StatusMethodNotAllowed, "Airlock disabled", "Airlock is not enabled in this workspace.", is(airlock.ErrDisabled), showAllowed},
	{codeBodyTimeout, http.StatusRequestTimeout, "Body too slow", "The body did not arrive in time", nil, nil},

	{codeChanged, http.StatusConflict, "Changed meanwhile", "Somebody else changed it at the same time; read it again and repeat", is(airlock.ErrStale), nil},
	{codeDrafts, http.StatusConflict, "Too many drafts", "You have as many drafts as the workspace's policy allows; submit or cancel one of them", quota(false), showQuota},
	{codeIdempotency, http.StatusConflict, "Idempotency-Key used before", "The Idempotency-Key was used before with another request body", is(airlock.ErrIdempotencyConflict), nil},
	{codeWorkspaceExists, http.StatusConflict, "Workspace exists", "The workspace exists; name its version in If-Match to replace it", is(airlock.ErrExists), nil},
	{codeUnacknowledged, http.StatusConflict, "Findings not acknowledged", "The gates found what an approval has to acknowledge, each with a reason", as[*airlock.UnacknowledgedError], showMissing},
	{codeOtherBytes, http.StatusConflict, "Other bytes", "The verdict is about other bytes than the request has; read the task again", as[*airlock.OtherBytesError], nil},
	{codeGateDecided, http.StatusGone, "Decided", "The gate has been decided, and nothing changes by this verdict", is(airlock.ErrGateDecided), nil},
	{codeIntegrity, http.StatusConflict, "Data not as recorded", "The stored data is not what was recorded; it is left as it is for the operators to look at", as[*airlock.IntegrityError], nil},
	{codePrecondition, http.StatusPreconditionFailed, "Not at that version", "It is not at the version named in the request; read it again", is(airlock.ErrPrecondition), nil},
	{codeBodyTooLarge, http.StatusRequestEntityTooLarge, "Body too large", "The body is too large", nil, showEdge},
	{codeRecordTooLarge, http.StatusRequestEntityTooLarge, "Record too large", "The request's record would become too large; use fewer files or shorter names and texts", is(airlock.ErrTooLarge), nil},
	{codeMediaType, http.StatusUnsupportedMediaType, "Unsupported media type", "The body has to be application/json without Content-Encoding", nil, nil},

	{codeInvalid, http.StatusUnprocessableEntity, "Invalid request", "The request is not valid", as[*airlock.InvalidError], showInvalid},
	{codeBadPage, http.StatusUnprocessableEntity, "Not a page of this list", "page is not the nextPage of this list", is(airlock.ErrBadToken), nil},
	{codePolicy, http.StatusUnprocessableEntity, "Policy violated", "The workspace's policy is violated", as[*airlock.PolicyError], showPolicy},
	{codeTooManyToSort, http.StatusUnprocessableEntity, "Too many to sort", "More than 1,000 requests match; narrow the filter, or list without order_by (newest first)", nil, nil},

	{codeDamaged, http.StatusInternalServerError, "Record damaged", "The stored record is not as this service wrote it. Nothing is done and nothing of it is shown until an operator of the TRE has looked", damaged, nil},
	{codeRate, http.StatusTooManyRequests, "Too many requests", "You have done this as often as the workspace's policy allows; try again later", quota(true), showQuota},

	{codeStorage, http.StatusServiceUnavailable, "Storage not available", "State Store endpoint is not responding", unavailable, showFault},
	{codeKeys, http.StatusServiceUnavailable, "Token keys not available", "The token cannot be checked now; try again", is(identity.ErrUnavailable), nil},

	{codeUnexpected, http.StatusInternalServerError, "Unexpected", "Unable to process request", func(error) bool { return true }, nil},
}

// kindOf finds the row of an error.
func kindOf(err error) kind {
	var edge *edgeError
	isEdge := errors.As(err, &edge)
	for _, k := range kinds {
		if isEdge && k.code == edge.code || !isEdge && k.match != nil && k.match(err) {
			return k
		}
	}
	return kinds[len(kinds)-1]
}

// kindFor finds the row of a code; the code is one of the constants above.
func kindFor(code string) kind { return kindOf(&edgeError{code: code}) }

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// damaged are records that somebody else wrote, changed or put back.
func damaged(err error) bool {
	fault, ok := errors.AsType[*airlock.Fault](err)
	return ok && fault.Code == airlock.StateDamaged || as[*airlock.DamageError](err)
}

// quota are bounds of the policy that a person has reached: those that waiting
// helps with, or the others.
func quota(waiting bool) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*airlock.QuotaError](err)
		return ok && (e.After > 0) == waiting
	}
}

func showQuota(err error, p *Problem) {
	if e, ok := errors.AsType[*airlock.QuotaError](err); ok {
		p.Detail, p.Rule = e.Reason, e.Rule
		if e.After > 0 {
			p.header.Set("Retry-After", strconv.Itoa(int(e.After.Seconds()+0.999)))
		}
	}
}

// unavailable are faults that pass, or that an operator mends; and a call that
// ran out of time. A permanent fault is ours: unexpected.
func unavailable(err error) bool {
	var fault *airlock.Fault
	if errors.As(err, &fault) {
		return fault.Kind != airlock.Permanent
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func showEdge(err error, p *Problem) {
	var edge *edgeError
	if errors.As(err, &edge) {
		if edge.detail != "" {
			p.Detail = edge.detail
		}
		p.Violations = edge.violations
	}
}

// showInvalid names everything that is wrong with the body of a PUT.
func showInvalid(err error, p *Problem) {
	showEdge(err, p)
	e, ok := errors.AsType[*airlock.InvalidError](err)
	if !ok {
		return
	}
	p.Detail = e.Violations[0].Message
	for _, v := range e.Violations {
		p.Violations = append(p.Violations, violation{Rule: v.Rule, Location: "body." + v.Member, Message: v.Message})
	}
}

// showAllowed says what may still be done with the list of requests (RFC 9110 §15.5.6).
func showAllowed(_ error, p *Problem) { p.header.Set("Allow", "GET, HEAD, OPTIONS") }

func showStatus(err error, p *Problem) {
	if e, ok := errors.AsType[*airlock.StatusError](err); ok {
		p.Detail, p.Rule = e.Reason, e.Rule
	}
}

// showFault tells the faults that are no trouble of the store.
func showFault(err error, p *Problem) {
	f, ok := errors.AsType[*airlock.Fault](err)
	switch {
	case ok && f.Code == airlock.ClearingUp:
		p.Detail = "What the failed step left behind is being deleted; try again in a few seconds."
	case ok && f.Code == airlock.UnreadableRow:
		p.Detail = "What is stored here is not valid; the service's operators have to mend it."
	}
}

// showMissing names the findings to acknowledge.
func showMissing(err error, p *Problem) {
	if e, ok := errors.AsType[*airlock.UnacknowledgedError](err); ok {
		for _, v := range e.Missing {
			p.Violations = append(p.Violations, violation{Rule: v.Rule, Location: v.Member, Message: v.Message})
		}
	}
}

func showRefusal(err error, p *Problem) {
	if e, ok := errors.AsType[*airlock.RefusedError](err); ok {
		p.Detail, p.Rule = e.Reason, e.Rule
	}
}

// showPolicy names every violated rule; the texts are package airlock's, in the
// wording of the contract where it has one.
func showPolicy(err error, p *Problem) {
	e, ok := errors.AsType[*airlock.PolicyError](err)
	if !ok {
		return
	}
	messages := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		messages[i] = v.Message
		p.Violations = append(p.Violations, violation{Rule: v.Rule, File: v.File, Message: v.Message})
	}
	p.Detail = strings.Join(messages, " ")
}
