package tablestore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/handler/airlock"
)

// meanings is the table of what the service's answers mean: the first row that
// fits counts. An answer that no row fits is the operator's: trying again may
// help once somebody has looked, and nothing ends for good because of the store.
var meanings = []struct {
	status int      // 0: any
	codes  []string // nil: any
	is     error    // a rule of the store, or
	kind   airlock.FaultKind
}{
	{status: http.StatusPreconditionFailed, is: airlock.ErrStale},
	{status: http.StatusConflict, codes: []string{"EntityAlreadyExists"}, is: airlock.ErrExists},
	{status: http.StatusNotFound, codes: []string{"ResourceNotFound", "EntityNotFound"}, is: airlock.ErrNotFound},
	{status: http.StatusRequestEntityTooLarge, is: airlock.ErrTooLarge},
	{status: http.StatusBadRequest, codes: []string{"EntityTooLarge", "PropertyValueTooLarge", "RequestBodyTooLarge", "KeyValueTooLarge",
		"TooManyProperties", "ContentLengthExceeded"}, is: airlock.ErrTooLarge},
	{status: http.StatusRequestTimeout, kind: airlock.Transient},
	{status: http.StatusTooManyRequests, kind: airlock.Transient},
	{status: http.StatusInternalServerError, kind: airlock.Transient},
	{status: http.StatusBadGateway, kind: airlock.Transient},
	{status: http.StatusServiceUnavailable, kind: airlock.Transient},
	{status: http.StatusGatewayTimeout, kind: airlock.Transient},
}

// answer is what the service said instead of doing it.
type answer struct {
	status int
	code   string
	// failed is the index of the operation of a transaction that was refused, -1
	// when it is not known.
	failed int
	after  time.Duration
	id     string // the service's name for the request, for a support case
}

func (a *answer) Error() string {
	return fmt.Sprintf("the service answered %d %s (request %s)", a.status, a.code, a.id)
}

// judge turns an error of the SDK into airlock.ErrStale, ErrExists, ErrNotFound,
// ErrTooLarge, wrapped with the operation, or into an *airlock.Fault. nil stays nil.
func (s *Store) judge(operation string, err error) error {
	if err == nil {
		return nil
	}
	said, ok := answerOf(err)
	if !ok {
		return s.judgeSilence(operation, err)
	}
	for _, m := range meanings {
		if m.status != said.status || m.codes != nil && !slices.Contains(m.codes, said.code) {
			continue
		}
		if m.is != nil {
			return fmt.Errorf("tablestore: %s: %w", operation, m.is)
		}
		return s.fault(m.kind, said.code, operation, said, said.after)
	}
	return s.fault(airlock.Operator, said.code, operation, said, said.after)
}

func (s *Store) fault(kind airlock.FaultKind, code, operation string, err error, after time.Duration) error {
	return &airlock.Fault{Kind: kind, Code: code, Operation: operation, Account: s.account, After: after, Err: err}
}

// unreadable reports a row that this program does not understand. An operator
// has to look: it was written by a newer version, or by a stranger.
func (s *Store) unreadable(operation string, err error) error {
	return s.fault(airlock.Operator, airlock.UnreadableRow, operation, err, 0)
}

// judgeSilence judges errors that are not an answer of the table service.
func (s *Store) judgeSilence(operation string, err error) error {
	var identity *azidentity.AuthenticationFailedError
	var unavailable interface{ NonRetriable() } // how azcore marks what no try can mend, like a missing identity
	var name *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return s.fault(airlock.Transient, "Cancelled", operation, context.Canceled, 0)
	case errors.As(err, &identity):
		// Its own text holds an address with a query.
		kind, said := airlock.Operator, "no answer"
		if identity.RawResponse == nil {
			kind = airlock.Transient
		} else {
			said = strconv.Itoa(identity.RawResponse.StatusCode)
			if c := identity.RawResponse.StatusCode; c >= 500 || c == http.StatusTooManyRequests || c == http.StatusRequestTimeout || c == http.StatusGone {
				kind = airlock.Transient
			}
		}
		return s.fault(kind, "AuthenticationFailed", operation, fmt.Errorf("the identity endpoint gave no token: %s", said), 0)
	case errors.As(err, &unavailable):
		return s.fault(airlock.Operator, "CredentialUnavailable", operation, errors.New("no identity can be used here"), 0)
	case errors.Is(err, context.DeadlineExceeded):
		return s.fault(airlock.Transient, "Timeout", operation, context.DeadlineExceeded, 0)
	case errors.As(err, &name) && name.IsNotFound:
		return s.fault(airlock.Operator, "NoSuchHost", operation, name, 0)
	}
	// An error of net/http names the whole address with its query: only its
	// cause is kept.
	var get *url.Error
	if errors.As(err, &get) {
		err = get.Err
	}
	return s.fault(airlock.Transient, "NoAnswer", operation, err, 0)
}

// answerOf finds what the service said, also inside a transaction's answer: a
// refused transaction is a 202 without a code, and the real status is in its
// multipart body.
func answerOf(err error) (*answer, bool) {
	var e *azcore.ResponseError
	if !errors.As(err, &e) {
		return nil, false
	}
	a := &answer{status: e.StatusCode, code: e.ErrorCode, failed: -1}
	if e.RawResponse != nil {
		a.id = e.RawResponse.Header.Get("x-ms-request-id")
		a.after = retryAfter(e.RawResponse.Header)
		if a.status == http.StatusAccepted {
			a.readRefusal(bodyOf(e.RawResponse))
		}
	}
	if a.code == "" {
		a.code = strconv.Itoa(a.status)
	}
	return a, true
}

func retryAfter(h http.Header) time.Duration {
	for name, unit := range map[string]time.Duration{"Retry-After-Ms": time.Millisecond, "X-Ms-Retry-After-Ms": time.Millisecond, "Retry-After": time.Second} {
		if n, err := strconv.Atoi(h.Get(name)); err == nil && n > 0 {
			return time.Duration(n) * unit
		}
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
