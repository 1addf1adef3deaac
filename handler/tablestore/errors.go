package tablestore

import (
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// meanings says what the service's answers mean. An answer that no row fits is
// the operator's: trying again may help once somebody has looked.
var meanings = []azure.Meaning{
	{Status: http.StatusPreconditionFailed, Is: airlock.ErrStale},
	{Status: http.StatusConflict, Codes: []string{"EntityAlreadyExists"}, Is: airlock.ErrExists},
	{Status: http.StatusNotFound, Codes: []string{"ResourceNotFound", "EntityNotFound"}, Is: airlock.ErrNotFound},
	{Status: http.StatusRequestEntityTooLarge, Is: airlock.ErrTooLarge},
	{Status: http.StatusBadRequest, Codes: []string{"EntityTooLarge", "PropertyValueTooLarge", "RequestBodyTooLarge", "KeyValueTooLarge",
		"TooManyProperties", "ContentLengthExceeded"}, Is: airlock.ErrTooLarge},
}

// faultOf turns an error of the SDK into airlock.ErrStale, ErrExists, ErrNotFound,
// ErrTooLarge, wrapped with the operation, or into an *airlock.Fault. nil stays nil.
func (s *Store) faultOf(operation string, err error) error {
	if refused, ok := refusalOf(err); ok {
		err = refused
	}
	return azure.Fault(operation, s.account, err, meanings)
}

func (s *Store) fault(kind airlock.FaultKind, code, operation string, err error) error {
	return &airlock.Fault{Kind: kind, Code: code, Operation: operation, Account: s.account, Err: err}
}

// unreadable reports a row that this program does not understand. An operator
// has to look: it was written by a newer version, or, if its seal does not hold, by a
// stranger.
func (s *Store) unreadable(operation string, err error) error {
	if _, damaged := errors.AsType[*damage](err); damaged {
		return s.fault(airlock.Operator, airlock.StateDamaged, operation, err)
	}
	return s.fault(airlock.Operator, airlock.UnreadableRow, operation, err)
}

// refusal is the service's error answer.
type refusal struct {
	azure.Answer
	// failed is the index of the operation of a transaction that was refused, -1
	// when it is not known.
	failed int
}

// Unwrap makes a refusal an *azure.Answer for errors.As.
func (r *refusal) Unwrap() error { return &r.Answer }

// refusalOf finds what the service said, also inside a transaction's answer: a
// refused transaction is a 202 without a code, and the real status is in its
// multipart body.
func refusalOf(err error) (*refusal, bool) {
	said, ok := azure.AnswerOf(err)
	if !ok {
		return nil, false
	}
	r := &refusal{Answer: *said, failed: -1}
	if e, ok := errors.AsType[*azcore.ResponseError](err); ok && e.RawResponse != nil && r.Status == http.StatusAccepted {
		r.readParts(batchParts(e.RawResponse))
	}
	return r, true
}
