package identity

import "errors"

// The errors of Verify and of the audience checks. The texts that callers see
// are chosen where the error meets them.
var (
	// ErrMissing means there is no bearer token: no header, or another scheme.
	ErrMissing = errors.New("identity: no bearer token")
	// ErrExpired means a genuine token is past its end.
	ErrExpired = errors.New("identity: token expired")
	// ErrSignature means the token was not signed with the key it names.
	ErrSignature = errors.New("identity: signature does not match")
	// ErrInvalid means anything else is wrong with the token: its form, algorithm,
	// key, issuer, audience, a claim that is missing or not to be had yet.
	ErrInvalid = errors.New("identity: invalid token")
	// ErrUnavailable means the issuer's keys could not be fetched and none are
	// known: the token may be good, and the caller should try again.
	ErrUnavailable = errors.New("identity: the issuer's keys are not available")
)
