package events

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
)

func TestOutcomeFor(t *testing.T) {
	fault := func(kind airlock.FaultKind) error {
		return fmt.Errorf("advance: %w", &airlock.Fault{Kind: kind, Err: errors.New("x")})
	}
	tests := []struct {
		name string
		err  error
		want outcome
	}{
		{"done", nil, ack},
		{"foreign container", errForeign, ack},
		{"malformed", malformed("x"), park},
		{"lost a race", fmt.Errorf("advance: %w", airlock.ErrStale), retry},
		{"storage is busy", fault(airlock.Transient), retry},
		{"a role assignment is missing", fault(airlock.Operator), retry},
		{"never", fault(airlock.Permanent), park},
		{"unknown kind of fault", fault("new"), retry},
		{"unknown request", airlock.ErrNotFound, park},
		{"unknown workspace", airlock.ErrNoWorkspace, park},
		{"record too large", airlock.ErrTooLarge, park},
		{"other evidence there", airlock.ErrImmutable, park},
		{"tampering", &airlock.IntegrityError{}, park},
		{"old event", &airlock.TransitionError{From: airlock.Approved, On: airlock.TriggerGatesPassed}, ack},
		{"not in this status", &airlock.StatusError{}, ack},
		{"refused", &airlock.RefusedError{}, park},
		{"violates the policy", &airlock.PolicyError{}, park},
		{"out of time", context.DeadlineExceeded, retry},
		{"container gone in between", airlock.ErrGone, retry},
		{"anything unforeseen", errors.New("boom"), retry},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want.String(), outcomeFor(tt.err).String())
		})
	}
	assert.Equal(t, retry, outcome(0), "the zero value asks for redelivery")
}

func TestACauseShowsNoAddresses(t *testing.T) {
	secret := errors.New(`Put "https://a.blob.core.windows.net/c?sig=SECRET": refused`)
	for _, err := range []error{secret, &airlock.Fault{Kind: airlock.Permanent, Code: "X", Operation: "copy blob", Account: "a", Err: secret}} {
		assert.NotContains(t, safeCause(err), "SECRET")
	}
}
