package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Problem is an error that the API answered (RFC 9457). Code is stable.
type Problem struct {
	Status     int             `json:"status"`
	Title      string          `json:"title"`
	Detail     string          `json:"detail"`
	Code       string          `json:"code"`
	Rule       string          `json:"rule"`
	Violations []Violation     `json:"violations"`
	Raw        json.RawMessage `json:"-"`
	RetryAfter time.Duration   `json:"-"`
}

// Violation is one rule that was broken.
type Violation struct {
	Rule     string `json:"rule"`
	File     string `json:"file"`
	Location string `json:"location"`
	Message  string `json:"message"`
}

// Codes of problems that programs act on.
const (
	CodePolicy       = "policy_violation"
	CodeNoReceipt    = "no_receipt_yet"
	CodeNotNow       = "not_now"
	CodeWrongStatus  = "wrong_status"
	CodeNoRoute      = "no_such_route"
	CodeRoleMissing  = "role_missing"
	CodePrecondition = "precondition_failed"
	// CodeUnacknowledged: an approval has to acknowledge the gates' findings.
	CodeUnacknowledged = "findings_not_acknowledged"
)

// Error implements error.
func (p *Problem) Error() string {
	if p.Code == "" {
		return fmt.Sprintf("%s (HTTP %d)", p.Detail, p.Status)
	}
	return fmt.Sprintf("%s (%s)", p.Detail, p.Code)
}

// problemOf reads a refusal. An answer that is no problem document comes from something
// in between: a gateway, a proxy, another service.
func problemOf(a Answer) *Problem {
	p := &Problem{}
	if json.Unmarshal(a.Raw, p) != nil || p.Code == "" {
		*p = Problem{Title: http.StatusText(a.Status), Detail: "The answer is not the airlock's: " + http.StatusText(a.Status)}
		if place := a.Header.Get("Location"); place != "" {
			p.Detail = "The address leads elsewhere; use the address of the airlock's API itself"
		}
	} else {
		p.Raw = a.Raw
	}
	p.Status = a.Status
	if seconds, err := strconv.Atoi(strings.TrimSpace(a.Header.Get("Retry-After"))); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}

// NetworkError says that no answer came.
type NetworkError struct {
	Host string
	Err  error
}

// Error implements error.
func (e *NetworkError) Error() string { return fmt.Sprintf("%s cannot be reached: %v", e.Host, e.Err) }

// Unwrap returns the cause.
func (e *NetworkError) Unwrap() error { return e.Err }

// SignInError says that there is no token, and what gets one.
type SignInError struct {
	Why string
	Err error // may be nil
}

// Error implements error.
func (e *SignInError) Error() string {
	if e.Err != nil {
		return e.Why + ": " + e.Err.Error()
	}
	return e.Why
}

// Unwrap returns the cause.
func (e *SignInError) Unwrap() error { return e.Err }
