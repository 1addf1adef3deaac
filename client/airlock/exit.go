package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.org/airlock/client"
	"example.org/airlock/client/blobs"
)

// The exit codes; `airlock help exit-codes` shows them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnavailable = 3
	exitSignIn      = 4
	exitForbidden   = 5
	exitNotFound    = 6
	exitViolated    = 7
	exitPending     = 8
	exitChanged     = 9
	exitOtherEnd    = 10
	exitUnverified  = 11
	exitUnreachable = 12
	exitInterrupted = 130
)

const exitCodes = `  0  done
  1  other failure
  2  wrong usage
  3  the service or the network is not available
  4  sign in first
  5  not permitted
  6  there is no such thing
  7  the workspace's rules are violated
  8  still pending when --timeout ended
  9  somebody changed it meanwhile
 10  ended otherwise than hoped
 11  verification failed: hash, signature or chain
 12  the files cannot be reached from this network
130  interrupted
`

// exitError is an error whose exit code the command itself knows.
type exitError struct {
	code int
	err  error
}

// Error implements error.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// errSaid ends the program with a code, when everything was said already.
var errSaid = errors.New("")

func fail(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

// wrongUsage is a call that cannot be meant.
func wrongUsage(format string, args ...any) error { return fail(exitUsage, format, args...) }

// codeOf is the exit code of an error.
func codeOf(err error) int {
	if err == nil {
		return exitDone
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	if p, ok := errors.AsType[*client.Problem](err); ok {
		return codeOfProblem(p)
	}
	if s, ok := errors.AsType[*blobs.StorageError](err); ok && s.Status >= http.StatusInternalServerError {
		return exitUnavailable
	}
	switch {
	case as[*client.SignInError](err):
		return exitSignIn
	case as[*client.NetworkError](err), errors.Is(err, context.DeadlineExceeded):
		return exitUnavailable
	case as[*blobs.UnreachableError](err):
		return exitUnreachable
	case as[*blobs.MismatchError](err):
		return exitUnverified
	case as[*blobs.ExistsError](err):
		return exitChanged
	}
	return exitFailed
}

func codeOfProblem(p *client.Problem) int {
	if p.Code == client.CodePolicy || p.Code == client.CodeUnacknowledged {
		return exitViolated
	}
	switch p.Status {
	case http.StatusUnauthorized:
		return exitSignIn
	case http.StatusForbidden:
		return exitForbidden
	case http.StatusNotFound:
		return exitNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return exitChanged
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return exitUnavailable
	}
	return exitFailed
}

func as[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// report prints an error for people and, with -o json, the problem for programs.
func (a *app) report(err error) {
	if err == nil || errors.Is(err, errSaid) {
		return
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.stderr, "airlock: interrupted")
		return
	}
	p, isProblem := errors.AsType[*client.Problem](err)
	if isProblem && len(p.Violations) > 0 && codeOf(err) == exitViolated {
		a.violations(p.Violations)
	}
	text := visible(redact(strings.TrimSpace(err.Error())))
	if more := advice(err); more != "" {
		text += "\n" + more
	}
	fmt.Fprint(a.stderr, a.fitting(a.stderr, "airlock: "+text+"\n", 0))
	if isProblem && p.Raw != nil && (a.flags.output == "json" || a.flags.output == "jsonl") {
		fmt.Fprintln(a.stdout, strings.TrimSpace(string(p.Raw)))
	}
}

// violations prints every broken rule, one a line.
func (a *app) violations(all []client.Violation) {
	for _, v := range all {
		fmt.Fprintf(a.stderr, "%s\t%s\t%s\n", visible(first(v.File, v.Location)), v.Rule, visible(v.Message))
	}
}
