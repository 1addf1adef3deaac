package azure

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"regexp"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/handler/airlock"
)

// withoutAnswer judges an error that is no answer of the service. The identity's
// refusals come first: they hold an answer too, but of another service.
func withoutAnswer(err error) (airlock.FaultKind, string, error) {
	why := harmless(err)
	switch {
	case errors.Is(err, context.Canceled):
		return airlock.Transient, "Cancelled", why
	case hasType(err, identityUnavailable):
		return airlock.Operator, "CredentialUnavailable", errors.New("no identity can be used here")
	}
	if auth, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		why = &cause{text: "the identity endpoint gave no token", is: why.is}
		if r := auth.RawResponse; r != nil && !identityBusy(r.StatusCode) {
			return airlock.Operator, "IdentityRefused", why
		}
		return airlock.Transient, "IdentityUnavailable", why
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return airlock.Operator, "NoSuchHost", why
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return airlock.Operator, "CertificateRefused", why
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return airlock.Transient, "TimedOut", why
	}
	return airlock.Transient, "ConnectionFailed", why
}

// identityBusy reports whether the identity endpoint asks to be called again. 404
// and 410 are what it answers while it is being updated
// (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
// "Retry guidance").
func identityBusy(status int) bool {
	return busy(status) || status == http.StatusNotFound || status == http.StatusGone || status == http.StatusNotImplemented
}

// identityUnavailable is how azidentity says that there is no identity at all. It
// exports a constructor but not the type, and its marker NonRetriable stands for
// other errors too, a connection that broke within a body among them.
var identityUnavailable = reflect.TypeOf(azidentity.NewCredentialUnavailableError(""))

// hasType reports whether an error in err's tree has that type.
func hasType(err error, want reflect.Type) bool {
	if reflect.TypeOf(err) == want {
		return true
	}
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		return inner != nil && hasType(inner, want)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if hasType(inner, want) {
				return true
			}
		}
	}
	return false
}

// cause is the part of an error that is kept: a text that is safe in a log, and
// whether the caller's context ended it.
type cause struct {
	text string
	is   error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.is }

// A URL's path names a file and its query may hold a signature. Transport errors
// quote URLs, and services quote headers they do not like, x-ms-copy-source among
// them.
var (
	urls       = regexp.MustCompile(`(https?://[^\s"'<>/?]*)[^\s"'<>]*`)
	signatures = regexp.MustCompile(`(?i)\bsig=[^\s"'<>&]*`)
)

func harmless(err error) *cause {
	c := &cause{}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			c.is = ended
		}
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // without the URL, which names a file
	}
	c.text = signatures.ReplaceAllString(urls.ReplaceAllString(err.Error(), "$1/…"), "sig…")
	return c
}
