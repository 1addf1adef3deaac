package azure

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"example.org/airlock/handler/airlock"
)

// Meaning says what one kind of answer of a service means. The zero Status and nil
// Codes fit every answer.
type Meaning struct {
	Status int
	Codes  []string // the service's error codes; "" is an answer without one
	// Is is the airlock's own word for the answer, such as airlock.ErrGone. Without
	// it the answer is an *airlock.Fault of the kind.
	Is   error
	Kind airlock.FaultKind
}

func (m Meaning) fits(a *Answer) bool {
	return (m.Status == 0 || m.Status == a.Status) && (m.Codes == nil || slices.Contains(m.Codes, a.Code))
}

// Fault translates an error of an Azure client, the network or the credential.
//
// The first of the meanings that fits an answer counts. An answer of a busy or
// broken service (408, 429, 5xx without 501) that no meaning names by status or
// code is transient. Every other answer that no meaning fits is an operator fault:
// somebody should look, and nothing ends for good because of it.
//
// The result is nil for nil, an *airlock.Fault that err holds already, an error
// that wraps a Meaning's Is, or a new *airlock.Fault. It tells the caller's own
// context.Canceled and context.DeadlineExceeded by errors.Is, and keeps nothing
// else of err but a text without addresses, signatures and bodies.
func Fault(operation, account string, err error, meanings []Meaning) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*airlock.Fault](err); ok {
		return known
	}
	f := &airlock.Fault{Operation: operation, Account: account}
	a, ok := AnswerOf(err)
	if !ok {
		f.Kind, f.Code, f.Err = withoutAnswer(err)
		return f
	}
	m := meaningOf(a, meanings)
	if m.Is != nil {
		return fmt.Errorf("%s on %s: %w", operation, account, m.Is)
	}
	f.Kind, f.Code, f.After, f.Err = m.Kind, a.Name(), a.After, a
	return f
}

// meaningOf prefers a service's own meaning of this very answer to the one that all services
// have in common, and that to a service's meaning of all answers.
func meaningOf(a *Answer, meanings []Meaning) Meaning {
	for _, m := range meanings {
		if m.fits(a) && (m.Status != 0 || m.Codes != nil) {
			return m
		}
	}
	if busy(a.Status) {
		return Meaning{Kind: airlock.Transient}
	}
	for _, m := range meanings {
		if m.fits(a) {
			return m
		}
	}
	return Meaning{Kind: airlock.Operator}
}

func busy(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests ||
		status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}
